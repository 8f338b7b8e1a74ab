// One AT dialogue in virtual time: stale codes, late answers, reports at the worst moment.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/at/channel.hpp"
#include "hal/at/commands.hpp"
#include "hal/at/line_splitter.hpp"

namespace oobm::hal::at {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> lines_of(LineSplitter& splitter, std::string_view bytes) {
  std::vector<std::string> lines;
  while (auto line = splitter.next(bytes)) lines.emplace_back(*line);
  EXPECT_TRUE(bytes.empty());
  return lines;
}

std::vector<std::string> split(std::string_view bytes) {
  LineSplitter splitter;
  return lines_of(splitter, bytes);
}

TEST(LineSplitter, unfinished_line_is_no_line) { EXPECT_THAT(split("OK"), IsEmpty()); }

TEST(LineSplitter, any_run_of_line_ends_ends_a_line) {
  EXPECT_THAT(split("\r\n\r\nA\r\rB\nC\n\r\n"), ElementsAre("A", "B", "C"));
}

TEST(LineSplitter, control_and_eight_bit_bytes_are_dropped_and_counted) {
  LineSplitter splitter;
  EXPECT_THAT(lines_of(splitter, std::string_view("\0O\x80K\x1b\r\n", 7)), ElementsAre("OK"));
  EXPECT_EQ(splitter.counters().dropped_bytes, 3U);
}

TEST(LineSplitter, line_break_inside_quotes_belongs_to_the_value) {
  EXPECT_THAT(split("+COPS: 0,0,\"A\r\nB\",7\r\n"), ElementsAre("+COPS: 0,0,\"A B\",7"));
}

TEST(LineSplitter, eight_bit_bytes_inside_quotes_are_kept) {
  EXPECT_THAT(split("\"\xc3\xa9\"\r\n"), ElementsAre("\"\xc3\xa9\""));
}

TEST(LineSplitter, open_quote_does_not_swallow_the_final_code) {
  EXPECT_THAT(split("+COPS: 0,0,\"Vod\r\n\r\nOK\r\n"), ElementsAre("+COPS: 0,0,\"Vod", "OK"));
  EXPECT_THAT(split("\"\r\nx\r\n+CME ERROR: 10\r\n"), ElementsAre("\"", "x", "+CME ERROR: 10"));
}

TEST(LineSplitter, overlong_line_is_thrown_away_and_the_next_is_whole) {
  LineSplitter splitter;
  EXPECT_THAT(lines_of(splitter, std::string(5000, 'x') + "\r\nOK\r\n"), ElementsAre("OK"));
  EXPECT_EQ(splitter.counters().overlong_lines, 1U);
}

TEST(LineSplitter, overlong_quotes_are_broken_up_at_their_line_breaks) {
  LineSplitter splitter;
  const auto lines = lines_of(splitter, "\"a\r\n" + std::string(3000, 'x') + "\r\nOK\r\n");
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front(), "\"a");
  EXPECT_EQ(lines.back(), "OK");
}

TEST(LineSplitter, open_quote_does_not_swallow_another_answer) {
  EXPECT_THAT(split("\"\r\n\r\n+KSUP: 0\r\n"), ElementsAre("\"", "+KSUP: 0"));
  EXPECT_THAT(split("x\"y\r\nz\r\n+CGSN: \"1\r\n"), ElementsAre("x\"y", "z", "+CGSN: \"1"));
  EXPECT_THAT(split("\"a\r\n+ no: name\r\nb\"\r\n"), ElementsAre("\"a + no: name b\""));
}

TEST(LineSplitter, text_behind_broken_quotes_is_kept_whole) {
  const std::string tail(1500, 'y');
  EXPECT_THAT(split("\"" + std::string(1000, 'x') + "\r\n" + tail + "\r\nOK\r\n"),
              ElementsAre("\"" + std::string(1000, 'x'), tail, "OK"));
}

