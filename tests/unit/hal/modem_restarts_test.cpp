// What counts as a restart of the module, and what does not: its boot report, lost settings, a port
// that goes and returns. In virtual time against the simulated module.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/modem/modem_service.hpp"
#include "tests/unit/hal/virtual_bench.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using modem_sim::SimConfig;

TEST(ModemService, reboot_with_report_sets_everything_anew) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  const auto levels = count(bench, "AT+CEREG=5");
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 1min));
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "boot report");
  EXPECT_EQ(count(bench, "AT+CEREG=5"), levels + 1);
}

TEST(ModemService, report_of_a_restart_tells_when_it_was) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.pass(1min);
  const auto dialled = bench.now;  // long after the module was last asked anything
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 1min));
  EXPECT_GE(bench.facts().last_reset_after, dialled);
}

TEST(ModemService, second_report_of_the_same_start_tells_no_other_time) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 1min));
  const auto restart = bench.now;
  ASSERT_TRUE(bench.until_registered(ModemService::start_length / 2));
  const auto dialled = bench.now;
  bench.service.feed("\r\nSMS Ready\r\n", bench.now);
  EXPECT_GE(bench.facts().last_reset_after, restart);
  EXPECT_LT(bench.facts().last_reset_after, dialled);
}

TEST(ModemService, silent_reboot_is_found_by_lost_settings) {
  VirtualBench bench(generic());
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("reboot quiet");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 10min));
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().last_reset_reason, "settings lost");
  EXPECT_EQ(bench.facts().resets, 1U);
}

TEST(ModemService, port_that_vanishes_is_absent_until_it_returns) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("vanish");
  EXPECT_EQ(bench.facts().port, PortState::absent);
  EXPECT_FALSE(bench.facts().registration);
  bench.pass(2min);
  bench.control("return");
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().port, PortState::ok);
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "boot report");
}

TEST(ModemService, module_without_a_boot_report_shows_its_restart_when_its_port_returns) {
  VirtualBench bench(generic());
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  const auto before = bench.now;
  bench.control("vanish");
  bench.pass(2min);
  bench.control("return");
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "settings lost");
  EXPECT_LE(bench.facts().last_reset_after, before);
  EXPECT_GT(bench.facts().last_reset_at, before + 2min);
}

// The second time the port goes just as the level of registration reports is set once more; the
// module has no boot report, and comes back with its echo off.
TEST(ModemService, restart_shows_though_its_port_went_twice) {
  VirtualBench bench(generic());
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  const auto port_goes = [&](const std::function<void()>& meanwhile) {
    bench.service.closed(PortState::absent, "gone", bench.now);
    meanwhile();
    bench.service.opened(bench.now);
  };
  const auto levels = count(bench, "AT+CEREG=3");
  port_goes([] {});
  ASSERT_TRUE(bench.until([&] { return count(bench, "AT+CEREG=3") > levels; }, 1min));
  ASSERT_EQ(bench.facts().resets, 0U);
  port_goes([&] {
    bench.control("reboot quiet");
    bench.pass(1min);
    bench.sim.feed("ATE0\r", bench.now);
    bench.pass(1s);
  });
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "settings lost");
}

// Each kind of module, after it was silent for so long that its port was opened anew.
void with_reopened_port(const std::function<void(VirtualBench&)>& then) {
  for (const auto* kind : {"hl78xx", "generic", "chatty"}) {
    SCOPED_TRACE(kind);
    SimConfig config;
    config.personality = modem_sim::find_personality(kind);
    VirtualBench bench(config);
    bench.plug();
    ASSERT_TRUE(bench.until_registered());
    bench.control("silent");
    bench.service.refresh(bench.now);
    ASSERT_TRUE(bench.until([&] { return bench.reopenings > 0; }, 30min));
    bench.control("silent off");
    then(bench);
  }
}

TEST(ModemService, port_that_we_open_anew_is_no_restart_of_the_module) {
  with_reopened_port([](VirtualBench& bench) {
    ASSERT_TRUE(bench.until_registered());
    EXPECT_EQ(bench.sim.restarts(), 0);
    EXPECT_EQ(bench.facts().resets, 0U) << bench.facts().last_reset_reason;
  });
}

TEST(ModemService, restart_behind_a_port_that_we_open_anew_is_counted_once) {
  with_reopened_port([](VirtualBench& bench) {
    bench.control("reboot quiet");
    ASSERT_TRUE(bench.until([&] { return bench.facts().resets > 0; }, 2min));
    ASSERT_TRUE(bench.until_registered());
    bench.pass(10min);
    EXPECT_EQ(bench.facts().resets, 1U);
    EXPECT_EQ(bench.facts().last_reset_reason, "settings lost");
  });
}

}  // namespace
}  // namespace oobm::hal
