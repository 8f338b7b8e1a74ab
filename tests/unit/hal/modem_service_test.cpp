// The watch over a module, in virtual time against the simulated module: every failure first, then
// the facts of one that works.
#include "hal/modem/modem_service.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/virtual_bench.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using modem_sim::SimConfig;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

SimConfig with_time(std::int64_t seconds) {
  SimConfig config;
  config.network_time = {seconds};
  return config;
}

TEST(ModemService, module_that_never_answers_is_silent_and_its_port_is_reopened) {
  VirtualBench bench;
  bench.control("silent");
  bench.plug();
  bench.pass(5min);
  EXPECT_EQ(bench.facts().port, PortState::silent);
  EXPECT_THAT(bench.facts().port_text, HasSubstr("does not answer"));
  EXPECT_GE(bench.reopenings, 1);
  EXPECT_LT(bench.sent.size(), 120U) << "growing pauses";
  bench.control("silent off");
  EXPECT_TRUE(bench.until_registered());
}

TEST(ModemService, no_sim_is_seen_and_its_return_too) {
  VirtualBench bench;
  bench.control("no-sim");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().sim == SimState::absent; }, 1min));
  bench.pass(1min);
  EXPECT_EQ(bench.facts().registration, Registration::not_registered);
  EXPECT_FALSE(bench.facts().iccid);
  bench.control("sim");
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().sim, SimState::ready);
  EXPECT_TRUE(bench.facts().iccid);
}

TEST(ModemService, pin_is_reported_and_never_entered) {
  VirtualBench bench;
  bench.control("sim-pin");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().sim == SimState::pin_required; }, 1min));
  bench.pass(10min);
  for (const auto& command : bench.sent) EXPECT_FALSE(command.starts_with("AT+CPIN=")) << command;
  bench.control("sim-puk");
  EXPECT_TRUE(bench.until([&] { return bench.facts().sim == SimState::puk_required; }, 1min));
}

TEST(ModemService, denial_is_told_with_its_cause_and_not_hurried) {
  VirtualBench bench;
  bench.control("deny 7");
  bench.plug();
  const auto denied = [&] { return bench.facts().registration == Registration::denied; };
  ASSERT_TRUE(bench.until(denied, 1min));
  ASSERT_TRUE(bench.facts().reject);
  EXPECT_EQ(bench.facts().reject->value, 7);
  EXPECT_FALSE(bench.facts().reject->vendor_specific);
  const auto refused_at = bench.facts().reject->at;
  bench.pass(30min);
  EXPECT_TRUE(denied());
  EXPECT_EQ(bench.facts().reject->at, refused_at) << "asking again is no new refusal";
  for (const auto& command : bench.sent) EXPECT_FALSE(command.starts_with("AT+CFUN=")) << command;
  // The cause stays on record after service has come.
  bench.control("register");
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().reject->value, 7);
}

TEST(ModemService, cause_of_a_module_that_stays_searching_is_kept) {
  VirtualBench bench;
  bench.control("no-coverage");
  bench.plug();
  const auto searching = [&] { return bench.facts().registration == Registration::searching; };
  ASSERT_TRUE(bench.until([&] { return searching() && bench.quiet(); }, 1min));
  bench.control("urc +CEREG: 2,\"09C5\",\"020C7B16\",7,0,11");
  EXPECT_TRUE(searching());
  ASSERT_TRUE(bench.facts().reject);
  EXPECT_EQ(bench.facts().reject->value, 11);
  EXPECT_EQ(bench.facts().reject->at, bench.now);
}

TEST(ModemService, subscription_decides) {
  VirtualBench bench;
  bench.sim.set_subscription_active(false, bench.now);
  bench.plug();
  ASSERT_TRUE(
      bench.until([&] { return bench.facts().registration == Registration::denied; }, 1min));
  EXPECT_EQ(bench.facts().reject->value, 7);
  bench.sim.set_subscription_active(true, bench.now);
  EXPECT_TRUE(bench.until_registered(30s));
}

TEST(ModemService, lost_coverage_clears_what_is_no_longer_true) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("no-coverage");
  const auto searching = [&] { return bench.facts().registration == Registration::searching; };
  ASSERT_TRUE(bench.until(searching, 30s));
  bench.pass(5s);
  EXPECT_EQ(bench.facts().operator_name, "");
  EXPECT_FALSE(bench.facts().pdp);
  EXPECT_FALSE(bench.facts().tac);
  EXPECT_FALSE(bench.facts().rsrp_dbm);
  EXPECT_TRUE(bench.facts().iccid) << "identity stays";
}

