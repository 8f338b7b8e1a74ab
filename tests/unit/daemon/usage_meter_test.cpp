#include "agent/daemon/usage_meter.hpp"

#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

using uplink::ByteCount;

constexpr std::string_view net_dev =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n"
    "    lo: 1776770   11307    0    0    0     0          0         0  1776770   11307    0    0  "
    "  0     0       0          0\n"
    "  eth0: 1215645    2751    0    0    0     0          0         0  1782404    4324    0    0  "
    "  0   427       0          0\n"
    "wwan0:5 1 0 0 0 0 0 0 18446744073709551615 1 0 0 0 0 0 0\n"
    "ppp0: 12 1 0 0 0 0 0 0\n"
    "ppp1: 12 1 0 0 x 0 0 0 7 1 0 0 0 0 0 0\n"
    "ppp2: -1 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\n"
    "ppp3: 99999999999999999999 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0";

TEST(InterfaceCounters, AreNotGuessedWhereTheFileDoesNotSayThem) {
  for (const std::string_view name : {"", "eth", "eth00", "oobm0", "ppp0", "ppp1", "ppp2", "ppp3",
                                      " face |bytes    packets errs drop fifo frame compressed"})
    EXPECT_EQ(parse_interface_counters(net_dev, name), std::nullopt) << name;
  for (std::size_t length = 0; length < net_dev.size(); ++length)
    (void)parse_interface_counters(net_dev.substr(0, length), "wwan0");
  EXPECT_EQ(parse_interface_counters("", "lo"), std::nullopt);
}

TEST(InterfaceCounters, AreReadFromTheirColumns) {
  EXPECT_EQ(parse_interface_counters(net_dev, "eth0"), (ByteCount{1'782'404, 1'215'645}));
  EXPECT_EQ(parse_interface_counters(net_dev, "wwan0"), (ByteCount{UINT64_MAX, 5}));
  EXPECT_TRUE(interface_counters("lo")) << "of this machine";
}

uplink::TrafficByUse taken(ByteCount payload, ByteCount wire, ByteCount headers) {
  uplink::TrafficByUse uses{};
  uses[static_cast<std::size_t>(uplink::Use::telemetry)] = {payload, wire, headers};
  return uses;
}

const core::Spent& of(const core::SpentByUse& spent, core::Use use) {
  return spent[static_cast<std::size_t>(use)];
}

TEST(UsageMeter, WithoutCountersTheWireIsTheGatesEstimate) {
  UsageMeter meter;
  const auto spent = meter.collect(taken({100, 10}, {150, 40}, {80, 120}), std::nullopt);
  EXPECT_EQ(of(spent, core::Use::telemetry), (core::Spent{{100, 10}, {230, 160}}));
  EXPECT_EQ(of(spent, core::Use::other), core::Spent{});
}

TEST(UsageMeter, WhatTheInterfaceCountedBeyondTheGateIsOther) {
  UsageMeter meter;
  meter.begin("oobm0", ByteCount{1'000, 2'000});
  const auto spent = meter.collect(taken({100, 10}, {150, 40}, {80, 120}), ByteCount{1'300, 2'170});
  EXPECT_EQ(of(spent, core::Use::telemetry).wire, (core::Bytes{230, 160}));
  EXPECT_EQ(of(spent, core::Use::other), (core::Spent{{}, {70, 10}}));
}

// What waits in the socket has been counted by the gate and not yet by the interface.
TEST(UsageMeter, BytesThatPassLaterAreNotCountedTwice) {
  UsageMeter meter;
  meter.begin("oobm0", ByteCount{0, 0});
  auto spent = meter.collect(taken({}, {1'000, 0}, {}), ByteCount{0, 0});
  EXPECT_EQ(of(spent, core::Use::other).wire, core::Bytes{});
  spent = meter.collect({}, ByteCount{1'000, 0});
  EXPECT_EQ(spent, core::SpentByUse{});
  spent = meter.collect({}, ByteCount{1'040, 0});
  EXPECT_EQ(of(spent, core::Use::other).wire, (core::Bytes{40, 0}));
}

TEST(UsageMeter, AnInterfaceThatWasMadeAnewCountsFromZero) {
  UsageMeter meter;
  meter.begin("ppp0", ByteCount{5'000, 5'000});
  const auto spent = meter.collect({}, ByteCount{300, 200});
  EXPECT_EQ(of(spent, core::Use::other).wire, (core::Bytes{300, 200}));
}

TEST(UsageMeter, WhatPassedBeforeIsNotOurs) {
  UsageMeter meter;
  meter.begin("wwan0", ByteCount{9'000'000, 9'000'000});
  EXPECT_EQ(meter.collect({}, ByteCount{9'000'000, 9'000'000}), core::SpentByUse{});
  meter.begin("wwan0", ByteCount{9'000'500, 9'000'000});
  const auto same = meter.collect({}, ByteCount{9'000'500, 9'000'000});
  EXPECT_EQ(of(same, core::Use::other).wire, (core::Bytes{500, 0})) << "the same interface goes on";
  meter.begin("wwan1", ByteCount{70, 70});
  EXPECT_EQ(meter.collect({}, ByteCount{70, 70}), core::SpentByUse{});
}

TEST(UsageMeter, AnInterfaceThatIsGoneForAWhileLosesNothing) {
  UsageMeter meter;
  meter.begin("ppp0", ByteCount{100, 100});
  EXPECT_EQ(meter.collect({}, std::nullopt), core::SpentByUse{});
  const auto spent = meter.collect({}, ByteCount{150, 100});
  EXPECT_EQ(of(spent, core::Use::other).wire, (core::Bytes{50, 0}));
}

}  // namespace
}  // namespace oobm::daemon