TEST(LineSplitter, longest_line_and_one_byte_more) {
  const std::string longest(LineSplitter::max_line_bytes, 'x');
  EXPECT_THAT(split(longest + "\r"), ElementsAre(longest));
  EXPECT_THAT(split(longest + "x\r"), IsEmpty());
}

TEST(LineSplitter, no_line_is_lost_however_many_come_at_once) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += "x\r";
  EXPECT_EQ(split(bytes).size(), 1000U);
}

TEST(LineSplitter, forgets_the_unfinished_line) {
  LineSplitter splitter;
  EXPECT_THAT(lines_of(splitter, "\"half"), IsEmpty());
  splitter.clear();
  EXPECT_THAT(lines_of(splitter, "OK\r"), ElementsAre("OK"));
}

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    channel.synchronise(now);
    pass(400ms);
    pass(30ms);
    receive("OK");
    pass(300ms);
    log.clear();
  }

  void pass(core::Duration time) {
    now = now + time;
    channel.tick(now);
    collect();
  }
  void receive(std::string_view line) { bytes("\r\n" + std::string(line) + "\r\n"); }
  void bytes(std::string_view text) {
    channel.feed(text, now);
    collect();
  }
  void ask(const std::string& name) {
    channel.send(question("AT" + name, name, 3s), now);
    pass(5ms);
  }
  void set(const std::string& text) {
    channel.send(setting(text, 3s), now);
    collect();
  }
  void answered(const std::string& name) {
    ask(name);
    receive(name + ": 0");
    receive("OK");
  }
  [[nodiscard]] bool may_ask() const { return channel.ready(question("AT+CSQ", "+CSQ", 3s)); }

  void collect() {
    while (auto output = channel.next()) {
      if (const auto* write = std::get_if<Write>(&*output)) log.push_back("> " + write->bytes);
      if (const auto* event = std::get_if<Event>(&*output)) log.push_back("event " + event->line);
      if (std::holds_alternative<Synchronised>(*output)) log.emplace_back("synchronised");
      if (std::holds_alternative<Silent>(*output)) log.emplace_back("silent");
      if (const auto* answered = std::get_if<Answered>(&*output)) {
        const auto& answer = answered->answer;
        for (const auto& line : answer.lines) log.push_back("line " + line);
        log.push_back(answer.result ? answer.result->text : "timeout");
        echoed = answer.echoed;
      }
    }
  }

  core::BootTime now{10s};
  Channel channel{known_reports()};
  std::vector<std::string> log;
  bool echoed = false;
};

TEST_F(ChannelTest, final_code_with_nothing_pending_is_noise) {
  receive("OK");
  receive("ERROR");
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(channel.counters().stray_results, 2U);
}

TEST_F(ChannelTest, second_final_code_does_not_complete_the_next_command) {
  ask("+CPIN?");
  receive("+CME ERROR: 10");
  receive("OK");
  EXPECT_FALSE(channel.ready()) << "held back while a second code may come";
  pass(20ms);
  ASSERT_TRUE(channel.ready());
  log.clear();
  ask("+CSQ");
  receive("+CSQ: 17,99");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CSQ\r", "line +CSQ: 17,99", "OK"));
}

TEST_F(ChannelTest, question_behind_a_whole_answer_need_not_wait) {
  answered("+CFUN");
  EXPECT_FALSE(channel.ready()) << "for any command";
  EXPECT_TRUE(may_ask());
  log.clear();
  ask("+CSQ");
  receive("+CSQ: 17,99");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CSQ\r", "line +CSQ: 17,99", "OK"));
}

TEST_F(ChannelTest, what_an_ok_alone_would_end_waits_behind_a_whole_answer) {
  answered("+CFUN");
  EXPECT_FALSE(channel.ready(setting("AT+CPSMS=0", 3s)));
  auto call = question("ATD*99#", "+X", 3s);
  call.call = true;
  EXPECT_FALSE(channel.ready(call));
  channel.send(setting("AT+CPSMS=0", 3s), now);
  collect();
  EXPECT_THAT(log, Not(Contains("> AT+CPSMS=0\r")));
}