TEST(ModemService, ten_commands_without_answer_reopen_the_port) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  // "AT" is answered, the questions are not: the module is alive and of no use.
  bool dead = true;
  const auto ignored = [&] {
    if (dead && !bench.sent.empty() && bench.sent.back() != "AT")
      bench.control("silent");
    else
      bench.control("silent off");
    return bench.reopenings > 0;
  };
  for (int second = 0; second < 7200 && !ignored(); ++second) bench.pass(100ms);
  EXPECT_GE(bench.facts().timeouts, 1U);
  dead = false;
  bench.control("silent off");
  EXPECT_TRUE(bench.until_registered(10min));
}

TEST(ModemService, late_answer_does_not_shift_the_following_ones) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  const auto model = bench.facts().model;
  bench.control("late 15000");
  bench.service.refresh(bench.now);
  bench.pass(2min);
  EXPECT_GE(bench.facts().timeouts, 1U);
  EXPECT_EQ(bench.facts().port, PortState::ok);
  EXPECT_EQ(bench.facts().model, model);
  EXPECT_EQ(bench.facts().registration, Registration::home);
}

TEST(ModemService, doubled_final_codes_complete_nothing_else) {
  VirtualBench bench;
  bench.control("doubled");
  bench.control("no-sim");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().sim == SimState::absent; }, 1min));
  bench.pass(1min);
  EXPECT_EQ(bench.facts().sim, SimState::absent);
  EXPECT_EQ(bench.facts().timeouts, 0U);
  EXPECT_EQ(bench.facts().power, RadioPower::on);
}

TEST(ModemService, garbage_and_fragments_change_no_fact) {
  SimConfig config;
  config.seed = 7;
  VirtualBench bench(config);
  bench.control("fragment");
  bench.plug();
  for (int i = 0; i < 20; ++i) {
    bench.pass(1s);
    bench.control("garbage 300");
  }
  ASSERT_TRUE(bench.until_registered(10min));
  EXPECT_EQ(bench.facts().imei->str(), "359459090001236");
  EXPECT_EQ(bench.facts().manufacturer, "Sierra Wireless");
  EXPECT_GT(bench.facts().noise_lines, 0U);
}

TEST(ModemService, flood_of_reports_does_not_make_a_flood_of_polls) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  const auto before = count(bench, "AT+CEREG?");
  for (int i = 0; i < 600; ++i) {
    bench.control("urc +CEREG: 1,\"2616\",\"0DDAEA01\",7");
    bench.pass(100ms);
  }
  const auto polls = count(bench, "AT+CEREG?") - before;
  EXPECT_GE(polls, 2);
  EXPECT_LE(polls, 10) << "the pauses between them double to ten seconds";
}

TEST(ModemService, clock_before_the_network_has_spoken_is_no_evidence) {
  VirtualBench bench;  // the simulated network sends no time
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  EXPECT_GE(count(bench, "AT+CCLK?"), 1);
  EXPECT_FALSE(bench.facts().network_time);
}

TEST(ModemService, network_time_is_an_instant_with_the_moment_of_reading) {
  VirtualBench bench(with_time(1'790'000'000));
  const auto started = bench.now;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  ASSERT_TRUE(bench.facts().network_time);
  const auto& evidence = *bench.facts().network_time;
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(evidence.at - started);
  EXPECT_NEAR(static_cast<double>(evidence.time.seconds),
              static_cast<double>(1'790'000'000 + elapsed.count()), 1.0);
}

TEST(ModemService, power_wish_survives_a_restart) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  std::optional<std::expected<void, Error>> result;
  bench.service.set_power(false, [&](auto r) { result = std::move(r); }, bench.now);
  ASSERT_TRUE(bench.until([&] { return result.has_value(); }, 30s));
  EXPECT_TRUE(result->has_value()) << result->error().text;
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().power == RadioPower::airplane; }, 1min));
  EXPECT_EQ(count(bench, "AT+CFUN=4"), 1) << "this module keeps it over a restart";
  bench.service.set_power(true, [&](auto r) { result = std::move(r); }, bench.now);
  EXPECT_TRUE(bench.until_registered());
}

TEST(ModemService, wish_that_a_restart_undid_is_applied_again) {
  VirtualBench bench(generic());
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.service.set_power(false, [](auto) {}, bench.now);
  const auto off = [&] { return bench.facts().power == RadioPower::airplane; };
  ASSERT_TRUE(bench.until(off, 30s) || bench.until(off, 5min));
  bench.pass(5s);  // else it would be in the middle of its look
  // The module transmits again, and did not say why.
  bench.sim.feed("AT+CFUN=1\r", bench.now);
  bench.control("reboot quiet");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 10min));
  ASSERT_TRUE(bench.until(off, 1min));
  EXPECT_EQ(count(bench, "AT+CFUN=4"), 2);
}

