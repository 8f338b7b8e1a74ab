#include "tests/unit/uplink/support/certificates.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include <stdlib.h>

#include "tests/unit/uplink/support/process.hpp"

namespace oobm::uplink::test {
namespace {

constexpr const char* ec_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
constexpr const char* rsa_key = "-newkey rsa:2048";

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Certificates& Certificates::get() {
  static Certificates instance;
  return instance;
}

Certificates::Certificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "oobm-uplink-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  write_file(folder_ / "openssl.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
  authority_named("ca", ec_key);
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Certificates::openssl(const std::string& arguments) {
  std::istringstream words(arguments);
  std::vector<std::string> argv{"openssl"};
  for (std::string word; words >> word;) argv.push_back(word);
  if (run(argv, folder_ / "openssl.log") != 0) {
    throw std::runtime_error(arguments + "\n" + read_file(folder_ / "openssl.log"));
  }
}

void Certificates::authority_named(const std::string& name, const std::string& key_type,
                                   const std::string& subject) {
  const std::string base = (folder_ / name).string();
  openssl("req -config " + (folder_ / "openssl.cnf").string() + " -x509 " + key_type +
          " -nodes -sha256 -days 3650 -keyout " + base + ".key -out " + base +
          ".pem -subj /CN=" + (subject.empty() ? name : subject) +
          " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign,cRLSign");
}

CertificateFiles Certificates::issue(const std::string& name, const std::string& issuer,
                                     const std::string& subject, const std::string& key_type,
                                     const std::string& extension) {
  const std::string base = (folder_ / name).string();
  const std::string ca = (folder_ / issuer).string();
  CertificateFiles files{base + ".pem", base + ".key"};
  if (std::filesystem::exists(files.certificate)) return files;
  openssl("req -config " + (folder_ / "openssl.cnf").string() + " -x509 -CA " + ca +
          ".pem -CAkey " + ca + ".key " + key_type + " -nodes -sha256 -days 365 -keyout " + base +
          ".key -out " + base + ".pem -subj /CN=" + subject + " -addext " + extension);
  return files;
}

std::string Certificates::anchors() const { return read_file(authority()); }

CertificateFiles Certificates::server(const std::string& host) {
  return issue("server-" + host, "ca", host, ec_key, "subjectAltName=DNS:" + host);
}

CertificateFiles Certificates::client(const std::string& serial) {
  return issue("client-" + serial, "ca", serial, ec_key, "extendedKeyUsage=clientAuth");
}

std::filesystem::path Certificates::rsa_authority() {
  if (!std::filesystem::exists(folder_ / "rsa.pem")) authority_named("rsa", rsa_key);
  return folder_ / "rsa.pem";
}

CertificateFiles Certificates::rsa_server() {
  rsa_authority();
  issue("rsa-middle", "rsa", "rsa-middle", rsa_key, "basicConstraints=critical,CA:TRUE");
  auto files = issue("rsa-server", "rsa-middle", broker_host, rsa_key,
                     std::string("subjectAltName=DNS:") + broker_host);
  const auto chain = folder_ / "rsa-chain.pem";
  write_file(chain, read_file(files.certificate) + read_file(folder_ / "rsa-middle.pem"));
  files.certificate = chain;
  return files;
}

void Certificates::write_revocations(const std::string& authority,
                                     const std::filesystem::path& list,
                                     const std::string& next_update) {
  const std::string base = (folder_ / authority).string();
  openssl("ca -config " + (folder_ / "ca.cnf").string() + " -keyfile " + base + ".key -cert " +
          base + ".pem -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate " + next_update +
          " -out " + list.string());
}

std::filesystem::path Certificates::revocations(const std::filesystem::path& revoked, bool der,
                                                const std::string& next_update) {
  write_file(folder_ / "index.txt", "");
  write_file(folder_ / "ca.cnf", "[ca]\ndefault_ca=this\n[this]\ndefault_md=sha256\ndatabase=" +
                                     (folder_ / "index.txt").string() + "\n");
  const std::string base = authority().string();
  if (!revoked.empty()) {
    openssl("ca -config " + (folder_ / "ca.cnf").string() + " -keyfile " +
            (folder_ / "ca.key").string() + " -cert " + base + " -revoke " + revoked.string());
  }
  const auto list = folder_ / "crl.pem";
  write_revocations("ca", list, next_update);
  if (!der) return list;
  openssl("crl -in " + list.string() + " -outform DER -out " + (folder_ / "crl.der").string());
  return folder_ / "crl.der";
}

std::filesystem::path Certificates::forged_revocations() {
  revocations({});
  authority_named("forger", ec_key, "ca");
  const auto list = folder_ / "forged.pem";
  write_revocations("forger", list, "20990101000000Z");
  return list;
}

std::filesystem::path Certificates::stranger_authority() {
  if (!std::filesystem::exists(folder_ / "stranger.pem")) authority_named("stranger", ec_key);
  return folder_ / "stranger.pem";
}

CertificateFiles Certificates::stranger_client() {
  stranger_authority();
  return issue("stranger-client", "stranger", "stranger-client", ec_key,
               "extendedKeyUsage=clientAuth");
}

}  // namespace oobm::uplink::test
