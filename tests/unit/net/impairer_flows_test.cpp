// A NAT that forgets, as the impairer plays it, and resets in every phase of a connection.
#include <gtest/gtest.h>

#include "tests/unit/net/impairer_bench.hpp"

namespace oobm::netbench::test {
namespace {

TEST_F(ImpairedLink, ANatThatForgetsSwallowsWhatIsLeftOfAFlow) {
  set("nat_idle=1000");
  send({.flags = tcp_syn});
  send({.flags = tcp_syn | tcp_ack, .down = true});
  wait(milliseconds(1'001));
  send({});
  send({.down = true});
  EXPECT_EQ(arrived.size(), 2U);
  EXPECT_EQ(link.counts().forgotten, 2U);
}

TEST_F(ImpairedLink, TrafficEitherWayKeepsAFlowAlive) {
  set("nat_idle=1000");
  send({.flags = tcp_syn});
  for (int i = 0; i < 10; ++i) {
    wait(milliseconds(900));
    send({.down = i % 2 == 0});
  }
  EXPECT_EQ(arrived.size(), 11U);
}

TEST_F(ImpairedLink, ANatThatForgetsMayAnswerWithAReset) {
  set("nat_idle=1000 nat=reset");
  send({.flags = tcp_syn});
  wait(milliseconds(1'001));
  arrived.clear();
  send({.acknowledgement = 4'711, .payload = 10});
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].direction, Direction::down);
  EXPECT_NE(arrived[0].packet.flags & tcp_rst, 0);
  EXPECT_EQ(arrived[0].packet.sequence, 4'711U);
  send({.flags = tcp_rst});
  EXPECT_EQ(arrived.size(), 1U) << "no answer to a reset";
}

TEST_F(ImpairedLink, ANewConnectionPassesAForgetfulNat) {
  set("nat_idle=1000");
  send({.flags = tcp_syn | tcp_ack, .down = true});
  EXPECT_TRUE(arrived.empty()) << "nobody asked";
  send({.flags = tcp_syn});
  send({.flags = tcp_syn | tcp_ack, .down = true});
  EXPECT_EQ(arrived.size(), 2U);
}

TEST_F(ImpairedLink, AResetComesInAnyPhaseAndOnBothSides) {
  for (std::uint32_t at = 1; at <= 6; ++at) {
    SCOPED_TRACE(at);
    set("reset_at=" + std::to_string(at));
    arrived.clear();
    const auto port = static_cast<std::uint16_t>(40'000 + at);
    send({.flags = tcp_syn, .port = port});
    send({.flags = tcp_syn | tcp_ack, .down = true, .port = port});
    for (int i = 0; i < 4; ++i) send({.payload = 100, .down = i % 2 == 1, .port = port});
    ASSERT_EQ(arrived.size(), at - 1 + 2);
    const auto& onwards = arrived[at - 1];
    const auto& back = arrived[at];
    EXPECT_NE(onwards.packet.flags & tcp_rst, 0);
    EXPECT_NE(back.packet.flags & tcp_rst, 0);
    EXPECT_NE(onwards.direction, back.direction);
  }
  EXPECT_EQ(link.counts().resets, 12U);
}

TEST_F(ImpairedLink, ThePortOfAResetConnectionMayBeUsedAgain) {
  set("reset_at=1");
  send({.flags = tcp_syn});
  set("clear");
  send({});
  EXPECT_EQ(arrived.size(), 2U) << "two resets, and nothing of what has ended";
  send({.flags = tcp_syn});
  EXPECT_EQ(arrived.size(), 3U);
}

TEST_F(ImpairedLink, FlowsAreBounded) {
  set("nat_idle=600000");
  constexpr std::size_t more = Flows::most + 100;
  for (std::size_t i = 0; i < more; ++i) {
    wait(milliseconds(1));
    send({.flags = tcp_syn, .port = static_cast<std::uint16_t>(1'000 + i)});
  }
  arrived.clear();
  send({.port = 1'000});
  EXPECT_TRUE(arrived.empty()) << "the longest idle one is forgotten";
  send({.port = static_cast<std::uint16_t>(1'000 + more - 1)});
  EXPECT_EQ(arrived.size(), 1U);
}

}  // namespace
}  // namespace oobm::netbench::test