TEST(ModemService, look_wakes_the_processor_by_its_answers_alone) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.pass(ModemTiming{}.poll_registered);
  bench.sent.clear();
  bench.timers = 0;
  ASSERT_TRUE(bench.until([&] { return !bench.sent.empty() && bench.quiet(); }, 10min));
  EXPECT_GT(bench.sent.size(), 9U);
  EXPECT_EQ(bench.timers, 1) << "when it is time";
}

TEST(ModemService, transmission_that_is_on_already_is_not_switched_on_again) {
  for (const auto* kind : {"hl78xx", "generic", "chatty"}) {
    SCOPED_TRACE(kind);
    SimConfig config;
    config.personality = modem_sim::find_personality(kind);
    VirtualBench bench(config);
    std::optional<std::expected<void, Error>> result;
    bench.plug();
    ASSERT_TRUE(bench.until([&] { return bench.facts().imei.has_value(); }, 1min));
    bench.service.set_power(true, [&](auto r) { result = std::move(r); }, bench.now);
    ASSERT_TRUE(bench.until_registered());
    bench.control("reboot");
    ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 10min));
    ASSERT_TRUE(bench.until_registered());
    EXPECT_EQ(count(bench, "AT+CFUN=1"), 0);
    ASSERT_TRUE(result.has_value()) << "it has come true all the same";
    EXPECT_TRUE(result->has_value()) << result->error().text;
  }
}

TEST(ModemService, module_that_does_not_tell_whether_it_transmits_is_told_once) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(
      bench.until([&] { return !bench.sent.empty() && bench.sent.back() == "AT+KBNDCFG?"; }, 1min));
  std::optional<std::expected<void, Error>> result;
  bench.service.set_power(true, [&](auto r) { result = std::move(r); }, bench.now);
  bench.control("ignore 1");  // the question that comes next
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(count(bench, "AT+CFUN=1"), 1);
  EXPECT_TRUE(result && *result);
  bench.pass(1h);
  EXPECT_EQ(count(bench, "AT+CFUN=1"), 1);
}

TEST(ModemService, transmission_that_is_off_is_switched_on_before_the_card_is_asked) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.sim.feed("AT+CFUN=0\r", bench.now);
  bench.control("reboot");
  bench.service.set_power(true, [](auto) {}, bench.now);
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 1min));
  bench.sent.clear();
  ASSERT_TRUE(bench.until_registered());
  const auto on = std::ranges::find(bench.sent, "AT+CFUN=1");
  const auto card = std::ranges::find(bench.sent, "AT+CPIN?");
  ASSERT_TRUE(on != bench.sent.end() && card != bench.sent.end());
  EXPECT_LT(on - bench.sent.begin(), card - bench.sent.begin());
  EXPECT_EQ(count(bench, "AT+CFUN=1"), 1);
  EXPECT_EQ(bench.facts().power, RadioPower::on);
}

TEST(ModemService, power_request_without_a_port_fails_and_is_kept) {
  VirtualBench bench;
  std::optional<std::expected<void, Error>> result;
  bench.service.closed(PortState::absent, "no such port", bench.now);
  bench.service.set_power(false, [&](auto r) { result = std::move(r); }, bench.now);
  bench.pass(1ms);
  ASSERT_TRUE(result && !result->has_value());
  EXPECT_EQ(result->error().code, ErrorCode::port_absent);
  EXPECT_EQ(result->error().text, "no such port");
  EXPECT_TRUE(bench.until([&] { return bench.facts().power == RadioPower::airplane; }, 1min));
}

TEST(ModemService, reset_ends_when_the_module_is_set_up_again) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  std::optional<std::expected<void, Error>> result;
  bench.service.reset([&](auto r) { result = std::move(r); }, bench.now);
  ASSERT_TRUE(bench.until([&] { return result.has_value(); }, 1min));
  EXPECT_TRUE(result->has_value());
  EXPECT_EQ(bench.sim.restarts(), 1);
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "requested");
  EXPECT_TRUE(bench.until_registered());
}

