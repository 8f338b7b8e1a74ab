// Signs statements as ALMS does, with P-256 keys that PSA makes: the other half of what agent/alms
// verifies, for tests alone.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <psa/crypto.h>

#include "agent/alms/keys.hpp"
#include "agent/core/statement.hpp"

namespace oobm::alms::testing {

using Json = nlohmann::json;

inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += alphabet[bits >> (held - 6) & 63U];
  }
  if (held > 0) text += alphabet[bits << (6 - held) & 63U];
  return text;
}

class Signer {
 public:
  explicit Signer(std::string key_id) {
    check(psa_crypto_init());
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    check(psa_generate_key(&attributes, &id_));
    std::array<std::uint8_t, 65> point{};
    std::size_t length = 0;
    check(psa_export_public_key(id_, point.data(), point.size(), &length));
    key_.id = std::move(key_id);
    std::copy_n(point.begin() + 1, 32, key_.x.begin());
    std::copy_n(point.begin() + 33, 32, key_.y.begin());
  }
  ~Signer() { psa_destroy_key(id_); }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  [[nodiscard]] const core::SigningKey& key() const { return key_; }

  [[nodiscard]] Json jwk() const {
    return {{"kid", key_.id},
            {"kty", "EC"},
            {"crv", "P-256"},
            {"x", base64url(bytes_of(key_.x))},
            {"y", base64url(bytes_of(key_.y))}};
  }

  [[nodiscard]] Json header(std::string_view type) const {
    return {{"alg", "ES256"}, {"typ", type}, {"kid", key_.id}};
  }

  [[nodiscard]] std::string sign(std::string_view type, const Json& claims) const {
    return sign_text(header(type).dump(), claims.dump());
  }

  // Any header and payload, as text, so that what is not valid can be signed too.
  [[nodiscard]] std::string sign_text(std::string_view header, std::string_view payload) const {
    return sign_input(base64url(header) + "." + base64url(payload));
  }

  [[nodiscard]] std::string sign_input(const std::string& input) const {
    std::array<std::uint8_t, 32> hash{};
    std::array<std::uint8_t, 64> signature{};
    std::size_t length = 0;
    check(psa_hash_compute(PSA_ALG_SHA_256, reinterpret_cast<const std::uint8_t*>(input.data()),
                           input.size(), hash.data(), hash.size(), &length));
    check(psa_sign_hash(id_, PSA_ALG_ECDSA(PSA_ALG_SHA_256), hash.data(), hash.size(),
                        signature.data(), signature.size(), &length));
    return input + "." + base64url(bytes_of(signature));
  }

 private:
  static void check(psa_status_t status) {
    if (status != PSA_SUCCESS) throw std::runtime_error("PSA: " + std::to_string(status));
  }
  static std::string_view bytes_of(const auto& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  psa_key_id_t id_ = PSA_KEY_ID_NULL;
  core::SigningKey key_;
};

// One instance: two roots, two signing keys in use.
struct Authority {
  explicit Authority(std::string instance_id) : instance(std::move(instance_id)) {}

  std::string instance;
  Signer root_1{"root-1"};
  Signer root_2{"root-2"};
  Signer key_1{"key-1"};
  Signer key_2{"key-2"};

  [[nodiscard]] Json trust_claims(std::int64_t version = 1) const {
    return {{"iss", instance},
            {"version", version},
            {"iat", 1'767'225'600},
            {"keys", {key_1.jwk(), key_2.jwk()}}};
  }

  // With the current set adopted.
  [[nodiscard]] KeyRing ring() const {
    auto made = KeyRing::make(instance, {root_1.key(), root_2.key()});
    if (!made) throw std::runtime_error(made.error());
    made->adopt({instance, 1, {1'767'225'600}, {key_1.key(), key_2.key()}});
    return *made;
  }
};

inline Json base_claims() {
  return {{"iss", "na"},
          {"aud", "oobm-agent"},
          {"sub", "XR80NA0000001"},
          {"imei", "490154203237518"},
          {"reg", "r-7d3f"},
          {"seq", 2},
          {"jti", "e-0002"},
          {"iat", 1'767'225'600}};
}

inline Json entitlement_claims() {
  auto claims = base_claims();
  claims["nonce"] = "9f86d081884c7d659a2feaa0c55ad015";
  claims["state"] = "ACTIVE";
  claims["region"] = "NA";
  claims["account"] = {{"id", "acme"},
                       {"name", "Acme Utilities"},
                       {"class", "AVC (Connectivity + Device Management)"}};
  claims["offer"] = {{"name", "AirLink Complete (XR80)"},
                     {"devices", {"XR80"}},
                     {"services", {"DM", "OOBM_CONNECTIVITY"}}};
  claims["billing"] = "prepaid";
  claims["valid_until"] = 1'798'761'600;
  claims["support_until"] = 1'798'761'601;
  claims["warranty_until"] = 1'798'761'602;
  claims["grace_s"] = 86'400;
  claims["data"] = {{"limit_bytes", 262'144'000}, {"period", "month"}};
  return claims;
}

}  // namespace oobm::alms::testing
