#include "agent/alms/es256.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <psa/crypto.h>

namespace oobm::alms {
namespace {

constexpr psa_algorithm_t es256 = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t key_bits = 256;

bool psa_ready() {
  static const bool ready = psa_crypto_init() == PSA_SUCCESS;
  return ready;
}

// Uncompressed point: 04 || X || Y (SEC 1 section 2.3.3).
std::array<std::uint8_t, 1 + 2 * coordinate_bytes> encode_point(const core::SigningKey& key) {
  std::array<std::uint8_t, 1 + 2 * coordinate_bytes> point{0x04};
  std::ranges::copy(key.x, point.begin() + 1);
  std::ranges::copy(key.y, point.begin() + 1 + coordinate_bytes);
  return point;
}

// A public key in a volatile PSA slot for the length of one use.
class ImportedKey {
 public:
  explicit ImportedKey(const core::SigningKey& key) {
    if (!psa_ready()) return;
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, key_bits);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, es256);
    const auto point = encode_point(key);
    valid_ = psa_import_key(&attributes, point.data(), point.size(), &id_) == PSA_SUCCESS;
  }
  ~ImportedKey() {
    if (valid_) psa_destroy_key(id_);
  }
  ImportedKey(const ImportedKey&) = delete;
  ImportedKey& operator=(const ImportedKey&) = delete;

  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] psa_key_id_t id() const { return id_; }

 private:
  psa_key_id_t id_ = PSA_KEY_ID_NULL;
  bool valid_ = false;
};

}  // namespace

bool is_p256_point(const core::SigningKey& key) { return ImportedKey(key).valid(); }

bool verify_es256(const core::SigningKey& key, std::string_view input,
                  const Es256Signature& signature) {
  const ImportedKey imported(key);
  if (!imported.valid()) return false;
  std::array<std::uint8_t, PSA_HASH_LENGTH(PSA_ALG_SHA_256)> hash{};
  std::size_t length = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.data());
  if (psa_hash_compute(PSA_ALG_SHA_256, bytes, input.size(), hash.data(), hash.size(), &length) !=
      PSA_SUCCESS)
    return false;
  return psa_verify_hash(imported.id(), es256, hash.data(), length, signature.data(),
                         signature.size()) == PSA_SUCCESS;
}

}  // namespace oobm::alms
