// Rule: a connection is resumed where server and router both still hold to the session, and is a
// full one, without anybody's help, where either does not.
#include <gtest/gtest.h>

#include "agent/uplink/tls_ticket.hpp"
#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"

namespace oobm::uplink::test {
namespace {

const char* const versions[] = {"TLSv1.3", "TLSv1.2"};

Mosquitto broker_of(const char* version) {
  auto options = Mosquitto::default_options();
  options.max_tls = version;
  return Mosquitto(options);
}

// One whole session up to ready, then out in good order. TLS 1.3 gives its tickets after the
// handshake, with the first bytes of the session.
std::optional<ReadyInfo> session(Bench& bench, const LinkRequest& request,
                                 std::uint64_t* bytes = nullptr) {
  Sessions sessions(bench.loop, bench.gate);
  Recorder recorder;
  const auto session = sessions.open(request, session_options(), recorder.handlers());
  bench.run_until([&] { return recorder.settled(); });
  if (bytes != nullptr && recorder.ready) {
    const auto wire = recorder.ready->traffic.wire;
    *bytes = wire.sent + wire.received;
  }
  session->stop();
  bench.run_until([&] { return recorder.closed.has_value(); });
  return recorder.ready;
}

bool resumed(Bench& bench, const LinkRequest& request) {
  const auto ready = session(bench, request);
  EXPECT_TRUE(ready) << "the session is not ready";
  return ready && ready->link.resumed;
}

// ---- when it must be a full handshake

TEST(Resumption, NoTicketIsUsedForAnotherInstanceHostOrPolicy) {
  Mosquitto broker;
  struct Change {
    const char* what;
    std::function<void(LinkRequest&)> make;
  };
  const Change changes[] = {
      {"instance", [](auto& r) { r.target.instance = "eu"; }},
      {"anchors", [](auto& r) { r.tls.anchors_pem += Certificates::get().anchors(); }},
      {"own certificate",
       [](auto& r) {
         const auto other = Certificates::get().client("XR80-0002");
         r.tls.certificate_file = other.certificate;
         r.tls.key_file = other.key;
       }},
      {"revocation list",
       [](auto& r) { r.tls.revocations = read_file(Certificates::get().revocations({})); }},
      {"preferred version", [](auto& r) { r.tls.versions = TlsVersions::prefer_tls12; }},
  };
  for (const auto& change : changes) {
    Bench bench;
    auto request = Bench::request(broker.port());
    EXPECT_FALSE(resumed(bench, request)) << change.what;
    EXPECT_TRUE(resumed(bench, request)) << change.what;
    change.make(request);
    EXPECT_FALSE(resumed(bench, request)) << change.what;
    EXPECT_TRUE(resumed(bench, request)) << change.what;
  }
}

TEST(Resumption, RotatedAnchorsThatNoLongerVouchForTheServerRefuseIt) {
  for (const char* version : versions) {
    auto broker = broker_of(version);
    Bench bench;
    auto request = Bench::request(broker.port());
    ASSERT_TRUE(session(bench, request));
    request.tls.anchors_pem = read_file(Certificates::get().stranger_authority());
    EXPECT_EQ(bench.link_failure(request).code, Code::tls_unknown_ca) << version;
    EXPECT_TRUE(bench.tickets.all().empty()) << version;
  }
}

TEST(Resumption, AServerCertificateThatHasEndedSinceIsLookedAtAgain) {
  for (const char* version : versions) {
    auto broker = broker_of(version);
    Bench bench;
    const auto request = Bench::request(broker.port());
    ASSERT_TRUE(session(bench, request));
    bench.trusted_time = *bench.trusted_time + 2LL * 366 * 86'400;
    const auto outcome = bench.open_link(request);
    ASSERT_TRUE(outcome->info) << version;
    EXPECT_FALSE(outcome->info->resumed) << version;
    EXPECT_EQ(outcome->info->date_problem, Code::tls_expired) << version;
  }
}

TEST(Resumption, AServerThatForgetsItsTicketsGetsAFullHandshakeOnTheSameConnection) {
  for (const char* version : versions) {
    Bench bench;
    auto options = Mosquitto::default_options();
    options.max_tls = version;
    auto request = Bench::request(0);
    {
      Mosquitto broker(options);
      request.target.port = options.port = broker.port();
      ASSERT_TRUE(session(bench, request));
    }
    Mosquitto broker(options);
    const int asked = bench.permit.asked;
    EXPECT_FALSE(resumed(bench, request)) << version;
    EXPECT_EQ(bench.permit.asked, asked + 1) << version;
    EXPECT_TRUE(resumed(bench, request)) << version;
  }
}

TEST(Resumption, AServerThatNoLongerSpeaksTheTicketsVersionIsConnectedToAnew) {
  Bench bench;
  auto options = Mosquitto::default_options();
  auto request = Bench::request(0);
  {
    Mosquitto broker(options);
    request.target.port = options.port = broker.port();
    ASSERT_TRUE(session(bench, request));
  }
  options.max_tls = "TLSv1.2";
  Mosquitto broker(options);
  const auto ready = session(bench, request);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->link.tls_version, "TLSv1.2");
  EXPECT_TRUE(resumed(bench, request));
}

TEST(Resumption, ASessionThatIsGarbageIsNotOffered) {
  for (const char* version : versions) {
    auto broker = broker_of(version);
    const auto request = Bench::request(broker.port());
    Bench bench;
    ASSERT_TRUE(session(bench, request));
    ASSERT_EQ(bench.tickets.all().size(), 1U);
    const TlsTicket whole = bench.tickets.all().front();
    for (const std::string& bytes :
         {std::string(), whole.session.substr(0, whole.session.size() / 2),
          std::string(whole.session.size(), '\xff')}) {
      auto broken = whole;
      broken.session = bytes;
      bench.tickets.keep(broken);
      EXPECT_FALSE(resumed(bench, request)) << version << " " << bytes.size();
    }
  }
}

TEST(Resumption, ANetworkThatFailsCostsNoTicket) {
  Bench bench;
  auto request = Bench::request(0);
  {
    Mosquitto broker;
    request.target.port = broker.port();
    ASSERT_TRUE(session(bench, request));
  }
  EXPECT_EQ(bench.link_failure(request).code, Code::tcp_refused);
  EXPECT_EQ(bench.tickets.all().size(), 1U);
}

// ---- when it is resumed

TEST(Resumption, GoesOnFromSessionToSession) {
  for (const char* version : versions) {
    auto broker = broker_of(version);
    Bench bench;
    const auto request = Bench::request(broker.port());
    const auto first = session(bench, request);
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->link.resumed) << version;
    for (int i = 0; i < 3; ++i) {
      const auto next = session(bench, request);
      ASSERT_TRUE(next);
      EXPECT_TRUE(next->link.resumed) << version;
      EXPECT_EQ(next->link.tls_version, version);
      EXPECT_EQ(next->link.server_not_after, first->link.server_not_after);
      EXPECT_TRUE(next->link.dates_ok);
    }
    // The proof does not get younger with the tickets.
    EXPECT_LE(bench.tickets.all().front().proved.unix_s, *bench.trusted_time);
  }
}

