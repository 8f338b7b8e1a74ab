// Rule: what a server is asked for and may be refused by, against a real one: revocation, versions,
// suites, its name in the hello, and the protocol named there.
#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"

namespace oobm::uplink::test {
namespace {

// `openssl s_server` with the default server certificate.
class OpensslServer {
 public:
  explicit OpensslServer(std::vector<std::string> options,
                         const CertificateFiles& files = Certificates::get().server()) {
    std::vector<std::string> arguments{
        "openssl", "s_server",        "-accept", "127.0.0.1:" + std::to_string(port_),
        "-cert",   files.certificate, "-key",    files.key,
        "-quiet",  "-naccept",        "8"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    process_.emplace(std::move(arguments), Certificates::get().folder() / "s_server.log");
    if (!wait_for_port(port_)) throw std::runtime_error("s_server does not listen");
  }
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = free_port();
  std::optional<Process> process_;
};

// ---- revocation

class Revocation : public testing::Test {
 protected:
  // The request with a revocation list that names the server's certificate, or nothing.
  LinkRequest request(const std::filesystem::path& list) const {
    auto request = Bench::request(broker.port());
    request.tls.revocations = read_file(list);
    return request;
  }
  Certificates& certificates = Certificates::get();
  std::filesystem::path server = certificates.server().certificate;
  Mosquitto broker;
  Bench bench;
};

TEST_F(Revocation, ARevokedServerIsRefusedByItsOwnName) {
  for (const bool der : {false, true}) {
    const auto failure = bench.link_failure(request(certificates.revocations(server, der)));
    EXPECT_EQ(failure.code, Code::tls_revoked) << to_string(failure);
  }
}

TEST_F(Revocation, AnOutdatedListStillRevokes) {
  const auto list = certificates.revocations(server, false, "20210101000000Z");
  EXPECT_EQ(bench.link_failure(request(list)).code, Code::tls_revoked);
  bench.trusted_time.reset();
  EXPECT_EQ(bench.link_failure(request(list)).code, Code::tls_revoked) << "without trusted time";
}

TEST_F(Revocation, AListThatIsNoneRefusesEveryServer) {
  for (const std::string& text :
       {std::string(), std::string("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
        std::string("\x30\x03\x02\x01\x01", 5)}) {
    auto broken = Bench::request(broker.port());
    broken.tls.revocations = text;
    EXPECT_EQ(bench.link_failure(broken).code, Code::revocation_list) << text;
  }
}

TEST_F(Revocation, AForgedListRefusesItsServers) {
  const auto failure = bench.link_failure(request(certificates.forged_revocations()));
  EXPECT_EQ(failure.code, Code::tls_bad_certificate) << to_string(failure);
}

TEST_F(Revocation, AListThatDoesNotNameTheServerConnectsAndSaysWhenItIsOutdated) {
  const auto fresh = bench.open_link(request(certificates.revocations({})));
  ASSERT_TRUE(fresh->info) << to_string(*fresh->closed);
  EXPECT_FALSE(fresh->info->revocations_outdated);
  const auto other = certificates.client().certificate;
  const auto old =
      bench.open_link(request(certificates.revocations(other, false, "20210101000000Z")));
  ASSERT_TRUE(old->info) << to_string(*old->closed);
  EXPECT_TRUE(old->info->revocations_outdated);
  EXPECT_TRUE(old->info->dates_ok);
  bench.trusted_time.reset();
  const auto unknown =
      bench.open_link(request(certificates.revocations(other, false, "20210101000000Z")));
  ASSERT_TRUE(unknown->info);
  EXPECT_FALSE(unknown->info->revocations_outdated) << "nobody knows";
}

// ---- versions

TEST(TlsServer, OneBelowTls12IsRefusedWhateverIsPreferred) {
  const OpensslServer server({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  for (const auto versions : {TlsVersions::prefer_tls13, TlsVersions::prefer_tls12}) {
    Bench bench;
    auto request = Bench::request(server.port());
    request.tls.versions = versions;
    const auto failure = bench.link_failure(request);
    EXPECT_EQ(failure.code, Code::tls_version) << to_string(failure);
  }
}

TEST(TlsServer, Tls12IsSpokenWithOneThatSpeaksBothWherePreferred) {
  Mosquitto broker;
  Bench bench;
  auto request = Bench::request(broker.port());
  request.tls.versions = TlsVersions::prefer_tls12;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  EXPECT_EQ(outcome->info->tls_version, "TLSv1.2");
}

TEST(TlsServer, OneThatSpeaksTls13AloneIsReachedAllTheSameAndRemembered) {
  const OpensslServer server({"-tls1_3"});
  Bench bench;
  auto request = Bench::request(server.port());
  request.tls.versions = TlsVersions::prefer_tls12;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info) << to_string(*outcome->closed);
  EXPECT_EQ(outcome->info->tls_version, "TLSv1.3");
  const int asked = bench.permit.asked;
  EXPECT_EQ(asked, 2);
  outcome->link->abort(failure(Code::cut));
  ASSERT_TRUE(bench.open_link(request)->info);
  EXPECT_EQ(bench.permit.asked, asked + 1);
}

// ---- suites: AirVantage's brokers speak TLS 1.2 with an RSA chain and an intermediate

TEST(TlsServer, EachPublicRsaSuiteOfTls12IsSpoken) {
  auto& certificates = Certificates::get();
  for (const std::string suite : {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"}) {
    BrokerOptions options;
    options.server = certificates.rsa_server();
    options.client_authority = certificates.authority();
    options.max_tls = "TLSv1.2";
    options.extra = "ciphers " + suite;
    Mosquitto broker(options);
    Bench bench;
    auto request = Bench::request(broker.port());
    request.tls.anchors_pem = read_file(certificates.rsa_authority());
    const auto outcome = bench.open_link(request);
    ASSERT_TRUE(outcome->info) << suite << " " << to_string(*outcome->closed);
    EXPECT_NE(outcome->info->cipher_suite.find("ECDHE-RSA-WITH-AES"), std::string::npos)
        << outcome->info->cipher_suite;
  }
}

TEST(TlsServer, OneWithoutForwardSecrecyOrAuthenticatedEncryptionIsRefused) {
  auto& certificates = Certificates::get();
  for (const std::string suite : {"AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256"}) {
    const OpensslServer server({"-tls1_2", "-cipher", suite}, certificates.rsa_server());
    Bench bench;
    auto request = Bench::request(server.port());
    request.tls.anchors_pem = read_file(certificates.rsa_authority());
    const auto failure = bench.link_failure(request);
    EXPECT_EQ(failure.code, Code::tls_alert) << suite << " " << to_string(failure);
  }
}

// ---- what the hello names

TEST(TlsServer, TheHostIsNamedInTheHello) {
  auto& certificates = Certificates::get();
  const auto right = certificates.server();
  const OpensslServer server(
      {"-servername", broker_host, "-cert2", right.certificate, "-key2", right.key},
      certificates.server("default.example.test"));
  Bench bench;
  const auto outcome = bench.open_link(Bench::request(server.port()));
  EXPECT_TRUE(outcome->info) << to_string(*outcome->closed);
}

TEST(TlsServer, AProtocolIsNamedWhereOneIsConfigured) {
  const OpensslServer server({"-alpn", "mqtt"});
  auto request = Bench::request(server.port());
  for (const char* protocol : {"", "mqtt"}) {
    Bench bench;
    request.tls.alpn = protocol;
    const auto outcome = bench.open_link(request);
    EXPECT_TRUE(outcome->info) << to_string(*outcome->closed);
    outcome->link->abort(failure(Code::cut));
  }
  Bench bench;
  request.tls.alpn = "nonsense";
  const auto refused = bench.link_failure(request);
  EXPECT_EQ(refused.code, Code::tls_alert);
  EXPECT_NE(refused.detail.find("no_application_protocol"), std::string::npos) << refused.detail;
}

}  // namespace
}  // namespace oobm::uplink::test
