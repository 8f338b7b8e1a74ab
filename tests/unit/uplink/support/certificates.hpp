// Certificates of a test run, made by openssl in a folder of its own: an authority on P-256, one on
// RSA with an intermediate, and one that nobody trusts.
#pragma once

#include <filesystem>
#include <string>

namespace oobm::uplink::test {

inline constexpr const char* broker_host = "broker.example.test";

struct CertificateFiles {
  std::filesystem::path certificate;  // PEM: the certificate, then its intermediates
  std::filesystem::path key;
};

// Made on first use, one for each program; removed when it ends.
class Certificates {
 public:
  static Certificates& get();

  const std::filesystem::path& folder() const { return folder_; }
  // PEM file and text of the P-256 authority.
  std::filesystem::path authority() const { return folder_ / "ca.pem"; }
  std::string anchors() const;
  CertificateFiles server(const std::string& host = broker_host);
  CertificateFiles client(const std::string& serial = "XR80-0001");

  // RSA: root, intermediate, server.
  std::filesystem::path rsa_authority();
  CertificateFiles rsa_server();

  // The authority's revocation list, DER or PEM. `revoked`: a certificate of it, or none.
  // `next_update`: YYYYMMDDHHMMSSZ.
  std::filesystem::path revocations(const std::filesystem::path& revoked, bool der = false,
                                    const std::string& next_update = "20990101000000Z");
  // The same, signed by an authority of the same name with another key.
  std::filesystem::path forged_revocations();

  // An authority that nobody trusts, and a client certificate of it.
  std::filesystem::path stranger_authority();
  CertificateFiles stranger_client();

  ~Certificates();

 private:
  Certificates();
  void authority_named(const std::string& name, const std::string& key_type,
                       const std::string& subject = {});
  void write_revocations(const std::string& authority, const std::filesystem::path& list,
                         const std::string& next_update);
  CertificateFiles issue(const std::string& name, const std::string& issuer,
                         const std::string& subject, const std::string& key_type,
                         const std::string& extension);
  void openssl(const std::string& arguments);

  std::filesystem::path folder_;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace oobm::uplink::test