TEST_F(ChannelTest, question_waits_behind_a_refusal_and_an_ok_alone) {
  ask("+CPIN?");
  receive("+CME ERROR: 10");
  EXPECT_FALSE(may_ask());
  pass(20ms);
  set("AT+CPSMS=0");
  pass(5ms);
  receive("OK");
  EXPECT_FALSE(may_ask());
}

TEST_F(ChannelTest, module_that_sends_two_codes_is_waited_for_until_the_port_is_closed) {
  answered("+CFUN");
  receive("OK");  // in the pause
  pass(20ms);
  answered("+CSQ");
  EXPECT_FALSE(may_ask());
  channel.close();
  channel.synchronise(now);
  pass(400ms);
  pass(30ms);
  receive("OK");
  pass(300ms);
  answered("+CSQ");
  EXPECT_TRUE(may_ask());
}

TEST_F(ChannelTest, code_of_the_answer_before_shows_a_module_that_sends_two) {
  answered("+CFUN");
  ask("+COPS");
  receive("OK");  // the second one of +CFUN
  receive("+COPS: 0");
  receive("OK");
  EXPECT_THAT(log, IsSupersetOf({"line +COPS: 0", "OK"}));
  EXPECT_EQ(channel.counters().stray_results, 1U);
  EXPECT_FALSE(may_ask());
}

TEST_F(ChannelTest, stale_ok_waits_for_the_line_that_was_asked_for) {
  ask("+CSQ");
  receive("OK");
  pass(100ms);
  receive("+CSQ: 17,99");
  pass(1s);
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CSQ\r", "line +CSQ: 17,99", "OK"));
  EXPECT_EQ(channel.counters().stray_results, 1U);
}

TEST_F(ChannelTest, code_sooner_than_any_module_answers_gives_way_to_the_next) {
  set("AT+CPSMS=0");
  pass(2ms);
  receive("ERROR");
  EXPECT_THAT(log, ElementsAre("> AT+CPSMS=0\r"));
  pass(40ms);
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CPSMS=0\r", "OK"));
  EXPECT_EQ(channel.counters().stray_results, 1U);
}

TEST_F(ChannelTest, module_that_is_so_fast_is_believed_after_a_while) {
  set("AT+CPSMS=0");
  receive("+CME ERROR: 4");
  pass(49ms);
  EXPECT_THAT(log, ElementsAre("> AT+CPSMS=0\r"));
  pass(1ms);
  EXPECT_THAT(log, ElementsAre("> AT+CPSMS=0\r", "+CME ERROR: 4"));
  EXPECT_EQ(channel.counters().stray_results, 0U);
}

TEST_F(ChannelTest, echo_of_the_command_shows_whose_code_it_is) {
  set("AT+CPSMS=0");
  receive("AT+CPSMS=0");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CPSMS=0\r", "OK"));
}

TEST_F(ChannelTest, doubted_code_never_outlives_the_time_limit) {
  channel.send(question("AT+CSQ", "+CSQ", 100ms), now);
  pass(90ms);
  receive("OK");
  pass(10ms);
  EXPECT_THAT(log, ElementsAre("> AT+CSQ\r", "OK"));
}

TEST_F(ChannelTest, late_ok_is_no_connection) {
  auto dial = setting("ATD*99***1#", 60s);
  dial.call = true;
  channel.send(dial, now);
  pass(5ms);
  receive("OK");
  pass(200ms);
  receive("CONNECT 115200");
  EXPECT_THAT(log, ElementsAre("> ATD*99***1#\r", "CONNECT 115200"));
}

