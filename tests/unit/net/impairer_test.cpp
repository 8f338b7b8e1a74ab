// What the impairer does to packets in time.
#include "tests/unit/net/impairer_bench.hpp"

namespace oobm::netbench::test {
namespace {

constexpr int many = 10'000;

TEST_F(ImpairedLink, ABlackHoleSwallowsAllAndSaysSo) {
  set("black_hole=1");
  send({});
  send({.down = true});
  wait(milliseconds(10'000));
  EXPECT_TRUE(arrived.empty());
  EXPECT_EQ(link.counts().swallowed, 2U);
  set("black_hole=0");
  send({});
  EXPECT_EQ(arrived.size(), 1U);
}

TEST_F(ImpairedLink, WhatIsNoPacketIsCountedAndDropped) {
  link.take(Direction::up, Bytes{1, 2, 3}, begin);
  deliver();
  EXPECT_TRUE(arrived.empty());
  EXPECT_EQ(link.counts().unreadable, 1U);
}

TEST_F(ImpairedLink, ADeafPortIsDeafAlone) {
  set("deaf_port=8883");
  send({});
  send({.down = true});
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].direction, Direction::down);
}

TEST_F(ImpairedLink, LossIsAboutWhatWasAskedFor) {
  set("loss=30");
  for (int i = 0; i < many; ++i) send({});
  EXPECT_NEAR(static_cast<double>(link.counts().lost), 0.3 * many, 0.02 * many);
  EXPECT_EQ(arrived.size() + link.counts().lost, static_cast<std::size_t>(many));
}

TEST_F(ImpairedLink, NothingAskedForMeansNothingDone) {
  for (int i = 0; i < many; ++i) send({.sequence = static_cast<std::uint32_t>(i)});
  ASSERT_EQ(arrived.size(), static_cast<std::size_t>(many));
  for (int i = 0; i < many; ++i) {
    ASSERT_EQ(arrived[static_cast<std::size_t>(i)].packet.sequence, static_cast<std::uint32_t>(i));
  }
}

TEST_F(ImpairedLink, TheSameSeedTellsTheSameStory) {
  const auto story = [](std::uint64_t seed) {
    Impairer other(seed);
    EXPECT_TRUE(apply(other.settings, "loss=10 duplicate=10 reorder=10 delay=50 jitter=40"));
    std::vector<std::uint32_t> told;
    for (std::uint32_t i = 0; i < 200; ++i) {
      other.take(Direction::up, Segment{.sequence = i}.bytes(), Clock::time_point(milliseconds(i)));
    }
    other.deliver(Clock::time_point(std::chrono::seconds(9)),
                  [&](Direction, BytesView bytes) { told.push_back(parse(bytes)->sequence); });
    return told;
  };
  EXPECT_EQ(story(5), story(5));
  EXPECT_NE(story(5), story(6));
}

TEST_F(ImpairedLink, DelayAndJitterStayWithinTheirBoundsAndKeepTheOrder) {
  set("delay=500 jitter=100");
  for (std::uint32_t i = 0; i < 100; ++i) send({.sequence = i});
  wait(milliseconds(399));
  EXPECT_TRUE(arrived.empty());
  wait(milliseconds(201));
  ASSERT_EQ(arrived.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(arrived[i].packet.sequence, i);
}

TEST_F(ImpairedLink, ANarrowRateSpreadsPackets) {
  set("rate=30000");
  for (int i = 0; i < 3; ++i) send({.payload = 1'250 - header_bytes});
  send({.payload = 1'250 - header_bytes, .down = true});
  wait(milliseconds(5'000));
  ASSERT_EQ(arrived.size(), 4U);
  EXPECT_EQ(arrived[0].at, milliseconds(334)) << "10,000 bits";
  EXPECT_EQ(arrived[1].at, milliseconds(334)) << "the other direction has its own rate";
  EXPECT_EQ(arrived[2].at, milliseconds(667));
  EXPECT_EQ(arrived[3].at, milliseconds(1'000));
}

TEST_F(ImpairedLink, TheQueueIsBounded) {
  set("rate=1000");
  for (std::size_t i = 0; i < Impairer::queue_packets + 7; ++i) send({});
  EXPECT_EQ(link.counts().overflowed, 7U);
}

TEST_F(ImpairedLink, DuplicatesArriveTwice) {
  set("duplicate=100");
  send({.sequence = 9});
  ASSERT_EQ(arrived.size(), 2U);
  EXPECT_EQ(arrived[1].packet.sequence, 9U);
}

TEST_F(ImpairedLink, WhatIsReorderedOvertakes) {
  set("delay=100");
  send({.sequence = 1});
  set("reorder=100");
  send({.sequence = 2});
  wait(milliseconds(100));
  ASSERT_EQ(arrived.size(), 2U);
  EXPECT_EQ(arrived[0].packet.sequence, 2U);
}

TEST_F(ImpairedLink, EverythingIsCounted) {
  send({.payload = 60});
  send({.down = true});
  const auto& counts = link.counts();
  EXPECT_EQ(counts.taken[0], 1U);
  EXPECT_EQ(counts.taken_bytes[0], 100U);
  EXPECT_EQ(counts.delivered_bytes[0], 100U);
  EXPECT_EQ(counts.delivered[1], 1U);
  EXPECT_NE(to_json(counts).find(R"("delivered_bytes":[100,40])"), std::string::npos);
}

}  // namespace
}  // namespace oobm::netbench::test
