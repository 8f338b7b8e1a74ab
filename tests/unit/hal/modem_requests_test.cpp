// What others ask of the module, in virtual time: to attach again, and a technician's own commands.
// Each request ends exactly once, whatever the module does.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/virtual_bench.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using RawResult = std::expected<RawAnswer, Error>;

class ModemRequests : public testing::Test {
 protected:
  void in_service() {
    bench.plug();
    ASSERT_TRUE(bench.until_registered());
    bench.sent.clear();
  }
  void raw(std::string text, bool force = false) {
    bench.service.command(
        {.text = std::move(text), .force = force},
        [this](RawResult result) { answers.push_back(std::move(result)); }, bench.now);
  }
  RawResult answer_to(std::string text, bool force = false, core::Duration limit = 10min) {
    const auto before = answers.size();
    raw(std::move(text), force);
    EXPECT_TRUE(bench.until([&] { return answers.size() > before; }, limit));
    return answers.size() > before ? answers.back()
                                   : std::unexpected(Error{ErrorCode::stopped, "none"});
  }
  void reattach() {
    bench.service.reattach([this](auto result) { attached.push_back(result); }, bench.now);
  }

  VirtualBench bench;
  std::vector<RawResult> answers;
  std::vector<std::expected<void, Error>> attached;
};

TEST_F(ModemRequests, raw_command_without_a_port_fails_at_once) {
  bench.service.closed(PortState::busy, "held by another process", bench.now);
  const auto answer = answer_to("AT+CSQ", false, 1ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::port_busy);
  EXPECT_EQ(answer.error().text, "held by another process");
}

TEST_F(ModemRequests, raw_command_to_a_silent_module_fails_and_does_not_wait) {
  bench.control("silent");
  bench.plug();
  raw("AT+CSQ");
  ASSERT_TRUE(bench.until([&] { return !answers.empty(); }, 10s));
  EXPECT_EQ(answers.back().error().code, ErrorCode::modem_silent);
  EXPECT_EQ(answer_to("AT+CSQ", false, 1ms).error().code, ErrorCode::modem_silent);
}

TEST_F(ModemRequests, refused_raw_command_is_never_sent) {
  in_service();
  EXPECT_EQ(answer_to("AT+CFUN=0").error().code, ErrorCode::command_refused);
  EXPECT_EQ(answer_to("AT+CSQ;+CFUN=0", true).error().code, ErrorCode::command_invalid);
  bench.pass(10min);
  for (const auto& command : bench.sent) EXPECT_THAT(command, Not(HasSubstr("CFUN=0")));
}

TEST_F(ModemRequests, raw_commands_that_wait_are_bounded) {
  in_service();
  bench.control("ignore 1");
  for (std::size_t i = 0; i < ModemService::max_raw + 2; ++i) raw("AT+CGSN=1");
  bench.pass(1ms);
  ASSERT_EQ(answers.size(), 1U) << "one is under way, the queue is full, the last one is refused";
  EXPECT_EQ(answers.front().error().code, ErrorCode::queue_full);
  ASSERT_TRUE(bench.until([&] { return answers.size() == ModemService::max_raw + 2; }, 10min));
  EXPECT_EQ(answers[1].error().code, ErrorCode::modem_silent) << "the one that was not answered";
  EXPECT_TRUE(answers.back());
}

TEST_F(ModemRequests, raw_command_waits_half_a_minute_for_its_turn_at_most) {
  in_service();
  bench.control("ignore 1");
  raw("AT+UNHEARD?");  // takes 40 s
  raw("AT+CSQ");
  const auto begun = bench.now;
  ASSERT_TRUE(bench.until([&] { return !answers.empty(); }, 10min));
  EXPECT_EQ(bench.now - begun, 30s);
  EXPECT_EQ(answers.front().error().code, ErrorCode::queue_full);
}

TEST_F(ModemRequests, raw_command_in_flight_ends_when_the_port_goes) {
  in_service();
  bench.control("ignore 1");
  raw("AT+CSQ");
  raw("AT+CESQ");
  bench.control("vanish");
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& answer : answers) EXPECT_EQ(answer.error().code, ErrorCode::port_absent);
}

TEST_F(ModemRequests, raw_command_in_flight_ends_when_the_module_restarts) {
  in_service();
  bench.control("ignore 1");
  raw("AT+CSQ");
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return !answers.empty(); }, 1min));
  EXPECT_EQ(answers.front().error().code, ErrorCode::modem_silent);
  EXPECT_TRUE(bench.until_registered());
}

