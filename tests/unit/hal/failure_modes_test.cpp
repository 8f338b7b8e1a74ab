// How modules fail on the line, by the numbers of docs/radio-failures.md: bytes, lines, final
// codes, restarts and ports. Each test provokes one failure in the simulated module and looks at
// what the service makes of it.
#include "tests/unit/hal/failure_modes.hpp"

#include <string>

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST_F(FailureMode, m01_garbage_and_half_lines_at_a_start_are_counted_and_never_believed) {
  bench.control("boot-garbage 200");
  in_service();
  EXPECT_GT(bench.facts().noise_lines, 0U);
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 10min));
  expect_service();
}

TEST_F(FailureMode, m01_garbage_on_a_running_line_delays_at_most_one_answer) {
  in_service();
  for (int i = 0; i < 30; ++i) with_fault(bench, "garbage 200", 3s);
  expect_service();
  EXPECT_EQ(bench.facts().resets, 0U);
}

TEST_F(FailureMode, m02_every_byte_alone) {
  bench.control("fragment 1");
  in_service();
  expect_service();
  EXPECT_EQ(bench.facts().timeouts, 0U);
  VirtualBench whole;
  whole.plug();
  ASSERT_TRUE(whole.until_registered());
  EXPECT_EQ(bench.facts().noise_lines, whole.facts().noise_lines);
}

TEST_F(FailureMode, m02_an_error_text_cut_into_pieces) {
  in_service();
  bench.control("fragment 1");
  bench.control("no-sim");
  bench.service.refresh(bench.now);
  EXPECT_TRUE(bench.until([&] { return bench.facts().sim == SimState::absent; }, 1min));
  EXPECT_EQ(bench.facts().timeouts, 0U);
}

TEST_F(FailureMode, m03_reports_before_inside_and_behind_answers) {
  bench.control("interleave 100");
  bench.plug();
  bench.pass(2min);
  EXPECT_EQ(bench.facts().timeouts, 0U);
  expect_whole_identity(bench.facts());
  EXPECT_EQ(bench.facts().rsrp_dbm, -97);
  bench.control("interleave off");
  expect_service();
}

TEST_F(FailureMode, m04_a_flood_of_unknown_reports_is_noise_and_asks_for_nothing) {
  in_service();
  const auto sent = bench.sent.size();
  bench.control("flood 20");
  bench.pass(4min);
  EXPECT_EQ(bench.sent.size(), sent) << "no question because of a report that nobody knows";
  EXPECT_GT(bench.facts().noise_lines, 1000U);
  bench.control("flood off");
  expect_service();
}

TEST_F(FailureMode, m04_answers_are_found_in_a_flood) {
  bench.control("flood 20");
  in_service();
  expect_whole_identity(bench.facts());
  expect_home_service(bench.facts());
}

TEST_F(FailureMode, m05_restart_without_a_word_is_found_and_everything_set_anew) {
  in_service();
  const auto levels = times_sent(bench, "AT+CEREG=5");
  bench.control("reboot quiet");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 10min));
  EXPECT_EQ(bench.facts().last_reset_reason, "settings lost");
  expect_service();
  EXPECT_EQ(times_sent(bench, "AT+CEREG=5"), levels + 1);
}

TEST_F(FailureMode, m05_lost_settings_without_a_restart_are_found_the_same_way) {
  in_service();
  bench.control("forget");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 10min));
  expect_service();
  EXPECT_EQ(bench.sim.restarts(), 0);
}

TEST_F(FailureMode, m05_restart_in_the_middle_of_an_answer) {
  in_service();
  for (int bytes = 1; bytes < 60; bytes += 7) {
    with_fault(bench, "reboot-mid " + std::to_string(bytes), 1s);
    expect_service();
  }
}

TEST_F(FailureMode, m06_registration_report_before_the_boot_report) {
  in_service();
  bench.control("early-report");
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 1min));
  EXPECT_EQ(bench.facts().last_reset_reason, "boot report");
  expect_service();
  EXPECT_EQ(bench.facts().resets, 1U);
}

TEST_F(FailureMode, m07_answer_without_a_final_code_costs_its_time_limit_and_no_other_fact) {
  in_service();
  with_fault(bench, "endless 1", 1min);
  EXPECT_EQ(bench.facts().timeouts, 1U);
  expect_service();
  EXPECT_EQ(bench.facts().timeouts, 1U);
  EXPECT_EQ(bench.reopenings, 0);
}

