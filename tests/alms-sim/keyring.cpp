#include "tests/alms-sim/keyring.hpp"

#include <filesystem>

#include "tests/alms-sim/files.hpp"
#include "tests/alms-sim/jws.hpp"

namespace oobm::alms_sim {
namespace {

constexpr std::uint64_t first_trust_version = 1;

struct LoadedKey {
  KeyPair key;
  bool fresh = false;
};

Result<LoadedKey> load_or_make(const std::string& folder, const std::string& instance,
                               const std::string& name) {
  const std::string path = folder + "/" + name + ".pem";
  const std::string kid = instance + "-" + name;
  if (std::filesystem::exists(path)) {
    return KeyPair::load(path, kid).transform(
        [](KeyPair key) { return LoadedKey{std::move(key), false}; });
  }
  KeyPair key = KeyPair::generate(kid);
  if (const auto saved = key.save(path); !saved) return std::unexpected(saved.error());
  return LoadedKey{std::move(key), true};
}

std::string root_signed_set(const std::string& instance, std::uint64_t version,
                            const KeyPair& signing, const KeyPair& root, Millis now) {
  const Json header = {{"alg", "ES256"}, {"typ", "oobm-trust"}, {"kid", root.kid()}};
  const Json jwks = Json::array({signing.public_jwk()});
  return compact_jws(header, trust_claims(instance, version, jwks, now), root);
}

}  // namespace

Json trust_claims(const std::string& instance, std::uint64_t version, const Json& jwks,
                  Millis now) {
  return {{"iss", instance},
          {"aud", "oobm-agent"},
          {"version", version},
          {"iat", seconds_count(to_seconds(now))},
          {"keys", jwks}};
}

Result<Keyring> Keyring::open(const std::string& folder, const std::string& instance, Millis now) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  auto root_1 = load_or_make(folder, instance, "root-1");
  auto root_2 = load_or_make(folder, instance, "root-2");
  auto signing = load_or_make(folder, instance, "signing");
  for (const auto* key : {&root_1, &root_2, &signing}) {
    if (!*key) return std::unexpected(key->error());
  }
  const std::string trust_path = folder + "/trust.jws";
  std::string trust = read_file(trust_path).value_or("");
  if (trust.empty() || root_1->fresh || signing->fresh) {
    trust = root_signed_set(instance, first_trust_version, signing->key, root_1->key, now);
    if (auto saved = write_file(trust_path, trust); !saved) return std::unexpected(saved.error());
  }
  return Keyring{instance,
                 {std::move(root_1->key), std::move(root_2->key)},
                 std::move(signing->key),
                 std::move(trust)};
}

Keyring Keyring::generate(const std::string& instance, Millis now) {
  auto root = KeyPair::generate(instance + "-root-1");
  auto signing = KeyPair::generate(instance + "-signing");
  auto trust = root_signed_set(instance, first_trust_version, signing, root, now);
  return {instance,
          {std::move(root), KeyPair::generate(instance + "-root-2")},
          std::move(signing),
          std::move(trust)};
}

void Keyring::rotate(Millis now) {
  ++version_;
  signing_ = KeyPair::generate(instance_ + "-signing-" + std::to_string(version_));
  trust_ = root_signed_set(instance_, version_, signing_, roots_[0], now);
}

Result<const KeyPair*> Keyring::find(const std::string& name) const {
  if (name == "signing") return &signing_;
  if (name == "root-1") return roots_.data();
  if (name == "root-2") return &roots_[1];
  return fail("KEY_NAME",
              "There is no key \"" + name + "\": use signing, root-1, root-2 or other.");
}

Json Keyring::public_part() const {
  return {{"roots", {roots_[0].public_jwk(), roots_[1].public_jwk()}}, {"trust", trust_}};
}

}  // namespace oobm::alms_sim
