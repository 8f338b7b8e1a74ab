// A private key that is made on the router never has to travel: it is made here, goes into one file
// of mode 0600, and what leaves is a request for a certificate, which holds the public half alone.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agent/uplink/failure.hpp"

namespace oobm::uplink {

// A new P-256 key as PKCS#8 PEM (RFC 5958, RFC 5915). Secret: to be written to its file and wiped.
// Errors: local_error.
std::expected<std::string, Failure> make_private_key();
// Overwrites and empties.
void wipe(std::string& secret);

// A PKCS#10 request (RFC 2986), PEM, signed with SHA-256 by the key in `key_file`; its subject is
// CN=`common_name`, letters, digits, '-', '.', '_'. Errors: key_file, local_error.
std::expected<std::string, Failure> make_certificate_request(const std::filesystem::path& key_file,
                                                             std::string_view common_name);

// Of the first certificate of a PEM text.
struct CertificateFacts {
  std::string subject;  // "CN=XR80-0001"
  std::string issuer;
  std::string key;  // "EC 256", "RSA 2048"
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;  // seconds since 1970
};
// Nothing: it is no certificate, or not all of it is.
std::optional<CertificateFacts> certificate_facts(const std::string& pem);

// The certificate is made for the key in that file. A file that cannot be used holds no such key.
bool belong_together(const std::string& certificate_pem, const std::filesystem::path& key_file);

}  // namespace oobm::uplink
