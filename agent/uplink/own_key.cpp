#include "agent/uplink/own_key.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <mbedtls/pem.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <psa/crypto.h>

#include "agent/uplink/certificate_judge.hpp"
#include "agent/uplink/tls_identity.hpp"

namespace oobm::uplink {
namespace {

constexpr std::size_t private_bytes = 32;
constexpr std::size_t public_bytes = 65;  // 0x04, x, y
constexpr std::size_t max_pem_bytes = 2048;

// PrivateKeyInfo of a P-256 key up to the private number, and from there to the public point: every
// length in it is fixed (RFC 5958 section 2 around RFC 5915 section 3).
constexpr std::array<unsigned char, 36> before_private{
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00,                          // SEQUENCE, version 0
    0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,  // id-ecPublicKey,
    0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01,  // prime256v1
    0x07, 0x04, 0x6D, 0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20};
constexpr std::array<unsigned char, 5> before_public{0xA1, 0x44, 0x03, 0x42, 0x00};
using KeyInfo = std::array<unsigned char, before_private.size() + private_bytes +
                                              before_public.size() + public_bytes>;

class Key {
 public:
  Key() { mbedtls_pk_init(&key_); }
  ~Key() { mbedtls_pk_free(&key_); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  mbedtls_pk_context* get() { return &key_; }

 private:
  mbedtls_pk_context key_;
};

class Certificate {
 public:
  explicit Certificate(const std::string& pem) {
    mbedtls_x509_crt_init(&certificate_);
    const auto* text = reinterpret_cast<const unsigned char*>(pem.c_str());
    good_ = mbedtls_x509_crt_parse(&certificate_, text, pem.size() + 1) == 0;
  }
  ~Certificate() { mbedtls_x509_crt_free(&certificate_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  bool good() const { return good_; }
  mbedtls_x509_crt& operator*() { return certificate_; }

 private:
  mbedtls_x509_crt certificate_;
  bool good_ = false;
};

// Both halves of a new key, in their places.
bool generate(KeyInfo& info) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_bits(&attributes, 256);
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
  psa_key_id_t key = 0;
  if (!tls_random_ready() || psa_generate_key(&attributes, &key) != PSA_SUCCESS) return false;
  auto* at = std::ranges::copy(before_private, info.data()).out;
  std::size_t size = 0;
  bool good = psa_export_key(key, at, private_bytes, &size) == PSA_SUCCESS && size == private_bytes;
  at = std::ranges::copy(before_public, at + private_bytes).out;
  good = good && psa_export_public_key(key, at, public_bytes, &size) == PSA_SUCCESS &&
         size == public_bytes;
  psa_destroy_key(key);
  return good;
}

std::string name_text(const mbedtls_x509_name& name) {
  std::array<char, 512> text{};
  const int size = mbedtls_x509_dn_gets(text.data(), text.size(), &name);
  return size > 0 ? std::string(text.data()) : std::string();
}

std::string key_text(const mbedtls_pk_context& key) {
  const bool rsa = mbedtls_pk_can_do(&key, MBEDTLS_PK_RSA) != 0;
  return (rsa ? "RSA " : "EC ") + std::to_string(mbedtls_pk_get_bitlen(&key));
}

bool is_plain(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, plain);
}

std::string write_request(mbedtls_pk_context& key, const std::string& subject) {
  mbedtls_x509write_csr request;
  mbedtls_x509write_csr_init(&request);
  mbedtls_x509write_csr_set_md_alg(&request, MBEDTLS_MD_SHA256);
  mbedtls_x509write_csr_set_key(&request, &key);
  std::array<unsigned char, max_pem_bytes> pem{};
  const bool good =
      mbedtls_x509write_csr_set_subject_name(&request, subject.c_str()) == 0 &&
      mbedtls_x509write_csr_pem(&request, pem.data(), pem.size(), &tls_random, nullptr) == 0;
  mbedtls_x509write_csr_free(&request);
  return good ? std::string(reinterpret_cast<const char*>(pem.data())) : std::string();
}

}  // namespace

std::expected<std::string, Failure> make_private_key() {
  KeyInfo info{};
  std::array<unsigned char, max_pem_bytes> pem{};
  std::size_t size = 0;
  const bool good =
      generate(info) &&
      mbedtls_pem_write_buffer("-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n",
                               info.data(), info.size(), pem.data(), pem.size(), &size) == 0;
  std::string text(good ? reinterpret_cast<const char*>(pem.data()) : "");
  mbedtls_platform_zeroize(info.data(), info.size());
  mbedtls_platform_zeroize(pem.data(), pem.size());
  if (!good) return std::unexpected(failure(Code::local_error, "a key could not be made"));
  return text;
}

void wipe(std::string& secret) {
  mbedtls_platform_zeroize(secret.data(), secret.size());
  secret.clear();
}

std::expected<std::string, Failure> make_certificate_request(const std::filesystem::path& key_file,
                                                             std::string_view common_name) {
  if (!is_plain(common_name))
    return std::unexpected(failure(Code::local_error, "no name to make a request for"));
  Key key;
  if (auto read = read_private_key(*key.get(), key_file); !read)
    return std::unexpected(std::move(read.error()));
  auto pem = write_request(*key.get(), "CN=" + std::string(common_name));
  if (pem.empty())
    return std::unexpected(failure(Code::local_error, "a request could not be made"));
  return pem;
}

std::optional<CertificateFacts> certificate_facts(const std::string& pem) {
  Certificate certificate(pem);
  if (!certificate.good()) return std::nullopt;
  return CertificateFacts{.subject = name_text((*certificate).subject),
                          .issuer = name_text((*certificate).issuer),
                          .key = key_text((*certificate).pk),
                          .not_before = unix_seconds((*certificate).valid_from),
                          .not_after = unix_seconds((*certificate).valid_to)};
}

bool belong_together(const std::string& certificate_pem, const std::filesystem::path& key_file) {
  Certificate certificate(certificate_pem);
  Key key;
  return certificate.good() && tls_random_ready() && read_private_key(*key.get(), key_file) &&
         mbedtls_pk_check_pair(&(*certificate).pk, key.get(), &tls_random, nullptr) == 0;
}

}  // namespace oobm::uplink
