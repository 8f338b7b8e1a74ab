// What the tests of failure modes share: a module in service, and what it must look like whatever
// its line has been through.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/virtual_bench.hpp"

namespace oobm::hal {

inline modem_sim::SimConfig module_of(std::string_view personality, std::int64_t time = 0) {
  modem_sim::SimConfig config;
  config.personality = modem_sim::find_personality(personality);
  config.network_time = {time};
  return config;
}

inline std::ptrdiff_t times_sent(const VirtualBench& bench, std::string_view command) {
  return std::ranges::count(bench.sent, command);
}

// Plays a fault and then lets the service look at everything again.
inline void with_fault(VirtualBench& bench, std::string_view command, core::Duration time) {
  ASSERT_EQ(bench.control(command), "ok") << command;
  bench.service.refresh(bench.now);
  bench.pass(time);
}

inline void expect_whole_identity(const RadioFacts& facts) {
  EXPECT_EQ(facts.manufacturer, "Sierra Wireless");
  EXPECT_EQ(facts.model, "HL7802");
  EXPECT_EQ(facts.firmware, "HL7802.4.6.9.4");
  ASSERT_TRUE(facts.imei);
  EXPECT_EQ(facts.imei->str(), "359459090001236");
  ASSERT_TRUE(facts.iccid);
  EXPECT_EQ(facts.iccid->str(), "89014103211118510720");
  ASSERT_TRUE(facts.imsi);
  EXPECT_EQ(facts.imsi->masked(), "00101xxxxxxxxxx");
}

inline void expect_home_service(const RadioFacts& facts) {
  EXPECT_EQ(facts.port, PortState::ok);
  EXPECT_EQ(facts.power, RadioPower::on);
  EXPECT_EQ(facts.sim, SimState::ready);
  EXPECT_EQ(facts.registration, Registration::home);
  EXPECT_EQ(facts.tac, 0x2616U);
  EXPECT_EQ(facts.cell_id, 0x0ddaea01U);
  EXPECT_EQ(facts.rsrp_dbm, -97);
  EXPECT_EQ(facts.rsrq_db, -10.0);
  EXPECT_EQ(facts.operator_name, "Test Network");
  ASSERT_TRUE(facts.pdp);
  EXPECT_EQ(facts.pdp->apn, "oobm.example");
  EXPECT_THAT(facts.pdp->addresses, testing::ElementsAre("10.64.0.2"));
  EXPECT_THAT(facts.pdp->dns_servers, testing::ElementsAre("10.64.0.1"));
}

class FailureMode : public testing::Test {
 protected:
  void in_service() {
    bench.plug();
    ASSERT_TRUE(bench.until_registered());
  }
  // After a fault: the module is in service again, and nothing it said by the way is believed.
  void expect_service(core::Duration limit = std::chrono::minutes(5)) {
    bench.service.refresh(bench.now);
    ASSERT_TRUE(bench.until_registered(limit));
    expect_whole_identity(bench.facts());
    expect_home_service(bench.facts());
  }

  VirtualBench bench;
};

}  // namespace oobm::hal
