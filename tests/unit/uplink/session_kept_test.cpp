// What a broker has kept is a session, not always its subscriptions: a server that says "session
// present" is asked for them again, and its answer, however late, is obeyed.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using Kind = ScriptedServer::Kind;
using namespace std::chrono_literals;
using namespace std::string_literals;

const std::string connack_new = "\x20\x02\x00\x00"s;
const std::string connack_kept = "\x20\x02\x01\x00"s;
const std::string disconnect = "\xE0\x00"s;
const std::string tasks = "XR80-0001/tasks/json";
constexpr char granted = '\x01';
constexpr char refused = '\x80';
constexpr char subscribe_header = '\x82';

// An MQTT packet of less than 128 bytes.
std::string packet(char header, const std::string& body) {
  return std::string{header, static_cast<char>(body.size())} + body;
}

// At QoS 1, packet identifier 7.
std::string task(const std::string& payload) {
  return packet('\x32',
                std::string{'\0', static_cast<char>(tasks.size())} + tasks + "\x00\x07"s + payload);
}

// Reads until a SUBSCRIBE for the tasks comes; empty when the stream ends before.
std::string read_subscribe(Peer& peer) {
  std::string stream;
  while (true) {
    const auto more = peer.read_some();
    if (more.empty()) return {};
    stream += more;
    const auto at = stream.find(subscribe_header);
    if (at != std::string::npos && stream.find(tasks, at) != std::string::npos) {
      return stream.substr(at);
    }
  }
}

// Answers the SUBSCRIBE that comes, if one comes.
bool answer_subscribe(Peer& peer, const std::string& codes) {
  const auto subscribe = read_subscribe(peer);
  return !subscribe.empty() && peer.write(packet('\x90', subscribe.substr(2, 2) + codes));
}

class KeptSession : public testing::Test {
 protected:
  std::unique_ptr<Session> open(const ScriptedServer& server, Recorder& recorder,
                                SessionOptions options = session_options()) {
    return sessions.open(Bench::request(server.port()), std::move(options), recorder.handlers());
  }
  bool wait(const std::function<bool()>& done) { return bench.run_until(done); }

  Bench bench;
  Sessions sessions{bench.loop, bench.gate};
};

struct FirstSession {
  const char* name;
  ScriptedServer::Script after_connack;
  std::vector<Code> codes;  // any of them
};

class KeptAfter : public KeptSession, public testing::WithParamInterface<FirstSession> {};

TEST_P(KeptAfter, IsSubscribedAndHearsItsTasks) {
  std::atomic<int> connection = 0;
  const ScriptedServer server(Kind::tls, [&](Peer& p) {
    p.read_some();  // CONNECT
    if (++connection == 1) {
      p.write(connack_new);
      return GetParam().after_connack(p);
    }
    p.write(connack_kept);
    if (answer_subscribe(p, {granted})) p.write(task("heard"));
    p.wait_for_end();
  });
  Recorder first;
  auto session = open(server, first);
  ASSERT_TRUE(wait([&] { return first.closed.has_value(); }));
  EXPECT_NE(std::ranges::find(GetParam().codes, first.closed->code), GetParam().codes.end())
      << to_string(*first.closed);
  EXPECT_FALSE(first.ready);

  Recorder second;
  session = open(server, second);
  ASSERT_TRUE(wait([&] { return !second.messages.empty() || second.closed; }));
  ASSERT_EQ(second.messages.size(), 1U) << to_string(*second.closed);
  EXPECT_EQ(second.messages[0].payload, "heard");
  ASSERT_TRUE(second.ready);
  EXPECT_TRUE(second.ready->session_present);
}

INSTANTIATE_TEST_SUITE_P(FirstSessions, KeptAfter,
                         testing::Values(FirstSession{"ALinkThatDropsBeforeTheSubscribe",
                                                      [](Peer&) {},
                                                      {Code::peer_closed, Code::tcp_reset}},
                                         FirstSession{"ALinkThatDropsBeforeTheSuback",
                                                      [](Peer& p) { read_subscribe(p); },
                                                      {Code::peer_closed, Code::tcp_reset}},
                                         FirstSession{"ARefusedSubscription",
                                                      [](Peer& p) {
                                                        answer_subscribe(p, {refused});
                                                        p.wait_for_end();
                                                      },
                                                      {Code::mqtt_subscribe_refused}}),
                         [](const auto& first) { return std::string(first.param.name); });

TEST_F(KeptSession, ARefusalEndsItEvenAfterAMessageThatWasHeld) {
  const ScriptedServer server(Kind::tls, [](Peer& p) {
    p.read_some();
    p.write(connack_kept + task("kept"));
    answer_subscribe(p, {refused});
    p.wait_for_end();
  });
  Recorder recorder;
  recorder.hold = true;
  const auto session = open(server, recorder);
  ASSERT_TRUE(wait([&] { return recorder.ready && !recorder.messages.empty(); }))
      << "ready does not wait for a SUBACK that the held message keeps back";
  EXPECT_FALSE(recorder.closed);
  recorder.held.release();
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::mqtt_subscribe_refused);
  EXPECT_EQ(recorder.closed_count, 1);
}

TEST_F(KeptSession, ARefusalOfOneOfTwoSubscriptionsEndsIt) {
  const ScriptedServer server(Kind::tls, [](Peer& p) {
    p.read_some();
    p.write(connack_kept);
    answer_subscribe(p, {granted, refused});
    p.wait_for_end();
  });
  Recorder recorder;
  auto options = session_options();
  options.subscriptions.emplace_back("forbidden");
  const auto session = open(server, recorder, options);
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::mqtt_subscribe_refused);
}

TEST_F(KeptSession, AConnectionLostBeforeTheSubackIsNoRefusal) {
  const ScriptedServer server(Kind::tls, [](Peer& p) {
    p.read_some();
    p.write(connack_kept);
    read_subscribe(p);
  });
  Recorder recorder;
  const auto session = open(server, recorder);
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_TRUE(recorder.closed->code == Code::peer_closed ||
              recorder.closed->code == Code::tcp_reset)
      << to_string(*recorder.closed);
}

TEST_F(KeptSession, ASubackThatNeverComesHoldsNeitherReadyNorStop) {
  std::atomic<bool> disconnected = false;
  const ScriptedServer server(Kind::tls, [&](Peer& p) {
    p.read_some();
    p.write(connack_kept);
    for (auto bytes = p.read_some(); !bytes.empty(); bytes = p.read_some()) {
      if (bytes.ends_with(disconnect)) disconnected = true;
    }
  });
  Recorder recorder;
  auto options = session_options();
  options.login_timeout = 5s;
  const auto session = open(server, recorder, options);
  ASSERT_TRUE(wait([&] { return recorder.settled(); }));
  ASSERT_TRUE(recorder.ready);
  EXPECT_LT(recorder.ready->login_time, options.login_timeout);
  EXPECT_FALSE(bench.run_until([&] { return recorder.closed.has_value(); }, 6s))
      << "the limit of the login does not reach beyond ready";
  session->stop();
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::stopped);
  EXPECT_TRUE(wait([&] { return disconnected.load(); })) << "or the broker publishes the will";
}

}  // namespace
}  // namespace oobm::uplink::test
