// The MQTT session against a real broker.
#include "agent/uplink/session.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"

namespace oobm::uplink::test {
namespace {

const std::string tasks = "XR80-0001/tasks/json";

class SessionOnBroker : public testing::Test {
 protected:
  std::unique_ptr<Session> open(Recorder& recorder, SessionOptions options = session_options()) {
    auto session =
        sessions.open(Bench::request(broker.port()), std::move(options), recorder.handlers());
    EXPECT_TRUE(bench.run_until([&] { return recorder.settled(); }));
    EXPECT_TRUE(recorder.ready) << to_string(recorder.closed.value_or(failure(Code::mqtt_timeout)));
    return session;
  }
  bool wait(const std::function<bool()>& done) { return bench.run_until(done); }

  Mosquitto broker;
  Bench bench;
  Sessions sessions{bench.loop, bench.gate};
};

TEST_F(SessionOnBroker, AHeldAcknowledgementDoesNotLeaveAndTheMessageComesAgain) {
  Recorder first;
  first.hold = true;
  auto session = open(first);
  ASSERT_EQ(broker.publish(tasks, "one"), 0);
  ASSERT_TRUE(wait([&] { return first.messages.size() == 1; }));
  EXPECT_FALSE(first.messages[0].duplicate);
  session->cut();
  ASSERT_TRUE(wait([&] { return first.closed.has_value(); }));
  EXPECT_EQ(first.closed->code, Code::cut);
  first.held.release();  // too late: it must do nothing

  Recorder second;
  session = open(second);
  EXPECT_TRUE(second.ready->session_present);
  ASSERT_TRUE(wait([&] { return second.messages.size() == 1; }));
  EXPECT_EQ(second.messages[0].payload, "one");
  EXPECT_TRUE(second.messages[0].duplicate);
}

TEST_F(SessionOnBroker, AReleasedMessageDoesNotComeAgain) {
  Recorder first;
  first.hold = true;
  auto session = open(first);
  ASSERT_EQ(broker.publish(tasks, "one"), 0);
  ASSERT_EQ(broker.publish(tasks, "two"), 0);
  ASSERT_TRUE(wait([&] { return first.messages.size() == 1; }));
  first.held.release();
  ASSERT_TRUE(wait([&] { return first.messages.size() == 2; })) << "one after the other";
  // The broker has the first PUBACK for certain once it has sent the second message's answer.
  ASSERT_TRUE(wait([&] { return broker.log().find("Received PUBACK") != std::string::npos; }));
  session->cut();
  ASSERT_TRUE(wait([&] { return first.closed.has_value(); }));

  Recorder second;
  session = open(second);
  ASSERT_TRUE(wait([&] { return second.messages.size() == 1; }));
  EXPECT_EQ(second.messages[0].payload, "two");
}

TEST_F(SessionOnBroker, AMessageThatIsDroppedUnstoredCutsTheSession) {
  Recorder recorder;
  recorder.hold = true;
  const auto session = open(recorder);
  ASSERT_EQ(broker.publish(tasks, "one"), 0);
  ASSERT_TRUE(wait([&] { return recorder.messages.size() == 1; }));
  recorder.held = Puback();
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::cut);
  EXPECT_EQ(broker.log().find("Received PUBACK"), std::string::npos);
}

TEST_F(SessionOnBroker, TheLoopGoesOnWhileAMessageIsHeld) {
  Recorder recorder;
  recorder.hold = true;
  const auto session = open(recorder);
  ASSERT_EQ(broker.publish(tasks, "one"), 0);
  ASSERT_TRUE(wait([&] { return recorder.messages.size() == 1; }));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(session->publish("XR80-0001/acks/json", "x"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_TRUE(recorder.published.empty());
  recorder.held.release();
  EXPECT_TRUE(wait([&] { return recorder.published.size() == 10; }));
}

TEST_F(SessionOnBroker, StoppingWhileAMessageIsHeldComesToAnEnd) {
  Recorder recorder;
  recorder.hold = true;
  auto options = session_options();
  options.stop_limit = std::chrono::milliseconds(500);
  const auto session = open(recorder, options);
  ASSERT_EQ(broker.publish(tasks, "one"), 0);
  ASSERT_TRUE(wait([&] { return recorder.messages.size() == 1; }));
  session->stop();
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::stopped);
}

TEST_F(SessionOnBroker, StopLeavesInGoodOrderAndTheWillIsNotSent) {
  const auto output = Certificates::get().folder() / "will.txt";
  auto watcher = broker.subscribe("wills", output);
  ASSERT_TRUE(wait([&] { return broker.log().find("SUBACK to watcher") != std::string::npos; }));
  // One will for a session that stops, one for a session that is cut: the watcher takes the first.
  for (const bool stops : {true, false}) {
    Recorder recorder;
    auto options = session_options();
    options.will = Will{"wills", stops ? "stopped" : "cut"};
    const auto session = open(recorder, options);
    stops ? session->stop() : session->cut();
    ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
    EXPECT_EQ(recorder.closed->code, stops ? Code::stopped : Code::cut);
    EXPECT_EQ(recorder.closed_count, 1);
    EXPECT_FALSE(session->publish("t", "x"));
  }
  EXPECT_EQ(watcher.wait(), 0);
  EXPECT_EQ(read_file(output), "cut\n");
  EXPECT_NE(broker.log().find("Received DISCONNECT from XR80-0001"), std::string::npos);
}

TEST_F(SessionOnBroker, ASecondSessionWaitsUntilTheFirstIsOver) {
  Recorder first;
  auto one = open(first);
  Recorder second;
  const auto two =
      sessions.open(Bench::request(broker.port()), session_options("XR80-0002"), second.handlers());
  ASSERT_TRUE(wait([&] { return two->traffic().wire.received > 200; })) << "its link stands";
  EXPECT_FALSE(second.settled());
  one->stop();
  ASSERT_TRUE(wait([&] { return second.settled(); }));
  EXPECT_TRUE(second.ready);
}

TEST_F(SessionOnBroker, ASessionThatWaitsForAnotherGivesUpInTime) {
  Recorder first;
  const auto one = open(first);
  Recorder second;
  auto options = session_options("XR80-0002");
  options.login_timeout = std::chrono::milliseconds(300);
  const auto two = sessions.open(Bench::request(broker.port()), options, second.handlers());
  ASSERT_TRUE(wait([&] { return second.settled(); }));
  EXPECT_EQ(second.closed->code, Code::mqtt_timeout);
  EXPECT_FALSE(first.closed);
}

TEST_F(SessionOnBroker, TheBrokersEndIsReported) {
  Recorder recorder;
  const auto session = open(recorder);
  broker.stop();
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_TRUE(recorder.closed->code == Code::peer_closed ||
              recorder.closed->code == Code::tcp_reset)
      << to_string(*recorder.closed);
}

TEST_F(SessionOnBroker, ReadySaysWhatIsKnown) {
  Recorder recorder;
  const auto session = open(recorder);
  const ReadyInfo& ready = *recorder.ready;
  EXPECT_FALSE(ready.session_present);
  EXPECT_TRUE(ready.link.dates_ok);
  EXPECT_EQ(ready.link.tls_version, "TLSv1.3");
  EXPECT_EQ(ready.link.interface, "lo");
  EXPECT_EQ(ready.link.remote_address, "127.0.0.1:" + std::to_string(broker.port()));
  EXPECT_TRUE(ready.link.local_address.starts_with("127.0.0.1:"));
  EXPECT_GT(ready.traffic.wire.sent, ready.traffic.payload.sent);
  EXPECT_EQ(session->traffic().payload.received, ready.traffic.payload.received);
}

TEST_F(SessionOnBroker, AKeptSessionIsSubscribedAgainOnceItsHeldMessageIsStored) {
  Recorder first;
  auto session = open(first);
  session->stop();
  ASSERT_TRUE(wait([&] { return first.closed.has_value(); }));
  ASSERT_EQ(broker.publish(tasks, "while away"), 0);
  const auto subscribes = [&] {
    const auto log = broker.log();
    const std::string line = "Received SUBSCRIBE from XR80-0001";
    const auto once = log.find(line);
    return once == std::string::npos ? 0 : log.find(line, once + 1) == std::string::npos ? 1 : 2;
  };
  ASSERT_EQ(subscribes(), 1);
  Recorder second;
  second.hold = true;
  session = open(second);
  EXPECT_TRUE(second.ready->session_present);
  ASSERT_TRUE(wait([&] { return second.messages.size() == 1; }));
  EXPECT_EQ(second.messages[0].payload, "while away");
  second.hold = false;
  second.held.release();
  ASSERT_TRUE(wait([&] { return subscribes() == 2; }));
  ASSERT_EQ(broker.publish(tasks, "now"), 0);
  ASSERT_TRUE(wait([&] { return second.messages.size() == 2; }));
  EXPECT_EQ(second.messages[1].payload, "now");
  EXPECT_FALSE(second.closed);
}

TEST_F(SessionOnBroker, ARetainedMessageIsMarked) {
  ASSERT_EQ(broker.publish(tasks, "old", true), 0);
  Recorder recorder;
  const auto session = open(recorder);
  ASSERT_TRUE(wait([&] { return recorder.messages.size() == 1; }));
  EXPECT_TRUE(recorder.messages[0].retained);
  EXPECT_EQ(recorder.messages[0].qos, 1);
}

TEST_F(SessionOnBroker, APublishBeforeReadyIsSentWhenReady) {
  Recorder recorder;
  const auto session =
      sessions.open(Bench::request(broker.port()), session_options(), recorder.handlers());
  const auto token = session->publish("t", "early");
  ASSERT_TRUE(token);
  ASSERT_TRUE(wait([&] { return !recorder.published.empty(); }));
  EXPECT_EQ(recorder.published[0], *token);
  EXPECT_TRUE(recorder.ready);
}

TEST_F(SessionOnBroker, MoreThanAThousandMessagesInOrderBothWays) {
  constexpr int count = 1'200;
  Recorder recorder;
  auto options = session_options();
  options.subscriptions = {"echo"};
  const auto session = open(recorder, options);
  int sent = 0;
  const auto finish = [&] {
    while (sent < count && session->publish("echo", std::to_string(sent) + std::string(200, ' '))) {
      ++sent;
    }
    return recorder.messages.size() == count && recorder.published.size() == count;
  };
  // The MQTT library's sender may miss a wake-up, more often on a busy machine: a second each.
  ASSERT_TRUE(bench.run_until(finish, std::chrono::seconds(90)))
      << recorder.messages.size() << " " << recorder.published.size() << " "
      << to_string(recorder.closed.value_or(failure(Code::stopped)));
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(recorder.messages[static_cast<std::size_t>(i)].payload.starts_with(
        std::to_string(i) + " "));
  }
}

TEST_F(SessionOnBroker, LargeMessagesPassBothWays) {
  Recorder recorder;
  auto options = session_options();
  options.subscriptions = {"echo"};
  const auto session = open(recorder, options);
  const std::string large(publish_payload_bytes, 'x');
  constexpr auto at_once = publish_window_bytes / publish_payload_bytes;
  for (std::size_t i = 0; i < at_once; ++i) ASSERT_TRUE(session->publish("echo", large));
  ASSERT_TRUE(wait([&] { return recorder.messages.size() == at_once; }));
  EXPECT_EQ(recorder.messages[0].payload, large);
}

TEST_F(SessionOnBroker, AMessageOver64KiBFromTheBrokerEndsTheSession) {
  Recorder recorder;
  const auto session = open(recorder);
  ASSERT_EQ(broker.publish(tasks, std::string(70'000, 'x')), 0);
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::mqtt_packet_too_large);
  EXPECT_TRUE(recorder.messages.empty());
}

TEST_F(SessionOnBroker, FiftyReconnectsLeaveNoDescriptorBehind) {
  std::vector<std::string> before;
  for (int i = 0; i < 52; ++i) {
    Recorder recorder;
    auto session = open(recorder);
    if (i % 2 == 0) {
      session->cut();
    } else {
      session->stop();
    }
    ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); })) << i;
    session.reset();
    if (i == 1) before = open_descriptors();
  }
  EXPECT_TRUE(wait([&] { return open_descriptors().size() <= before.size(); }))
      << testing::PrintToString(before) << "\n"
      << testing::PrintToString(open_descriptors());
}

