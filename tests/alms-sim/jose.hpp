// JOSE as far as ALMS signs with it: P-256 keys, their JWK form (RFC 7517, RFC 7518 section 6.2)
// and ES256 signatures (RFC 7518 section 3.4: r || s, 32 octets each, never DER). Written on
// OpenSSL, with nothing in common with the router's own verifier, so that the two check each other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "tests/alms-sim/error.hpp"

namespace oobm::alms_sim {

using Json = nlohmann::json;

// base64url without padding (RFC 7515 section 2).
std::string base64url_encode(std::string_view bytes);
// Nothing when the text is not base64url.
std::optional<std::string> base64url_decode(std::string_view text);

class KeyPair {
 public:
  // A fresh P-256 key. Throws std::runtime_error when OpenSSL cannot make one.
  static KeyPair generate(std::string kid);
  // Reads an unencrypted PEM private key. Errors: KEY_FILE.
  static Result<KeyPair> load(const std::string& path, std::string kid);

  // Writes the private key as PEM with mode 0600. Errors: KEY_FILE.
  Result<void> save(const std::string& path) const;

  const std::string& kid() const { return kid_; }
  // {"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid","x","y"}
  Json public_jwk() const;
  // The 64 octets r || s.
  std::string sign(std::string_view message) const;
  bool verify(std::string_view message, std::string_view raw_signature) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using Handle = std::unique_ptr<EVP_PKEY, Free>;
  KeyPair(Handle key, std::string kid) : key_(std::move(key)), kid_(std::move(kid)) {}

  Handle key_;
  std::string kid_;
};

// n random octets as lower-case hexadecimal.
std::string random_hex(std::size_t octets);
// From now on random_hex() draws from this seed in this thread, so that a run in virtual time can
// be repeated. Keys and signatures stay unpredictable; nothing is decided by them.
void seed_random_hex(std::uint64_t seed);

}  // namespace oobm::alms_sim
