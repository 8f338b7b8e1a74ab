#include "tests/alms-sim/jose.hpp"

#include <array>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <unistd.h>

namespace oobm::alms_sim {
namespace {

constexpr int coordinate_octets = 32;
constexpr std::size_t signature_octets = 64;
constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Nothing: OpenSSL's own.
thread_local std::optional<std::mt19937_64> hex_source;

template <auto Function>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using File = std::unique_ptr<std::FILE, Deleter<std::fclose>>;

void require(bool held, const char* what) {
  if (!held) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string raw_from_der(std::string_view der) {
  const unsigned char* at = octets(der);
  const Signature parsed{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  require(parsed != nullptr, "signature is not DER");
  std::string raw(signature_octets, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), octets(raw), coordinate_octets);
  BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), octets(raw) + coordinate_octets, coordinate_octets);
  return raw;
}

std::string der_from_raw(std::string_view raw) {
  const Signature built{ECDSA_SIG_new()};
  Number r{BN_bin2bn(octets(raw), coordinate_octets, nullptr)};
  Number s{BN_bin2bn(octets(raw) + coordinate_octets, coordinate_octets, nullptr)};
  require(ECDSA_SIG_set0(built.get(), r.release(), s.release()) == 1, "signature");
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(built.get(), &der);
  require(length > 0, "signature");
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "public key");
  const Number number{raw};
  std::string bytes(coordinate_octets, '\0');
  BN_bn2binpad(number.get(), octets(bytes), coordinate_octets);
  return base64url_encode(bytes);
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  std::uint32_t window = 0;
  unsigned held_bits = 0;
  for (const char byte : bytes) {
    window = (window << 8U) | static_cast<unsigned char>(byte);
    for (held_bits += 8; held_bits >= 6; held_bits -= 6) {
      text += base64url_alphabet[(window >> (held_bits - 6)) & 0x3fU];
    }
  }
  if (held_bits > 0) text += base64url_alphabet[(window << (6 - held_bits)) & 0x3fU];
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string bytes;
  std::uint32_t window = 0;
  unsigned held_bits = 0;
  for (const char letter : text) {
    const auto value = base64url_alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    window = (window << 6U) | static_cast<std::uint32_t>(value);
    held_bits += 6;
    if (held_bits < 8) continue;
    held_bits -= 8;
    bytes += static_cast<char>((window >> held_bits) & 0xffU);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  return bytes;
}

KeyPair KeyPair::generate(std::string kid) {
  Handle key{EVP_EC_gen("P-256")};
  require(key != nullptr, "no P-256 key");
  return {std::move(key), std::move(kid)};
}

Result<KeyPair> KeyPair::load(const std::string& path, std::string kid) {
  const File file{std::fopen(path.c_str(), "re")};
  if (!file) return fail("KEY_FILE", "Cannot read the key file " + path + ".");
  Handle key{PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr)};
  if (!key) return fail("KEY_FILE", path + " holds no private key in PEM form.");
  return KeyPair{std::move(key), std::move(kid)};
}

Result<void> KeyPair::save(const std::string& path) const {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail("KEY_FILE", "Cannot write the key file " + path + ".");
  const File file{::fdopen(descriptor, "w")};
  const int written =
      PEM_write_PrivateKey(file.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  if (written != 1) return fail("KEY_FILE", "Cannot write the key file " + path + ".");
  return {};
}

Json KeyPair::public_jwk() const {
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"use", "sig"},
          {"alg", "ES256"},
          {"kid", kid_},
          {"x", coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X)},
          {"y", coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y)}};
}

std::string KeyPair::sign(std::string_view message) const {
  const Digest digest{EVP_MD_CTX_new()};
  require(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1,
          "signing");
  std::size_t length = 0;
  require(EVP_DigestSign(digest.get(), nullptr, &length, octets(message), message.size()) == 1,
          "signing");
  std::string der(length, '\0');
  require(EVP_DigestSign(digest.get(), octets(der), &length, octets(message), message.size()) == 1,
          "signing");
  der.resize(length);
  return raw_from_der(der);
}

bool KeyPair::verify(std::string_view message, std::string_view raw_signature) const {
  if (raw_signature.size() != signature_octets) return false;
  const std::string der = der_from_raw(raw_signature);
  const Digest digest{EVP_MD_CTX_new()};
  require(EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1,
          "verifying");
  return EVP_DigestVerify(digest.get(), octets(der), der.size(), octets(message), message.size()) ==
         1;
}

std::string random_hex(std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::vector<unsigned char> bytes(count);
  if (hex_source)
    for (auto& byte : bytes) byte = static_cast<unsigned char>((*hex_source)() & 0xffU);
  else
    require(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1, "no randomness");
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0x0fU];
  }
  return text;
}

void seed_random_hex(std::uint64_t seed) { hex_source.emplace(seed); }

}  // namespace oobm::alms_sim