TEST_F(FailureMode, m07_commands_that_are_never_answered_reopen_the_port_in_the_end) {
  in_service();
  with_fault(bench, "ignore 100", 30min);
  EXPECT_GE(bench.reopenings, 1);
  bench.control("ignore off");
  expect_service();
}

TEST_F(FailureMode, m08_late_answer_does_not_shift_the_following_ones) {
  in_service();
  for (const auto delay : {2'000, 5'000, 9'000, 12'000}) {
    SCOPED_TRACE(delay);
    with_fault(bench, "late " + std::to_string(delay), 2min);
    expect_service();
    EXPECT_EQ(bench.facts().resets, 0U);
  }
}

TEST_F(FailureMode, m08_answer_that_comes_when_nobody_waits_any_more) {
  in_service();
  with_fault(bench, "late 40000", 3min);
  EXPECT_GE(bench.facts().timeouts, 1U);
  expect_service();
}

TEST_F(FailureMode, m08b_second_final_code_belongs_to_nothing) {
  for (const auto* fault : {"doubled 1", "doubled 2"}) {
    SCOPED_TRACE(fault);
    bench.control(fault);
    in_service();
    expect_service();
    with_fault(bench, "no-sim", 1min);
    EXPECT_EQ(bench.facts().sim, SimState::absent) << "the OK behind the error says nothing";
    EXPECT_EQ(bench.facts().timeouts, 0U);
    bench.control("behave");
  }
}

TEST_F(FailureMode, m08b_final_code_right_behind_a_command_is_not_its_own) {
  bench.control("stray");
  in_service();
  expect_whole_identity(bench.facts());
  bench.control("stray off");
  expect_service();
}

TEST_F(FailureMode, m09_port_that_vanishes_is_told_and_opened_again_when_it_returns) {
  in_service();
  bench.control("vanish 90000");
  EXPECT_EQ(bench.facts().port, PortState::absent);
  EXPECT_FALSE(bench.facts().registration);
  EXPECT_TRUE(bench.facts().imei) << "identity stays";
  expect_service();
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "boot report");
}

TEST_F(FailureMode, m09_port_that_goes_without_the_module_is_no_restart) {
  in_service();
  bench.service.closed(PortState::absent, "gone", bench.now);
  EXPECT_FALSE(bench.facts().registration);
  bench.service.opened(bench.now);
  expect_service();
  EXPECT_EQ(bench.sim.restarts(), 0);
  EXPECT_EQ(bench.facts().resets, 0U);
  EXPECT_EQ(bench.facts().last_reset_reason, "");
}

TEST_F(FailureMode, m10_port_of_another_process_is_told_and_taken_when_it_is_free) {
  bench.control("hold 60000");
  bench.plug();
  EXPECT_EQ(bench.facts().port, PortState::busy);
  EXPECT_THAT(bench.facts().port_text, HasSubstr("held by another process"));
  bench.pass(30s);
  EXPECT_EQ(bench.facts().port, PortState::busy);
  EXPECT_TRUE(bench.sent.empty()) << "not a byte while it is somebody else's";
  expect_service();
}

TEST_F(FailureMode, m11_each_optional_command_may_be_missing) {
  for (std::size_t i = 1; i <= modem_sim::optional_commands().size(); ++i) {
    SCOPED_TRACE(modem_sim::optional_commands()[i - 1]);
    VirtualBench each;
    each.control("refuse " + std::to_string(i));
    each.plug();
    ASSERT_TRUE(each.until([&] { return registered(each.facts()) && each.quiet(); }, 3min));
    EXPECT_EQ(each.facts().port, PortState::ok);
    EXPECT_EQ(each.facts().imei->str(), "359459090001236");
    EXPECT_EQ(each.facts().tac, 0x2616U);
    EXPECT_TRUE(each.facts().iccid);
    EXPECT_EQ(each.facts().resets, 0U);
    EXPECT_EQ(each.facts().timeouts, 0U);
    EXPECT_EQ(each.reopenings, 0);
  }
}

TEST_F(FailureMode, m12_ok_under_bad_status_words_leaves_the_iccid_unknown) {
  bench.control("bad-status");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return registered(bench.facts()) && bench.quiet(); }, 3min));
  EXPECT_FALSE(bench.facts().iccid);
  EXPECT_TRUE(bench.facts().imsi);
  bench.control("bad-status off");
  expect_service(10min);
}

}  // namespace
}  // namespace oobm::hal
