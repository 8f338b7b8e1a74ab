// A private key is a secret of this router alone: a key file that anybody but its owner may read or
// write is refused, since such a key has to be taken as known to others. Trust is pinned: the
// anchors given are the whole list.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <mbedtls/pk.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/gate.hpp"

namespace oobm::uplink {

// What one TLS connection proves itself with and judges its peer by.
class TlsIdentity {
 public:
  // Reads and checks the files that `settings` names. Both paths empty: no client certificate.
  // Errors: key_file, certificate_file, trust_anchors, revocation_list.
  static std::expected<std::unique_ptr<TlsIdentity>, Failure> load(const TlsSettings& settings);

  TlsIdentity();
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  bool has_certificate() const { return has_certificate_; }
  // Our own certificate, DER; empty without one.
  std::string certificate_text() const;
  mbedtls_x509_crt* anchors() { return &anchors_; }
  // Null without one.
  mbedtls_x509_crl* revocations() { return has_revocations_ ? &revocations_ : nullptr; }
  // When the revocation list (of several, the first to end) should have been replaced, seconds
  // since 1970; nothing without one.
  std::optional<std::int64_t> revocations_until() const;
  mbedtls_x509_crt* certificate() { return &certificate_; }
  mbedtls_pk_context* key() { return &key_; }

 private:
  std::expected<void, Failure> load_anchors(const TlsSettings& settings);
  std::expected<void, Failure> load_revocations(const TlsSettings& settings);
  std::expected<void, Failure> load_key(const TlsSettings& settings);
  std::expected<void, Failure> load_certificate(const TlsSettings& settings);

  mbedtls_x509_crt anchors_;
  mbedtls_x509_crl revocations_;
  mbedtls_x509_crt certificate_;
  mbedtls_pk_context key_;
  bool has_certificate_ = false;
  bool has_revocations_ = false;
};

// Reads a private key out of its file, with the rule above. Errors: key_file. `key` is initialised.
std::expected<void, Failure> read_private_key(mbedtls_pk_context& key,
                                              const std::filesystem::path& file);

// Cryptographic random bytes for mbedTLS (its PSA generator). Initialises PSA on first use; zero on
// success.
int tls_random(void* unused, unsigned char* out, std::size_t size);
bool tls_random_ready();

}  // namespace oobm::uplink
