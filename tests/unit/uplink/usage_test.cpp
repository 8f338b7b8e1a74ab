// What bytes were spent on, over a real broker and real TLS; and that what may not be spent does
// not leave.
#include <array>

#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using Kind = ScriptedServer::Kind;

const std::string tasks = "XR80-0001/tasks/json";
const std::string messages = "XR80-0001/messages/json";

const Traffic& of(const TrafficByUse& uses, Use use) { return uses[static_cast<std::size_t>(use)]; }

Traffic sum(const TrafficByUse& uses) {
  Traffic all;
  const auto add = [](ByteCount& to, const ByteCount& more) {
    to.sent += more.sent;
    to.received += more.received;
  };
  for (const auto& use : uses) {
    add(all.payload, use.payload);
    add(all.wire, use.wire);
    add(all.headers, use.headers);
  }
  return all;
}

class SpendingOnBroker : public testing::Test {
 protected:
  std::unique_ptr<Session> open() {
    auto session =
        sessions.open(Bench::request(broker.port()), session_options(), recorder.handlers());
    EXPECT_TRUE(bench.run_until([&] { return recorder.settled(); }));
    EXPECT_TRUE(recorder.ready);
    return session;
  }

  Mosquitto broker;
  Bench bench;
  Recorder recorder;
  Sessions sessions{bench.loop, bench.gate};
};

TEST_F(SpendingOnBroker, WhatMayNotBeSpentDoesNotLeaveAndTheRestDoes) {
  const auto session = open();
  bench.permit.withheld = {Use::telemetry};
  const auto before = bench.gate.traffic("lo").payload;
  const auto refused = session->publish(messages, "{}", Use::telemetry);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::permit_refused);
  EXPECT_EQ(refused.error().detail, "DATA_ALLOWANCE: Used up.");
  EXPECT_EQ(bench.gate.traffic("lo").payload.sent, before.sent);
  ASSERT_TRUE(session->publish(messages, "{}", Use::lifecycle));
  ASSERT_TRUE(bench.run_until([&] { return recorder.published.size() == 1; }));
  bench.permit.withheld.clear();
  EXPECT_TRUE(session->publish(messages, "{}", Use::telemetry));
}

TEST_F(SpendingOnBroker, EachByteIsSpentOnOneThing) {
  auto session = open();
  const std::string payload(300, 'x');
  for (const Use use : {Use::telemetry, Use::lifecycle, Use::telemetry, Use::heartbeat})
    ASSERT_TRUE(session->publish(messages, payload, use));
  ASSERT_EQ(broker.publish(tasks, "one"), 0);
  ASSERT_TRUE(bench.run_until(
      [&] { return recorder.published.size() == 4 && recorder.messages.size() == 1; }));
  session->stop();
  ASSERT_TRUE(bench.run_until([&] { return recorder.closed.has_value(); }));
  const auto uses = bench.gate.take_by_use("lo");
  EXPECT_EQ(sum(uses), bench.gate.traffic("lo"));
  // MQTT 3.1.1 section 3.3: type and two bytes of length, the topic with its length, the packet id.
  const auto packet = 3 + 2 + messages.size() + 2 + payload.size();
  EXPECT_EQ(of(uses, Use::telemetry).payload, (ByteCount{2 * packet, 2 * 4}));
  EXPECT_EQ(of(uses, Use::lifecycle).payload, (ByteCount{packet, 4}));
  EXPECT_EQ(of(uses, Use::heartbeat).payload, (ByteCount{packet, 4}));
  EXPECT_EQ(of(uses, Use::tasks).payload, (ByteCount{4, 2 + 2 + tasks.size() + 2 + 3}));
  EXPECT_EQ(of(uses, Use::handshake).payload, ByteCount{});
  EXPECT_GT(of(uses, Use::handshake).wire.received, 500U) << "the broker's certificate";
  EXPECT_GT(of(uses, Use::upkeep).payload.sent, 20U) << "CONNECT and SUBSCRIBE";
  EXPECT_EQ(of(uses, Use::transfer), Traffic{});
  EXPECT_GT(of(uses, Use::telemetry).wire.sent, 2 * packet);
  // A SYN, an ACK and the flights of the handshake have headers at least.
  EXPECT_GE(of(uses, Use::handshake).headers.sent, 3 * 40U);
  EXPECT_EQ(sum(bench.gate.take_by_use("lo")), Traffic{}) << "taken once";
}

TEST(Spending, AFileEndsWhenItsPermissionLapses) {
  const ScriptedServer server(Kind::tls, [](Peer& peer) {
    const std::string chunk(4096, 'x');
    for (int i = 0; i < 8192 && peer.write(chunk); ++i) continue;
  });
  Bench bench;
  auto request = Bench::request(server.port());
  request.carries = Carries::opaque;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  const auto drain = [&] {
    std::array<char, 4096> buffer{};
    while (::recv(outcome->plain.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) continue;
  };
  const auto received = [&] { return outcome->link->traffic().payload.received; };
  ASSERT_TRUE(bench.run_until([&] { return drain(), received() > 200'000; }));
  bench.permit.withheld = {Use::transfer};
  const auto then = received();
  ASSERT_TRUE(bench.run_until([&] { return drain(), outcome->closed.has_value(); }));
  EXPECT_EQ(outcome->closed->code, Code::permit_refused);
  EXPECT_LE(received(), then + 2 * 64 * 1024);
  EXPECT_EQ(of(bench.gate.take_by_use("lo"), Use::transfer).payload.received, received());
}

}  // namespace
}  // namespace oobm::uplink::test
