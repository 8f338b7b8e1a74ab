#include "tests/alms-sim/package_signing.hpp"

#include <array>
#include <filesystem>

#include "tests/alms-sim/files.hpp"
#include "tests/alms-sim/jws.hpp"

namespace oobm::alms_sim {
namespace {

std::string sha256_hex(std::string_view contents) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(contents.data(), contents.size(), digest.data(), &length, EVP_sha256(), nullptr) !=
      1)
    throw std::runtime_error("OpenSSL has no SHA-256.");
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[digest.at(i) >> 4U];
    text += digits[digest.at(i) & 15U];
  }
  return text;
}

}  // namespace

Result<KeyPair> package_key(const std::string& folder, const std::string& instance) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  const std::string path = folder + "/package.pem";
  const std::string kid = instance + "-package";
  if (std::filesystem::exists(path)) return KeyPair::load(path, kid);
  KeyPair key = KeyPair::generate(kid);
  if (const auto saved = key.save(path); !saved) return std::unexpected(saved.error());
  return key;
}

Json manifest_claims(const std::string& instance, const PackageFacts& facts,
                     std::string_view contents, Millis now) {
  Json claims = {{"iss", instance},
                 {"aud", "oobm-agent"},
                 {"name", facts.name},
                 {"version", facts.version},
                 {"arch", facts.architecture},
                 {"size", contents.size()},
                 {"sha256", sha256_hex(contents)},
                 {"min_agent", facts.min_agent},
                 {"iat", seconds_count(to_seconds(now))}};
  if (facts.downgrade) claims["downgrade"] = true;
  return claims;
}

std::string sign_manifest(const Json& claims, const KeyPair& key) {
  return compact_jws({{"alg", "ES256"}, {"typ", "oobm-package"}, {"kid", key.kid()}}, claims, key);
}

}  // namespace oobm::alms_sim
