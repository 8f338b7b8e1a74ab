// Who the server is, who we are, and by which clock: each refused with a code of its own, against a
// real broker.
#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"

namespace oobm::uplink::test {
namespace {

constexpr std::int64_t ten_years = 10LL * 366 * 86'400;

TEST(Tls, ACertificateForAnotherHostIsRefused) {
  Mosquitto broker;
  Bench bench;
  auto request = Bench::request(broker.port());
  request.target.host = "other.example.test";
  EXPECT_EQ(bench.link_failure(request).code, Code::tls_wrong_host);
}

TEST(Tls, ACertificateOfAnUnknownAuthorityIsRefused) {
  Mosquitto broker;
  Bench bench;
  auto request = Bench::request(broker.port());
  request.tls.anchors_pem = read_file(Certificates::get().stranger_authority());
  EXPECT_EQ(bench.link_failure(request).code, Code::tls_unknown_ca);
}

TEST(Tls, WrongDatesDoNotHideAnUnknownAuthority) {
  Mosquitto broker;
  Bench bench;
  bench.trusted_time = 0;
  auto request = Bench::request(broker.port());
  request.tls.anchors_pem = read_file(Certificates::get().stranger_authority());
  EXPECT_EQ(bench.link_failure(request).code, Code::tls_unknown_ca);
}

struct ClockCase {
  const char* what;
  std::optional<std::int64_t> trusted_time;
  Code problem;
};

const ClockCase clock_cases[] = {
    {"no trusted time", std::nullopt, Code::tls_dates_unknown},
    {"1970", 0, Code::tls_not_yet_valid},
    {"ten years on", std::time(nullptr) + ten_years, Code::tls_expired},
};

TEST(Tls, WrongDatesAloneConnectAndSaySo) {
  Mosquitto broker;
  for (const ClockCase& c : clock_cases) {
    Bench bench;
    bench.trusted_time = c.trusted_time;
    const auto outcome = bench.open_link(Bench::request(broker.port()));
    ASSERT_TRUE(outcome->info) << c.what;
    EXPECT_FALSE(outcome->info->dates_ok) << c.what;
    EXPECT_EQ(outcome->info->date_problem, c.problem) << c.what;
  }
}

TEST(Tls, WrongDatesAreRefusedWhereTheCallerWantsThat) {
  Mosquitto broker;
  for (const ClockCase& c : clock_cases) {
    Bench bench;
    bench.trusted_time = c.trusted_time;
    auto request = Bench::request(broker.port());
    request.tls.wrong_dates = WrongDates::refuse;
    EXPECT_EQ(bench.link_failure(request).code, c.problem) << c.what;
  }
}

// TLS 1.3: the refusal comes after the handshake is over for us, so it takes a session to see it.
Failure session_failure(Bench& bench, LinkRequest request) {
  Sessions sessions(bench.loop, bench.gate);
  Recorder recorder;
  const auto session = sessions.open(std::move(request), session_options(), recorder.handlers());
  bench.run_until([&] { return recorder.settled(); });
  return recorder.closed.value_or(failure(Code::local_error, "the session is ready"));
}

TEST(Tls, AClientCertificateThatTheBrokerRefusesIsNamed) {
  for (const char* version : {"TLSv1.3", "TLSv1.2"}) {
    auto options = Mosquitto::default_options();
    options.max_tls = version;
    Mosquitto broker(options);
    Bench bench;
    auto request = Bench::request(broker.port());
    const auto stranger = Certificates::get().stranger_client();
    request.tls.certificate_file = stranger.certificate;
    request.tls.key_file = stranger.key;
    EXPECT_EQ(session_failure(bench, request).code, Code::tls_client_cert_refused) << version;
    request.tls.certificate_file.clear();
    request.tls.key_file.clear();
    const Failure without = session_failure(bench, request);
    // TLS 1.2 has no alert of its own for a missing certificate.
    EXPECT_TRUE(without.code == Code::tls_client_cert_refused || without.code == Code::tls_alert)
        << version << " " << to_string(without);
  }
}

TEST(Tls, AServerBelowTls12IsRefused) {
  const auto port = free_port();
  auto& certificates = Certificates::get();
  const auto server = certificates.server();
  Process s_server({"openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port), "-cert",
                    server.certificate.string(), "-key", server.key.string(), "-tls1_1", "-cipher",
                    "ALL:@SECLEVEL=0", "-quiet"},
                   certificates.folder() / "s_server.log");
  ASSERT_TRUE(wait_for_port(port));
  Bench bench;
  const Failure failure = bench.link_failure(Bench::request(port));
  EXPECT_EQ(failure.code, Code::tls_version) << to_string(failure);
}

TEST(Tls, PrefersTls13) {
  Mosquitto broker;
  Bench bench;
  const auto outcome = bench.open_link(Bench::request(broker.port()));
  ASSERT_TRUE(outcome->info) << to_string(*outcome->closed);
  EXPECT_EQ(outcome->info->tls_version, "TLSv1.3");
  EXPECT_TRUE(outcome->info->dates_ok);
  EXPECT_GT(outcome->info->server_not_after, std::time(nullptr));
}

TEST(Tls, AcceptsTls12) {
  auto options = Mosquitto::default_options();
  options.max_tls = "TLSv1.2";
  Mosquitto broker(options);
  Bench bench;
  const auto outcome = bench.open_link(Bench::request(broker.port()));
  ASSERT_TRUE(outcome->info) << to_string(*outcome->closed);
  EXPECT_EQ(outcome->info->tls_version, "TLSv1.2");
}

TEST(Tls, AcceptsAnRsaChainWithAnIntermediate) {
  auto& certificates = Certificates::get();
  for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
    BrokerOptions options;
    options.server = certificates.rsa_server();
    options.client_authority = certificates.authority();
    options.max_tls = version;
    Mosquitto broker(options);
    Bench bench;
    auto request = Bench::request(broker.port());
    request.tls.anchors_pem = read_file(certificates.rsa_authority());
    const auto outcome = bench.open_link(request);
    ASSERT_TRUE(outcome->info) << version << " " << to_string(*outcome->closed);
    EXPECT_EQ(outcome->info->tls_version, version);
    if (outcome->info->tls_version == "TLSv1.2") {
      // The first connection may need a second attempt; what it has learnt stays.
      const int asked = bench.permit.asked;
      ASSERT_TRUE(bench.open_link(request)->info);
      EXPECT_EQ(bench.permit.asked, asked + 1);
      EXPECT_NE(outcome->info->cipher_suite.find("ECDHE-RSA"), std::string::npos)
          << outcome->info->cipher_suite;
    }
  }
}

TEST(Tls, BytesOfAConnectionStayWithinBounds) {
  struct Bound {
    const char* version;
    std::uint64_t bytes;  // TCP payload of the handshake, both ways, tickets included
  };
  for (const Bound& bound : {Bound{"TLSv1.3", 3'700}, Bound{"TLSv1.2", 2'700}}) {
    auto options = Mosquitto::default_options();
    options.max_tls = bound.version;
    Mosquitto broker(options);
    Bench bench;
    const auto outcome = bench.open_link(Bench::request(broker.port()));
    ASSERT_TRUE(outcome->info);
    const ByteCount wire = outcome->link->traffic().wire;
    EXPECT_LT(wire.sent + wire.received, bound.bytes) << bound.version;
    RecordProperty(bound.version, std::to_string(wire.sent + wire.received));
  }
}

}  // namespace
}  // namespace oobm::uplink::test
