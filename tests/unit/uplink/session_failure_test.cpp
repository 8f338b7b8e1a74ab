// Servers that misbehave in each phase: every one ends the session once, with its own cause.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using Kind = ScriptedServer::Kind;
using namespace std::chrono_literals;
using namespace std::string_literals;

const std::string connack = "\x20\x02\x00\x00"s;
const std::string suback = "\x90\x03\x00\x01\x01"s;
const std::string suback_refused = "\x90\x03\x00\x01\x80"s;
const std::string announces_200_mb = "\x30\x80\x84\xAF\x5F"s;

void log_in(Peer& peer) {
  peer.read_some();  // CONNECT
  peer.write(connack);
  peer.read_some();  // SUBSCRIBE
  peer.write(suback);
}

struct Misbehaviour {
  const char* name;
  Kind kind;
  ScriptedServer::Script script;
  std::vector<Code> codes;  // any of them
  bool gets_ready;
};

std::vector<Misbehaviour> misbehaviours() {
  using enum Code;
  return {
      {"closes at once", Kind::tcp, [](Peer&) {}, {peer_closed, tcp_reset}, false},
      {"silent after TLS", Kind::tls, [](Peer& p) { p.wait_for_end(); }, {mqtt_timeout}, false},
      {"closes after TLS", Kind::tls, [](Peer&) {}, {peer_closed, tcp_reset}, false},
      {"closes after CONNECT",
       Kind::tls,
       [](Peer& p) { p.read_some(); },
       {peer_closed, tcp_reset},
       false},
      {"HTTP in place of MQTT",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("HTTP/1.1 400 Bad Request\r\n\r\n");
         p.wait_for_end();
       },
       {mqtt_protocol},
       false},
      {"half a CONNACK",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("\x20\x02"s);
         p.wait_for_end();
       },
       {mqtt_timeout},
       false},
      {"refuses the version",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("\x20\x02\x00\x01"s);
       },
       {mqtt_version_refused},
       false},
      {"refuses the identifier",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("\x20\x02\x00\x02"s);
       },
       {mqtt_identifier_rejected},
       false},
      {"is unavailable and stays",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("\x20\x02\x00\x03"s);
         p.wait_for_end();
       },
       {mqtt_server_unavailable},
       false},
      {"refuses the password",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("\x20\x02\x00\x04"s);
       },
       {mqtt_bad_credentials},
       false},
      {"invents a return code",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write("\x20\x02\x00\x63"s);
       },
       {mqtt_protocol},
       false},
      {"silent after CONNACK",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write(connack);
         p.wait_for_end();
       },
       {mqtt_timeout},
       false},
      {"refuses the subscription",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write(connack);
         p.read_some();
         p.write(suback_refused);
         p.wait_for_end();
       },
       {mqtt_subscribe_refused},
       false},
      {"closes when ready", Kind::tls, [](Peer& p) { log_in(p); }, {peer_closed, tcp_reset}, true},
      {"announces 200 MB when ready",
       Kind::tls,
       [](Peer& p) {
         log_in(p);
         p.write(announces_200_mb);
         p.wait_for_end();
       },
       {mqtt_packet_too_large},
       true},
      {"announces 200 MB before the login",
       Kind::tls,
       [](Peer& p) {
         p.read_some();
         p.write(connack + announces_200_mb);
         p.wait_for_end();
       },
       {mqtt_packet_too_large},
       false},
  };
}

class Misbehaving : public testing::TestWithParam<Misbehaviour> {};

TEST_P(Misbehaving, EndsTheSessionOnceWithItsCause) {
  const Misbehaviour& bad = GetParam();
  const ScriptedServer server(bad.kind, bad.script);
  Bench bench;
  Recorder recorder;
  {
    Sessions sessions(bench.loop, bench.gate);
    auto options = session_options();
    options.login_timeout = bad.codes.front() == Code::mqtt_timeout ? 500ms : 20'000ms;
    const auto session = sessions.open(Bench::request(server.port()), options, recorder.handlers());
    ASSERT_TRUE(bench.run_until([&] { return recorder.closed.has_value(); }));
    EXPECT_FALSE(session->publish("t", "x"));
  }
  while (bench.loop.poll() > 0) {
  }
  EXPECT_NE(std::ranges::find(bad.codes, recorder.closed->code), bad.codes.end())
      << to_string(*recorder.closed);
  EXPECT_EQ(recorder.closed_count, 1);
  EXPECT_LE(recorder.ready.has_value(), bad.gets_ready);
}