TEST_F(ModemRequests, raw_time_outs_do_not_count_against_the_module) {
  in_service();
  for (int i = 0; i < ModemService::timeouts_before_reopen + 2; ++i) {
    bench.control("ignore 1");
    EXPECT_FALSE(answer_to("AT+CSQ"));
    bench.pass(5s);  // in step again
  }
  EXPECT_EQ(bench.reopenings, 0);
  EXPECT_EQ(bench.facts().port, PortState::ok);
  EXPECT_TRUE(bench.until_registered());
}

TEST_F(ModemRequests, error_of_the_module_is_an_answer) {
  in_service();
  const auto answer = answer_to("AT+UNHEARD?");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->ok);
  EXPECT_THAT(answer->result, HasSubstr("+CME ERROR"));
  EXPECT_THAT(answer->lines, IsEmpty());
}

TEST_F(ModemRequests, reports_stay_out_of_a_raw_answer_and_reach_the_service) {
  in_service();
  bench.control("late 500");
  raw("AT+CSQ");
  bench.control("urc +CEREG: 2,\"09C5\",\"020C7B16\",7,0,11");
  bench.control("urc +CTZV: -20");
  ASSERT_TRUE(bench.until([&] { return !answers.empty(); }, 1min));
  EXPECT_THAT(answers.back()->lines, ElementsAre("+CSQ: 22,99"));
  ASSERT_TRUE(bench.facts().reject);
  EXPECT_EQ(bench.facts().reject->value, 11);
}

TEST_F(ModemRequests, raw_commands_take_turns_with_the_services_own) {
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().imei.has_value(); }, 1min));
  for (int i = 0; i < 4; ++i) raw("AT+CGSN=1");
  ASSERT_TRUE(bench.until([&] { return answers.size() == 4; }, 1min));
  for (const auto& answer : answers) EXPECT_TRUE(answer) << answer.error().text;
  for (std::size_t i = 1; i < bench.sent.size(); ++i)
    EXPECT_FALSE(bench.sent[i] == "AT+CGSN=1" && bench.sent[i - 1] == "AT+CGSN=1") << i;
  EXPECT_TRUE(bench.until_registered());
}

TEST_F(ModemRequests, raw_answers_as_they_are) {
  in_service();
  EXPECT_THAT(answer_to("at+cimi")->lines, ElementsAre("001010123456789")) << "unmasked";
  EXPECT_THAT(answer_to("AT+CEREG?")->lines, ElementsAre(HasSubstr("+CEREG: 5,1")));
  EXPECT_THAT(answer_to("ATI")->lines, Not(IsEmpty()));
  EXPECT_TRUE(answer_to("AT")->ok);
  EXPECT_THAT(bench.sent, Not(Contains("ATE0"))) << "questions change nothing";
}

TEST_F(ModemRequests, forced_command_is_followed_by_a_new_set_up_and_is_no_restart) {
  in_service();
  const auto answer = answer_to("ATE1", true);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->ok);
  ASSERT_TRUE(bench.until_registered());
  EXPECT_THAT(bench.sent, Contains("ATE0"));
  EXPECT_EQ(bench.facts().resets, 0U);
  EXPECT_TRUE(answer_to("AT+CEREG=0", true)->ok);
  ASSERT_TRUE(bench.until_registered());
  bench.pass(10min);
  EXPECT_EQ(bench.facts().resets, 0U) << "the service's level is set again at once";
}

TEST_F(ModemRequests, forced_restart_is_counted_with_its_reason) {
  in_service();
  EXPECT_TRUE(answer_to("AT+CFUN=1,1", true));
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(bench.facts().last_reset_reason, "raw command");
  EXPECT_EQ(bench.sim.restarts(), 1);
}

TEST_F(ModemRequests, forced_airplane_mode_is_the_technicians_and_a_wish_overrules_it) {
  in_service();
  bench.service.set_power(true, [](auto) {}, bench.now);
  EXPECT_TRUE(answer_to("AT+CFUN=4", true)->ok);
  ASSERT_TRUE(bench.until_registered()) << "who wishes transmission on gets it back";
  EXPECT_EQ(bench.facts().power, RadioPower::on);
}

