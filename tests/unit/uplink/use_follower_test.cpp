// Bytes of an MQTT stream find what they are spent on, in any split, and a stream that makes no
// sense does no harm.
#include "agent/uplink/use_follower.hpp"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

using Stream = std::vector<std::uint8_t>;
using Shares = std::map<Use, std::size_t>;

Stream packet(std::uint8_t type, std::size_t body) {
  Stream bytes{static_cast<std::uint8_t>(type << 4U)};
  auto left = body;
  do {
    bytes.push_back(static_cast<std::uint8_t>((left & 0x7FU) | (left > 0x7FU ? 0x80U : 0U)));
    left >>= 7U;
  } while (left != 0);
  bytes.resize(bytes.size() + body, 0x33);
  return bytes;
}

Stream joined(std::initializer_list<Stream> packets) {
  Stream all;
  for (const auto& one : packets) all.insert(all.end(), one.begin(), one.end());
  return all;
}

Shares shares(UseFollower follower, const Stream& stream, std::size_t step) {
  Shares sums;
  for (std::size_t at = 0; at < stream.size(); at += step)
    follower.feed(std::span(stream).subspan(at, std::min(step, stream.size() - at)),
                  [&](Use use, std::size_t bytes) { sums[use] += bytes; });
  return sums;
}

constexpr std::uint8_t connect_type = 1, publish_type = 3, puback_type = 4, ping_type = 12;

TEST(UseFollower, RubbishIsDividedWithoutALossWhateverItIs) {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    Stream rubbish(1 + random() % 600);
    for (auto& byte : rubbish) byte = static_cast<std::uint8_t>(random());
    UseFollower follower(i % 2 == 0 ? UseFollower::Way::outbound : UseFollower::Way::inbound);
    const auto whole = shares(follower, rubbish, rubbish.size());
    EXPECT_EQ(whole, shares(follower, rubbish, 1));
    std::size_t sum = 0;
    for (const auto& [use, bytes] : whole) sum += bytes;
    EXPECT_EQ(sum, rubbish.size());
  }
}

TEST(UseFollower, MoreExpectationsThanTheBoundCountAsTasks) {
  UseFollower follower(UseFollower::Way::outbound);
  for (std::size_t i = 0; i < max_expected_uses + 10; ++i) follower.expect(Use::telemetry);
  Stream stream;
  for (std::size_t i = 0; i < max_expected_uses + 10; ++i) {
    const auto one = packet(publish_type, 8);
    stream.insert(stream.end(), one.begin(), one.end());
  }
  EXPECT_EQ(shares(follower, stream, 7),
            (Shares{{Use::telemetry, max_expected_uses * 10}, {Use::tasks, 100}}));
}

TEST(UseFollower, MessagesThatWeSendAreForWhatTheirSenderSaid) {
  UseFollower follower(UseFollower::Way::outbound);
  for (const Use use : {Use::lifecycle, Use::telemetry, Use::heartbeat}) follower.expect(use);
  const auto stream =
      joined({packet(connect_type, 60), packet(publish_type, 100), packet(ping_type, 0),
              packet(publish_type, 20'000), packet(puback_type, 2), packet(publish_type, 200),
              packet(publish_type, 10)});
  const Shares expected{{Use::upkeep, 62 + 2},
                        {Use::lifecycle, 102},
                        {Use::telemetry, 20'004},
                        {Use::heartbeat, 203},
                        {Use::tasks, 4 + 12}};
  for (const std::size_t step : {stream.size(), std::size_t{1}, std::size_t{3}, std::size_t{1150}})
    EXPECT_EQ(shares(follower, stream, step), expected) << step;
}

TEST(UseFollower, AcknowledgementsBelongToTheirMessagesAndWhatComesIsATask) {
  UseFollower follower(UseFollower::Way::inbound);
  for (const Use use : {Use::lifecycle, Use::telemetry}) follower.expect(use);
  const auto stream = joined({packet(2, 2), packet(9, 3), packet(publish_type, 500),
                              packet(puback_type, 2), packet(13, 0), packet(puback_type, 2)});
  const Shares expected{
      {Use::upkeep, 4 + 5 + 2}, {Use::tasks, 503}, {Use::lifecycle, 4}, {Use::telemetry, 4}};
  for (const std::size_t step : {stream.size(), std::size_t{1}, std::size_t{5}})
    EXPECT_EQ(shares(follower, stream, step), expected) << step;
}

}  // namespace
}  // namespace oobm::uplink