INSTANTIATE_TEST_SUITE_P(Servers, Misbehaving, testing::ValuesIn(misbehaviours()),
                         [](const auto& server) {
                           std::string name = server.param.name;
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

// Memory the process has ever had, in KiB.
long peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(SessionFailure, AnAnnouncedGiantCostsNoMemory) {
  const ScriptedServer server(Kind::tls, [](Peer& p) {
    log_in(p);
    p.write(announces_200_mb);
    while (p.write(std::string(4096, 'x'))) {
    }
  });
  Bench bench;
  Sessions sessions(bench.loop, bench.gate);
  for (int round = 0; round < 2; ++round) {
    const long before = peak_memory();
    Recorder recorder;
    const auto session =
        sessions.open(Bench::request(server.port()), session_options(), recorder.handlers());
    ASSERT_TRUE(bench.run_until([&] { return recorder.closed.has_value(); }));
    EXPECT_EQ(recorder.closed->code, Code::mqtt_packet_too_large);
    EXPECT_TRUE(recorder.messages.empty());
    // The first round pays for what every session needs.
    if (round > 0) {
      EXPECT_LT(peak_memory() - before, 8 * 1024);
    }
  }
}

TEST(SessionFailure, AServerThatGoesSilentIsFoundByKeepalive) {
  const ScriptedServer server(Kind::tls, [](Peer& p) {
    log_in(p);
    p.wait_for_end();
  });
  Bench bench;
  Sessions sessions(bench.loop, bench.gate);
  Recorder recorder;
  auto options = session_options();
  options.keepalive = 1s;
  const auto session = sessions.open(Bench::request(server.port()), options, recorder.handlers());
  ASSERT_TRUE(bench.run_until([&] { return recorder.closed.has_value(); }));
  EXPECT_TRUE(recorder.ready);
  EXPECT_EQ(recorder.closed->code, Code::keepalive_lost) << to_string(*recorder.closed);
}

TEST(SessionFailure, AWrongUserIsToldByTheBroker) {
  auto options = Mosquitto::default_options();
  options.anonymous = false;
  const auto passwords = Certificates::get().folder() / "passwords";
  ASSERT_EQ(run({"mosquitto_passwd", "-b", "-c", passwords.string(), "XR80-0001", "right"},
                Certificates::get().folder() / "passwd.log"),
            0);
  options.extra = "password_file " + passwords.string();
  Mosquitto broker(options);
  struct Login {
    const char* user;
    std::optional<std::string> password;
    bool accepted;
  };
  const Login logins[] = {{"XR80-0001", "wrong", false},
                          {"nobody", "right", false},
                          {"XR80-0001", std::nullopt, false},
                          {"XR80-0001", "right", true}};
  Bench bench;
  Sessions sessions(bench.loop, bench.gate);
  for (const Login& login : logins) {
    Recorder recorder;
    auto session_opts = session_options();
    session_opts.user_name = login.user;
    session_opts.password = login.password;
    const auto session =
        sessions.open(Bench::request(broker.port()), session_opts, recorder.handlers());
    ASSERT_TRUE(bench.run_until([&] { return recorder.settled(); }));
    EXPECT_EQ(recorder.ready.has_value(), login.accepted) << login.user;
    if (!login.accepted) {
      EXPECT_EQ(to_string(*recorder.closed), "MQTT_BAD_CREDENTIALS: CONNACK 5") << login.user;
    }
  }
}

TEST(SessionFailure, ThePermissionIsAskedBeforeAnythingElse) {
  Bench bench;
  bench.permit.refusal = Refusal{"SUSPENDED", "The subscription is suspended."};
  Sessions sessions(bench.loop, bench.gate);
  Recorder recorder;
  const auto session = sessions.open(Bench::request(8883), session_options(), recorder.handlers());
  ASSERT_TRUE(bench.run_until([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::permit_refused);
  EXPECT_EQ(session->traffic(), Traffic{});
}

}  // namespace
}  // namespace oobm::uplink::test