TEST_F(ChannelTest, ok_without_any_line_is_an_empty_answer_after_a_while) {
  ask("+CCLK?");
  receive("OK");
  pass(299ms);
  EXPECT_THAT(log, ElementsAre("> AT+CCLK?\r"));
  pass(1ms);
  EXPECT_THAT(log, ElementsAre("> AT+CCLK?\r", "OK"));
}

TEST_F(ChannelTest, time_out_resynchronises_and_the_late_answer_is_dropped) {
  ask("+CSQ");
  pass(3s);
  EXPECT_THAT(log, ElementsAre("> AT+CSQ\r", "timeout"));
  EXPECT_FALSE(channel.ready());
  log.clear();
  receive("+CSQ: 1,99");
  pass(400ms);
  EXPECT_THAT(log, ElementsAre("> AT\r"));
  receive("OK");  // at once after the probe: the old command's
  pass(100ms);
  receive("OK");  // the probe's own
  pass(299ms);
  EXPECT_FALSE(channel.ready());
  pass(1ms);
  EXPECT_THAT(log, ElementsAre("> AT\r", "synchronised"));
  EXPECT_TRUE(channel.ready());
}

TEST_F(ChannelTest, module_that_is_always_fast_is_believed_in_the_end) {
  ask("+CSQ");
  pass(3s);
  pass(400ms);
  receive("OK");
  pass(999ms);
  EXPECT_FALSE(channel.ready());
  pass(1ms);
  EXPECT_TRUE(channel.ready());
}

TEST_F(ChannelTest, error_to_the_probe_is_an_answer_too) {
  channel.synchronise(now);
  pass(400ms);
  pass(50ms);
  receive("ERROR");
  pass(300ms);
  EXPECT_TRUE(channel.ready());
}

TEST_F(ChannelTest, another_code_in_the_last_silence_prolongs_it) {
  channel.synchronise(now);
  pass(400ms);
  pass(50ms);
  receive("OK");
  pass(200ms);
  receive("OK");
  pass(200ms);
  EXPECT_FALSE(channel.ready());
  pass(100ms);
  EXPECT_TRUE(channel.ready());
}

TEST_F(ChannelTest, three_probes_without_answer_mean_silence) {
  channel.synchronise(now);
  pass(400ms);
  pass(1s);
  pass(1s);
  pass(1s);
  EXPECT_THAT(log, ElementsAre("> AT\r", "> AT\r", "> AT\r", "silent"));
  EXPECT_FALSE(channel.ready());
  EXPECT_FALSE(channel.deadline());
  receive("+KSUP: 0");
  EXPECT_EQ(log.back(), "event +KSUP: 0") << "a boot report is heard all the same";
}

TEST_F(ChannelTest, answers_are_no_reports_while_resynchronising) {
  ask("+CEREG?");
  pass(3s);
  log.clear();
  receive("+CEREG: 5,2");
  receive("+CEREG: 5");
  receive("+KSUP: 0");
  EXPECT_THAT(log, ElementsAre("event +KSUP: 0"));
}

TEST_F(ChannelTest, late_registration_answer_is_no_report) {
  receive("+CEREG: 5,2");
  EXPECT_THAT(log, IsEmpty()) << "as a report it would say roaming";
  EXPECT_EQ(channel.counters().noise_lines, 1U);
}

TEST_F(ChannelTest, reports_before_inside_and_behind_an_answer) {
  channel.send(registration_question("+CEREG", 5, 3s), now);
  receive("+CEREG: 2");
  receive("+CTZV: -20");
  receive("+CEREG: 5,1,\"2616\",\"0DDAEA01\",7");
  receive("+CEREG: 5,\"2616\",\"0DDAEA01\",7");
  bytes("\r\nOK\r\n\r\n+KSUP: 0\r\n");
  EXPECT_THAT(log, ElementsAre("> AT+CEREG?\r", "event +CEREG: 2", "event +CTZV: -20",
                               "event +CEREG: 5,\"2616\",\"0DDAEA01\",7",
                               "line +CEREG: 5,1,\"2616\",\"0DDAEA01\",7", "OK", "event +KSUP: 0"));
}

