// What the kernel says about interfaces, made by hand as RFC 3549 and rtnetlink(7) have it: only
// the loss of our own end counts, and no message of whatever form may be misread or read beyond its
// end.
#include "agent/uplink/interface_watch.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

namespace oobm::uplink {
namespace {

using Bytes = std::vector<std::byte>;

constexpr int ours = 7;
constexpr int other = 8;
const LocalEnd end_v4{ours, asio::ip::make_address("10.64.0.2")};
const LocalEnd end_v6{ours, asio::ip::make_address("2001:db8::2")};

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void pad(Bytes& bytes) { bytes.resize((bytes.size() + 3) / 4 * 4); }

Bytes message(std::uint16_t type, const Bytes& body) {
  Bytes bytes;
  append(bytes, nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + body.size()),
                         .nlmsg_type = type,
                         .nlmsg_flags = 0,
                         .nlmsg_seq = 0,
                         .nlmsg_pid = 0});
  bytes.insert(bytes.end(), body.begin(), body.end());
  pad(bytes);
  return bytes;
}

Bytes link_message(std::uint16_t type, int index, unsigned flags) {
  ifinfomsg link{};
  link.ifi_index = index;
  link.ifi_flags = flags;
  Bytes body;
  append(body, link);
  return message(type, body);
}

void attribute(Bytes& body, std::uint16_t type, const asio::ip::address& address) {
  const auto put = [&](const auto& raw) {
    append(body, rtattr{.rta_len = static_cast<std::uint16_t>(sizeof(rtattr) + raw.size()),
                        .rta_type = type});
    append(body, raw);
  };
  if (address.is_v4())
    put(address.to_v4().to_bytes());
  else
    put(address.to_v6().to_bytes());
}

Bytes address_message(std::uint16_t type, int index, const char* local, const char* remote) {
  const auto address = asio::ip::make_address(local);
  ifaddrmsg about{};
  about.ifa_family = address.is_v4() ? AF_INET : AF_INET6;
  about.ifa_index = static_cast<std::uint32_t>(index);
  Bytes body;
  append(body, about);
  attribute(body, IFA_ADDRESS, asio::ip::make_address(remote));
  if (address.is_v4()) attribute(body, IFA_LOCAL, address);
  return message(type, body);
}

TEST(InterfaceWatch, WhatIsTooShortSaysNothing) {
  const auto whole = link_message(RTM_DELLINK, ours, 0);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(says_lost(std::span(whole).first(size), end_v4)) << size;
}

TEST(InterfaceWatch, ALengthThatCannotBeEndsTheReading) {
  for (const std::uint32_t length : {0U, 1U, 15U, 1'000'000U, 0xffff'ffffU}) {
    auto bytes = link_message(RTM_DELLINK, ours, 0);
    std::memcpy(bytes.data(), &length, sizeof length);
    EXPECT_FALSE(says_lost(bytes, end_v4)) << length;
  }
}

TEST(InterfaceWatch, RandomBytesAreReadWithinTheirBounds) {
  std::mt19937 random(1);
  const auto model = address_message(RTM_DELADDR, ours, "10.64.0.3", "10.64.0.1");
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = model;
    for (int change = 0; change < 3; ++change)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    // An address of its own, so that whatever is read beyond it is found by the sanitizer.
    const Bytes cut(bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(random() % bytes.size()));
    static_cast<void>(says_lost(cut, end_v4));
  }
}

TEST(InterfaceWatch, AnotherInterfaceIsNotOurs) {
  EXPECT_FALSE(says_lost(link_message(RTM_DELLINK, other, 0), end_v4));
  EXPECT_FALSE(says_lost(address_message(RTM_DELADDR, other, "10.64.0.2", "10.64.0.1"), end_v4));
}

TEST(InterfaceWatch, AnotherAddressOfOursIsNotTheConnections) {
  EXPECT_FALSE(says_lost(address_message(RTM_DELADDR, ours, "10.64.0.9", "10.64.0.1"), end_v4));
  EXPECT_FALSE(says_lost(address_message(RTM_DELADDR, ours, "2001:db8::2", "2001:db8::2"), end_v4));
  // The peer's address is not ours, though it stands in the same message.
  EXPECT_FALSE(says_lost(address_message(RTM_DELADDR, ours, "10.64.0.1", "10.64.0.2"), end_v4));
}

TEST(InterfaceWatch, NewAddressesAndLinksThatStayUpAreNoLoss) {
  EXPECT_FALSE(says_lost(link_message(RTM_NEWLINK, ours, IFF_UP | IFF_RUNNING), end_v4));
  EXPECT_FALSE(says_lost(address_message(RTM_NEWADDR, ours, "10.64.0.2", "10.64.0.1"), end_v4));
}

TEST(InterfaceWatch, AnInterfaceThatIsGoneOrDownIsALoss) {
  EXPECT_TRUE(says_lost(link_message(RTM_DELLINK, ours, IFF_UP), end_v4));
  EXPECT_TRUE(says_lost(link_message(RTM_NEWLINK, ours, 0), end_v4));
}

TEST(InterfaceWatch, TheLossOfTheConnectionsAddressIsALoss) {
  EXPECT_TRUE(says_lost(address_message(RTM_DELADDR, ours, "10.64.0.2", "10.64.0.1"), end_v4));
  EXPECT_TRUE(says_lost(address_message(RTM_DELADDR, ours, "2001:db8::2", "2001:db8::2"), end_v6));
}

TEST(InterfaceWatch, EveryMessageOfARowIsRead) {
  auto bytes = link_message(RTM_NEWLINK, other, IFF_UP);
  for (const auto& next : {address_message(RTM_NEWADDR, ours, "10.64.0.2", "10.64.0.1"),
                           link_message(RTM_DELLINK, ours, 0)})
    bytes.insert(bytes.end(), next.begin(), next.end());
  EXPECT_TRUE(says_lost(bytes, end_v4));
}

}  // namespace
}  // namespace oobm::uplink
