// Every phase of a session against everything that can go wrong in it: one end, with its own code,
// without spinning, and with nothing left open.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using Kind = ScriptedServer::Kind;
using namespace std::chrono_literals;
using namespace std::string_literals;
using enum Code;

// No TLS record and no MQTT packet begins so.
const std::string rubbish = "\xde\xad\xbe\xef\xde\xad\xbe\xef"s;

void greet(Peer& peer) {
  peer.read_some();  // CONNECT
  peer.write("\x20\x02\x00\x00"s);
  peer.read_some();  // SUBSCRIBE
}

void log_in(Peer& peer) {
  greet(peer);
  peer.write("\x90\x03\x00\x01\x01"s);
}

struct Phase {
  const char* name;
  Kind kind;
  ScriptedServer::Script reach;
  // What is lost when nothing comes any more.
  Code late;
};

const std::vector<Phase>& phases() {
  static const std::vector<Phase> all{
      {"accepted", Kind::tcp, [](Peer&) {}, tls_timeout},
      {"hello", Kind::tcp, [](Peer& p) { p.read_some(); }, tls_timeout},
      {"secured", Kind::tls, [](Peer&) {}, mqtt_timeout},
      {"login", Kind::tls, [](Peer& p) { p.read_some(); }, mqtt_timeout},
      {"subscribing", Kind::tls, greet, mqtt_timeout},
      {"ready", Kind::tls, log_in, keepalive_lost},
      {"publishing", Kind::tls,
       [](Peer& p) {
         log_in(p);
         p.read_some();  // PUBLISH
       },
       keepalive_lost},
  };
  return all;
}

struct Trouble {
  const char* name;
  ScriptedServer::Script make;
  std::vector<Code> (*codes)(const Phase&);  // any of them
};

std::vector<Code> protocol_of(const Phase& phase) {
  if (phase.kind == Kind::tcp) return {tls_protocol, tls_version};
  return {mqtt_protocol};
}

const std::vector<Trouble>& troubles() {
  static const std::vector<Trouble> all{
      {"closes", [](Peer&) {}, [](const Phase&) { return std::vector{peer_closed, tcp_reset}; }},
      {"half_closes",
       [](Peer& p) {
         p.half_close();
         p.wait_for_end();
       },
       [](const Phase&) { return std::vector{peer_closed}; }},
      {"resets", [](Peer& p) { p.reset(); }, [](const Phase&) { return std::vector{tcp_reset}; }},
      {"sends_rubbish",
       [](Peer& p) {
         p.write(rubbish);
         p.wait_for_end();
       },
       protocol_of},
      {"sends_rubbish_below_tls",
       [](Peer& p) {
         ::send(p.descriptor(), rubbish.data(), rubbish.size(), MSG_NOSIGNAL);
         p.wait_for_end();
       },
       [](const Phase&) { return std::vector{tls_protocol, tls_version}; }},
      {"falls_silent", [](Peer& p) { p.wait_for_end(); },
       [](const Phase& phase) { return std::vector{phase.late}; }},
      {"falls_into_a_black_hole",
       [](Peer& p) {
         p.black_hole();
         p.wait_for_end();
       },
       [](const Phase& phase) { return std::vector{phase.late, tcp_timeout}; }},
  };
  return all;
}

struct Case {
  const Phase* phase;
  const Trouble* trouble;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& phase : phases())
    for (const auto& trouble : troubles()) all.push_back({&phase, &trouble});
  return all;
}

LinkRequest impatient(std::uint16_t port) {
  auto request = Bench::request(port);
  request.timeouts.tls = 600ms;
  request.timeouts.unacknowledged = 300ms;
  return request;
}

class Phases : public testing::TestWithParam<Case> {};

TEST_P(Phases, EndOnceWithTheirCauseAndLeaveNothing) {
  const auto& [phase, trouble] = GetParam();
  Certificates::get().server();  // made before descriptors are counted
  const auto before = open_descriptors();
  {
    const ScriptedServer server(phase->kind, [&](Peer& peer) {
      phase->reach(peer);
      trouble->make(peer);
    });
    Bench bench;
    Recorder recorder;
    std::size_t turns = 0;
    {
      Sessions sessions(bench.loop, bench.gate);
      auto options = session_options();
      options.login_timeout = phase->late == mqtt_timeout ? 600ms : 20'000ms;
      options.keepalive = 1s;
      const auto session = sessions.open(impatient(server.port()), options, recorder.handlers());
      if (phase->name == "publishing"s) ASSERT_TRUE(session->publish("t", "x"));
      ASSERT_TRUE(bench.run_until([&] {
        ++turns;
        return recorder.closed.has_value();
      }));
      const auto late = session->publish("t", "x");
      EXPECT_EQ(late ? local_error : late.error().code, session_closed);
    }
    while (bench.loop.poll() > 0) {
    }
    EXPECT_EQ(recorder.closed_count, 1);
    const auto codes = trouble->codes(*phase);
    EXPECT_TRUE(std::ranges::contains(codes, recorder.closed->code)) << to_string(*recorder.closed);
    // The wait itself takes a turn every 20 ms; what spins takes thousands in each.
    EXPECT_LT(turns, 3'000U);
  }
  EXPECT_EQ(open_descriptors().size(), before.size()) << testing::PrintToString(open_descriptors());
}

INSTANTIATE_TEST_SUITE_P(Table, Phases, testing::ValuesIn(cases()), [](const auto& c) {
  return std::string(c.param.phase->name) + "_" + c.param.trouble->name;
});

}  // namespace
}  // namespace oobm::uplink::test