TEST_F(ModemRequests, forced_wrong_pin_shows_in_the_card_and_is_not_repeated) {
  bench.control("sim-pin");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().pin_attempts == 3; }, 1min));
  const auto answer = answer_to("AT+CPIN=9999", true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->result, "+CME ERROR: 16");
  ASSERT_TRUE(bench.until([&] { return bench.facts().pin_attempts == 2; }, 1min));
  bench.pass(30min);
  EXPECT_EQ(std::ranges::count(bench.sent, "AT+CPIN=9999"), 1);
  EXPECT_EQ(bench.facts().sim, SimState::pin_required);
}

TEST_F(ModemRequests, third_wrong_pin_is_seen_as_puk_although_the_error_says_otherwise) {
  bench.control("sim-pin");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().pin_attempts == 3; }, 1min));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer_to("AT+CPIN=9999", true)->result, "+CME ERROR: 16");
  EXPECT_TRUE(bench.until([&] { return bench.facts().sim == SimState::puk_required; }, 1min));
}

TEST_F(ModemRequests, call_on_the_command_port_is_left_again) {
  int calls = 0;
  bench.sim.set_data_peer(
      {.connected = [&] { ++calls; }, .received = [](auto) {}, .ended = [&] { --calls; }});
  in_service();
  const auto answer = answer_to("ATD*99***1#", true);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->result, HasSubstr("CONNECT"));
  ASSERT_TRUE(bench.until_registered(10min)) << "escaped and hung up";
  EXPECT_THAT(bench.sent, Contains(HasSubstr("+++")));
  EXPECT_THAT(bench.sent, Contains("ATH"));
  EXPECT_EQ(calls, 0);
}

TEST_F(ModemRequests, attaching_again_without_a_port_fails_at_once) {
  bench.service.closed(PortState::absent, "no such port", bench.now);
  reattach();
  bench.pass(1ms);
  ASSERT_EQ(attached.size(), 1U);
  EXPECT_EQ(attached.front().error().code, ErrorCode::port_absent);
}

TEST_F(ModemRequests, attaching_again_fails_when_the_module_falls_silent) {
  in_service();
  bench.control("silent");
  reattach();
  ASSERT_TRUE(bench.until([&] { return !attached.empty(); }, 5min));
  ASSERT_FALSE(attached.front());
  EXPECT_EQ(attached.front().error().code, ErrorCode::modem_silent);
  bench.control("silent off");
  ASSERT_TRUE(bench.until_registered(20min)) << "never left detached";
}

TEST_F(ModemRequests, attaching_again_ends_when_the_module_restarts) {
  in_service();
  reattach();
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return !attached.empty(); }, 1min));
  EXPECT_EQ(attached.front().error().code, ErrorCode::modem_silent);
  EXPECT_TRUE(bench.until_registered());
}

TEST_F(ModemRequests, newer_request_to_attach_replaces_the_older) {
  in_service();
  reattach();
  reattach();
  ASSERT_TRUE(bench.until([&] { return attached.size() == 2; }, 5min));
  EXPECT_EQ(attached[0].error().code, ErrorCode::stopped);
  EXPECT_TRUE(attached[1]);
}

TEST_F(ModemRequests, module_that_stays_detached_is_attached_at_the_next_look) {
  in_service();
  reattach();
  ASSERT_TRUE(bench.until(
      [&] { return std::ranges::contains(bench.sent, std::string("AT+CGATT=0")); }, 1min));
  bench.control("ignore 1");  // the attachment that follows
  ASSERT_TRUE(bench.until([&] { return !attached.empty(); }, 10min));
  bench.control("ignore 0");
  ASSERT_TRUE(bench.until_registered(20min));
}

TEST_F(ModemRequests, detaches_and_attaches_and_activates_only_what_is_not_active) {
  in_service();
  bench.control("activation 1");
  reattach();
  ASSERT_TRUE(bench.until([&] { return !attached.empty(); }, 5min));
  EXPECT_TRUE(attached.front()) << attached.front().error().text;
  EXPECT_THAT(bench.sent, Contains("AT+CGATT=0"));
  EXPECT_THAT(bench.sent, Contains("AT+CGATT=1"));
  EXPECT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().resets, 0U);
}

TEST_F(ModemRequests, nothing_ends_after_stop) {
  in_service();
  bench.control("ignore 1");
  raw("AT+CSQ");
  raw("AT+CESQ");
  reattach();
  bench.service.stop();
  bench.pass(10min);
  EXPECT_THAT(answers, IsEmpty());
  EXPECT_THAT(attached, IsEmpty());
}

}  // namespace
}  // namespace oobm::hal