TEST(Resumption, WithoutTrustedTimeTheDatesStayUnknown) {
  Mosquitto broker;
  Bench bench;
  const auto request = Bench::request(broker.port());
  ASSERT_TRUE(session(bench, request));
  bench.trusted_time.reset();
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  EXPECT_TRUE(outcome->info->resumed);
  EXPECT_FALSE(outcome->info->dates_ok);
  EXPECT_EQ(outcome->info->date_problem, Code::tls_dates_unknown);
}

TEST(Resumption, OutlivesTheProcessAndTheBoot) {
  for (const char* version : versions) {
    auto broker = broker_of(version);
    const auto request = Bench::request(broker.port());
    TlsTicket ticket;
    {
      Bench bench;
      ASSERT_TRUE(session(bench, request));
      ticket = bench.tickets.all().front();
    }
    Bench after_restart;
    after_restart.tickets.keep(ticket);
    EXPECT_TRUE(resumed(after_restart, request)) << version;
    Bench after_reboot;
    ticket.received.boot_ms.reset();
    ticket.proved.boot_ms.reset();
    after_reboot.tickets.keep(ticket);
    EXPECT_TRUE(resumed(after_reboot, request)) << version;
  }
}

TEST(Resumption, ASessionIsReadyWithinItsBytes) {
  struct Bound {
    const char* version;
    std::uint64_t full;  // TCP payload from connect to ready, both ways
    std::uint64_t resumed;
  };
  for (const Bound& bound : {Bound{"TLSv1.3", 3'700, 1'950}, Bound{"TLSv1.2", 2'700, 1'050}}) {
    auto broker = broker_of(bound.version);
    Bench bench;
    const auto request = Bench::request(broker.port());
    std::uint64_t full = 0;
    std::uint64_t next = 0;
    ASSERT_TRUE(session(bench, request, &full));
    const auto ready = session(bench, request, &next);
    ASSERT_TRUE(ready);
    EXPECT_TRUE(ready->link.resumed);
    EXPECT_TRUE(ready->session_present);
    EXPECT_LE(full, bound.full) << bound.version;
    EXPECT_LE(next, bound.resumed) << bound.version;
    RecordProperty(std::string("full_") + bound.version, std::to_string(full));
    RecordProperty(std::string("resumed_") + bound.version, std::to_string(next));
  }
}

}  // namespace
}  // namespace oobm::uplink::test
