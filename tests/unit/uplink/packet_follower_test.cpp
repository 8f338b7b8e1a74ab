#include "agent/uplink/packet_follower.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

using Bytes = std::vector<std::uint8_t>;
using enum PacketFollower::Verdict;

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const Bytes connack{0x20, 0x02, 0x00, 0x00};

struct Case {
  const char* what;
  Bytes after_connack;
  PacketFollower::Verdict verdict;
  std::size_t accepted;  // of the bytes after CONNACK
};

// Failures first.
const std::vector<Case> cases{
    {"200 MB announced", {0x30, 0x80, 0x84, 0xAF, 0x5F}, too_large, 4},
    {"the most that can be announced", {0x30, 0xFF, 0xFF, 0xFF, 0x7F}, too_large, 4},
    {"one byte over 64 KiB in all", {0x30, 0xFD, 0xFF, 0x03}, too_large, 3},
    {"a fifth length byte", {0x30, 0x80, 0x80, 0x80, 0x80, 0x01}, malformed, 4},
    {"type 0", {0x00, 0x00}, malformed, 0},
    {"CONNECT from a server", {0x10, 0x02, 0, 0}, malformed, 0},
    {"SUBSCRIBE from a server", {0x82, 0x05, 0, 1, 0, 0, 0}, malformed, 0},
    {"PINGREQ from a server", {0xC0, 0x00}, malformed, 0},
    {"DISCONNECT from a server", {0xE0, 0x00}, malformed, 0},
    {"type 15", {0xF0, 0x00}, malformed, 0},
    {"a second CONNACK", {0x20, 0x02, 0, 0}, malformed, 0},
    {"QoS 3", {0x36, 0x05, 0, 1, 'a', 0, 1}, malformed, 0},
    {"PUBACK with flags", {0x41, 0x02, 0, 1}, malformed, 0},
    {"PUBREL without its flag", {0x60, 0x02, 0, 1}, malformed, 0},
    {"PUBACK of three bytes", {0x40, 0x03, 0, 1, 0}, malformed, 1},
    {"PUBACK of one byte", {0x40, 0x01, 0}, malformed, 1},
    {"PINGRESP with a body", {0xD0, 0x01, 0}, malformed, 1},
    {"PUBLISH without room for a topic", {0x30, 0x01, 0}, malformed, 1},
    {"PUBLISH at QoS 1 without room for its id", {0x32, 0x03, 0, 0, 0}, malformed, 1},
    {"SUBACK without a return code", {0x90, 0x02, 0, 1}, malformed, 1},
    {"HTTP", {'H', 'T', 'T', 'P', '/', '1', '.', '1'}, malformed, 0},
    {"64 KiB in all", {0x30, 0xFC, 0xFF, 0x03}, ok, 4},
    {"a length padded with zeroes", {0xD0, 0x80, 0x80, 0x00}, ok, 4},
    {"PINGRESP, PUBACK, PUBREL", {0xD0, 0, 0x40, 2, 0, 1, 0x62, 2, 0, 2}, ok, 10},
    {"PUBLISH and SUBACK", {0x32, 0x05, 0, 1, 'a', 0, 9, 0x90, 3, 0, 1, 1}, ok, 12},
};

TEST(PacketFollower, JudgesEachHeaderBeforeItIsComplete) {
  for (const Case& c : cases) {
    PacketFollower follower;
    const auto result = follower.feed(connack + c.after_connack);
    EXPECT_EQ(result.verdict, c.verdict) << c.what;
    EXPECT_EQ(result.accepted, connack.size() + c.accepted) << c.what;
  }
}

TEST(PacketFollower, JudgesTheSameByteByByte) {
  for (const Case& c : cases) {
    PacketFollower follower;
    std::size_t accepted = 0;
    auto verdict = ok;
    for (const std::uint8_t byte : connack + c.after_connack) {
      const auto step = follower.feed({&byte, 1});
      accepted += step.accepted;
      verdict = step.verdict;
    }
    EXPECT_EQ(verdict, c.verdict) << c.what;
    EXPECT_EQ(accepted, connack.size() + c.accepted) << c.what;
  }
}

TEST(PacketFollower, SaysHowMuchWasAnnounced) {
  PacketFollower follower;
  follower.feed(connack + Bytes{0x30, 0x80, 0x84, 0xAF, 0x5F});
  EXPECT_EQ(follower.announced_bytes(), 200'000'000U + 5U);
}

TEST(PacketFollower, StaysRefusedAfterARefusal) {
  PacketFollower follower;
  follower.feed(connack + Bytes{0x00});
  const auto again = follower.feed(Bytes{0xD0, 0x00});
  EXPECT_EQ(again.verdict, malformed);
  EXPECT_EQ(again.accepted, 0U);
}

TEST(PacketFollower, TakesNothingBeforeTheLoginIsAnswered) {
  for (const std::uint8_t first : Bytes{0x30, 0x40, 0x90, 0xD0}) {
    PacketFollower follower;
    EXPECT_EQ(follower.feed(Bytes{first, 0x00}).verdict, malformed) << int{first};
  }
}

TEST(PacketFollower, KeepsTheLoginsReturnCode) {
  for (const std::uint8_t code : Bytes{0, 1, 2, 3, 4, 5, 99}) {
    PacketFollower whole;
    whole.feed(Bytes{0x20, 0x02, 0x00, code});
    EXPECT_EQ(whole.connack_code(), code);
    PacketFollower split;
    split.feed(Bytes{0x20, 0x02, 0x01});
    EXPECT_FALSE(split.connack_code());
    split.feed(Bytes{code});
    EXPECT_EQ(split.connack_code(), code);
  }
}

TEST(PacketFollower, FollowsALongStreamInAnySplit) {
  Bytes stream = connack;
  for (std::uint8_t i = 0; i < 200; ++i) {
    const std::uint8_t size = 7;
    stream = stream + Bytes{0x32, size, 0, 1, 't', 0, i, 'x', 'y'} + Bytes{0xD0, 0x00};
  }
  EXPECT_TRUE(packet_follower_holds(stream));
  PacketFollower follower;
  const auto result = follower.feed(stream);
  EXPECT_EQ(result.verdict, ok);
  EXPECT_EQ(result.accepted, stream.size());
}

TEST(PacketFollower, HoldsOnRandomBytes) {
  std::random_device device;
  const auto seed = device();
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    Bytes data = round % 2 == 0 ? connack : Bytes{};
    const auto size = random() % 64;
    for (std::size_t i = 0; i < size; ++i) data.push_back(static_cast<std::uint8_t>(random()));
    ASSERT_TRUE(packet_follower_holds(data)) << "seed " << seed << " round " << round;
  }
}

}  // namespace
}  // namespace oobm::uplink