TEST(ModemService, reset_of_a_dead_module_fails_in_time) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("silent");
  std::optional<std::expected<void, Error>> result;
  bench.service.reset([&](auto r) { result = std::move(r); }, bench.now);
  ASSERT_TRUE(bench.until([&] { return result.has_value(); }, 3min));
  ASSERT_FALSE(result->has_value());
  EXPECT_EQ(result->error().code, ErrorCode::modem_silent);
}

TEST(ModemService, reset_that_was_never_sent_fails_when_the_port_goes) {
  VirtualBench bench;
  bench.control("silent");
  bench.plug();
  bench.pass(2s);
  std::optional<std::expected<void, Error>> result;
  bench.service.reset([&](auto r) { result = std::move(r); }, bench.now);
  bench.control("vanish");
  ASSERT_TRUE(result && !result->has_value());
  EXPECT_EQ(result->error().code, ErrorCode::port_absent);
}

TEST(ModemService, facts_of_an_hl78xx_in_service) {
  VirtualBench bench(with_time(1'790'000'000));
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  const auto& facts = bench.facts();
  EXPECT_EQ(facts.port, PortState::ok);
  EXPECT_EQ(facts.port_text, "");
  EXPECT_EQ(facts.manufacturer, "Sierra Wireless");
  EXPECT_EQ(facts.model, "HL7802");
  EXPECT_EQ(facts.firmware, "HL7802.4.6.9.4");
  EXPECT_EQ(facts.imei->str(), "359459090001236");
  EXPECT_EQ(facts.imei_problem, "");
  EXPECT_EQ(facts.power, RadioPower::on);
  EXPECT_EQ(facts.sim, SimState::ready);
  EXPECT_EQ(facts.iccid->str(), "89014103211118510720");
  EXPECT_EQ(facts.imsi->masked(), "00101xxxxxxxxxx");
  EXPECT_EQ(facts.registration, Registration::home);
  EXPECT_EQ(facts.technology, Technology::lte_m);
  EXPECT_EQ(facts.tac, 0x2616U);
  EXPECT_EQ(facts.cell_id, 0x0ddaea01U);
  EXPECT_EQ(facts.operator_name, "Test Network");
  EXPECT_EQ(facts.rsrp_dbm, -97);
  EXPECT_EQ(facts.sinr_db, 14);
  EXPECT_EQ(facts.rsrq_db, -10.0);
  EXPECT_EQ(facts.rssi_dbm, -69);
  ASSERT_TRUE(facts.pdp);
  EXPECT_EQ(facts.pdp->cid, 1);
  EXPECT_EQ(facts.pdp->apn, "oobm.example");
  EXPECT_THAT(facts.pdp->addresses, testing::ElementsAre("10.64.0.2"));
  EXPECT_THAT(facts.pdp->dns_servers, testing::ElementsAre("10.64.0.1"));
  EXPECT_EQ(facts.pdp->mtu, 1358);
  EXPECT_EQ(facts.timeouts, 0U);
  EXPECT_EQ(facts.resets, 0U);
}

TEST(ModemService, unknown_module_gets_the_generic_profile) {
  VirtualBench bench(generic());
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().iccid->str(), "89014103211118510720") << "by the card's file";
  EXPECT_EQ(bench.facts().technology, Technology::lte);
  EXPECT_THAT(bench.sent, Not(Contains("AT+KSREP=1")));
}

TEST(ModemService, wrong_imei_is_refused_with_the_reason) {
  SimConfig config;
  config.imei = "359459090001237";
  VirtualBench bench(config);
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  EXPECT_FALSE(bench.facts().imei);
  EXPECT_THAT(bench.facts().imei_problem, HasSubstr("wrong check digit"));
}

TEST(ModemService, imei_that_was_wrong_is_asked_for_until_it_is_right) {
  VirtualBench bench;
  bench.control("imei 4");
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  ASSERT_FALSE(bench.facts().imei);
  bench.control("imei off");
  ASSERT_TRUE(bench.until([&] { return bench.facts().imei.has_value(); }, 6min));
  EXPECT_EQ(bench.facts().imei_problem, "");
  bench.sent.clear();
  bench.pass(1h);
  EXPECT_EQ(count(bench, "AT+CGSN"), 0);
}

TEST(ModemService, quiet_hours_cost_few_commands_and_tells_no_change) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.sent.clear();
  bench.changes = 0;
  bench.pass(6h);
  EXPECT_EQ(bench.changes, 0);
  EXPECT_GE(count(bench, "AT+CEREG?"), 6 * 12 - 2);
  EXPECT_LE(count(bench, "AT+CEREG?"), 6 * 12 + 2);
}

}  // namespace
}  // namespace oobm::hal