TEST_F(SessionOnBroker, ASessionMayBeDestroyedInItsOwnHandler) {
  std::unique_ptr<Session> session;
  bool ready = false;
  bool closed = false;
  SessionHandlers handlers;
  handlers.on_ready = [&](const ReadyInfo&) {
    ready = true;
    session.reset();
  };
  handlers.on_closed = [&](const Failure&) { closed = true; };
  session = sessions.open(Bench::request(broker.port()), session_options(), handlers);
  ASSERT_TRUE(wait([&] { return ready; }));
  while (bench.loop.poll() > 0) {
  }
  EXPECT_FALSE(closed);
  EXPECT_FALSE(session);
}

TEST_F(SessionOnBroker, SessionsEndWhenTheirOwnerDoesEvenWithAMessageHeld) {
  Recorder recorder;
  recorder.hold = true;
  std::unique_ptr<Session> session;
  {
    Sessions inner(bench.loop, bench.gate);
    session = inner.open(Bench::request(broker.port()), session_options(), recorder.handlers());
    ASSERT_TRUE(wait([&] { return recorder.ready.has_value(); }));
    ASSERT_EQ(broker.publish(tasks, "one"), 0);
    ASSERT_TRUE(wait([&] { return recorder.messages.size() == 1; }));
  }
  ASSERT_TRUE(wait([&] { return recorder.closed.has_value(); }));
  EXPECT_EQ(recorder.closed->code, Code::cut);
}

TEST_F(SessionOnBroker, AProxyInTheEnvironmentIsNotUsed) {
  ::setenv("http_proxy", "http://127.0.0.1:9", 1);
  Gate gate(bench.loop, bench.permit, [this] { return bench.trusted_time; });
  Sessions later(bench.loop, gate);
  Recorder recorder;
  const auto session =
      later.open(Bench::request(broker.port()), session_options(), recorder.handlers());
  ASSERT_TRUE(wait([&] { return recorder.settled(); }));
  EXPECT_TRUE(recorder.ready);
}

}  // namespace
}  // namespace oobm::uplink::test
