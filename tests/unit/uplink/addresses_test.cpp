// In which order addresses are tried, and which of them are none.
#include "agent/uplink/addresses.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/uplink/limits.hpp"

namespace oobm::uplink {
namespace {

using Order = AddressQueue::Order;

Addresses addresses(const std::vector<std::string>& texts) {
  Addresses all;
  for (const auto& text : texts) all.push_back(asio::ip::make_address(text));
  return all;
}

std::vector<std::string> drained(AddressQueue& queue) {
  std::vector<std::string> all;
  while (const auto next = queue.next()) all.push_back(next->to_string());
  return all;
}

struct Row {
  const char* name;
  Order order;
  bool v6_first;
  std::vector<std::string> given;
  std::vector<std::string> tried;
};

class Queue : public testing::TestWithParam<Row> {};

TEST_P(Queue, GivesAddressesInItsOrder) {
  AddressQueue queue(GetParam().order, GetParam().v6_first);
  queue.add(addresses(GetParam().given));
  EXPECT_EQ(drained(queue), GetParam().tried);
  EXPECT_TRUE(queue.empty());
}

using Texts = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    Orders, Queue,
    testing::Values(
        Row{"nothing", Order::families_in_turn, true, {}, {}},
        Row{"v6_first",
            Order::families_in_turn,
            true,
            {"10.0.0.1", "10.0.0.2", "fd00::1"},
            {"fd00::1", "10.0.0.1", "10.0.0.2"}},
        Row{"v4_first",
            Order::families_in_turn,
            false,
            {"fd00::1", "fd00::2", "10.0.0.1"},
            {"10.0.0.1", "fd00::1", "fd00::2"}},
        Row{"in_turn",
            Order::families_in_turn,
            true,
            {"fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"},
            {"fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2"}},
        Row{"as_given",
            Order::as_given,
            true,
            {"10.0.0.1", "10.0.0.2", "fd00::1"},
            {"10.0.0.1", "10.0.0.2", "fd00::1"}},
        Row{"none_twice", Order::as_given, true, {"10.0.0.1", "10.0.0.1"}, {"10.0.0.1"}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(AddressQueue, WhatComesLaterTakesItsTurn) {
  AddressQueue queue(Order::families_in_turn);
  queue.add(addresses({"fd00::1", "fd00::2"}));
  EXPECT_EQ(queue.next()->to_string(), "fd00::1");
  queue.add(addresses({"10.0.0.1", "fd00::1"}));
  EXPECT_EQ(drained(queue), (Texts{"10.0.0.1", "fd00::2"})) << "and the first is not tried again";
}

TEST(AddressQueue, IsBounded) {
  AddressQueue queue(Order::families_in_turn);
  Addresses many;
  for (unsigned i = 0; i < 100; ++i) many.emplace_back(asio::ip::address_v4(0x0A000000 + i));
  queue.add(many);
  EXPECT_EQ(drained(queue).size(), max_addresses);
  queue.add(addresses({"fd00::1"}));
  EXPECT_TRUE(queue.empty()) << "in all, not at once";
}

TEST(Addresses, WhatIsRememberedIsReadWithoutTrust) {
  Target target;
  target.remembered_addresses = {"broker.example", "", "10.0.0.1", "999.1.1.1", "fd00::1"};
  EXPECT_EQ(remembered_addresses(target), addresses({"10.0.0.1", "fd00::1"}));
}

}  // namespace
}  // namespace oobm::uplink