TEST_F(ChannelTest, boot_report_inside_a_plain_answer_is_no_answer) {
  channel.send(plain_question("AT+CGMR", "+CGMR", 3s), now);
  receive("+KSUP: 0");
  receive("^UNKNOWN: 17");
  receive("HL7802.4.6.9");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CGMR\r", "event +KSUP: 0", "line HL7802.4.6.9", "OK"));
}

TEST_F(ChannelTest, echo_whole_partial_and_late) {
  channel.send(plain_question("AT+CGMM", "+CGMM", 3s), now);
  receive("+CGMM");
  receive("HL7802");
  receive("OK");
  EXPECT_TRUE(echoed);
  EXPECT_THAT(log, ElementsAre("> AT+CGMM\r", "line HL7802", "OK"));
  pass(20ms);
  log.clear();
  channel.send(plain_question("AT+CGMR", "+CGMR", 3s), now);
  receive("AT+CGMM");
  receive("T+CGMM");
  receive("R1");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CGMR\r", "line R1", "OK"));
}

TEST_F(ChannelTest, report_that_cuts_the_echo_in_two) {
  channel.send(plain_question("AT+CGMR", "+CGMR", 3s), now);
  bytes("AT+C\r\n+KSUP: 0\r\nGMR\r\r\nR1\r\n\r\nOK\r\n");
  EXPECT_THAT(log, ElementsAre("> AT+CGMR\r", "event +KSUP: 0", "line R1", "OK"));
}

TEST_F(ChannelTest, words_of_a_starting_module_are_no_number) {
  channel.send(plain_question("AT+CGSN", "+CGSN", 3s), now);
  receive("SIM READY");
  receive("+PBREADY");
  receive("359459090001236");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CGSN\r", "line 359459090001236", "OK"));
}

TEST_F(ChannelTest, end_of_a_call_does_not_answer_a_question) {
  ask("+CSQ");
  receive("NO CARRIER");
  receive("BUSY");
  receive("+CSQ: 5,99");
  receive("OK");
  EXPECT_THAT(log, ElementsAre("> AT+CSQ\r", "line +CSQ: 5,99", "OK"));
  EXPECT_EQ(channel.counters().stray_results, 2U);
}

TEST_F(ChannelTest, line_that_only_begins_like_a_final_code_is_none) {
  ask("+CSQ");
  receive("ERROR IN LINE 3");
  receive("OKAY");
  EXPECT_EQ(channel.counters().noise_lines, 2U);
  receive("+CSQ: 5,99");
  receive("OK");
  EXPECT_EQ(log.back(), "OK");
}

TEST_F(ChannelTest, answer_lines_are_bounded) {
  ask("+COPS");
  for (int i = 0; i < 1000; ++i) receive("+COPS: 0");
  receive("OK");
  EXPECT_EQ(log.size(), 1 + Channel::max_answer_lines + 1);
}

TEST_F(ChannelTest, flood_of_reports_is_bounded_and_the_answer_still_comes) {
  ask("+CSQ");
  std::string flood;
  for (int i = 0; i < 5000; ++i) flood += "\r\n+CIEV: 7,1\r\n";
  channel.feed(flood + "\r\n+CSQ: 5,99\r\n\r\nOK\r\n", now);
  collect();
  EXPECT_LE(log.size(), Channel::max_outputs + 4);
  EXPECT_GT(channel.counters().dropped_events, 0U);
  EXPECT_EQ(log.back(), "OK");
}

TEST_F(ChannelTest, closed_channel_hears_nothing) {
  ask("+CSQ");
  channel.close();
  receive("+KSUP: 0");
  EXPECT_FALSE(channel.next());
  EXPECT_FALSE(channel.ready());
  EXPECT_FALSE(channel.deadline());
}

}  // namespace
}  // namespace oobm::hal::at
