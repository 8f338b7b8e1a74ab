// What a technician may send to the module, and what is refused unless forced.
#include "hal/modem/raw_command.hpp"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/modem/profile.hpp"

namespace oobm::hal {
namespace {

using testing::HasSubstr;
using testing::Not;

std::optional<ErrorCode> refused(std::string text, bool force = false) {
  const auto plan = plan_raw({.text = std::move(text), .force = force});
  return plan ? std::nullopt : std::optional(plan.error().code);
}

TEST(RawCommand, what_is_not_one_command_on_one_line_is_never_sent) {
  const std::array<std::string, 22> lines{"",
                                          "   ",
                                          "CSQ",
                                          "A/",
                                          "a/",
                                          "AT+CSQ;+CFUN=0",
                                          "AT+CSQ ; +CFUN=0",
                                          "ATI;",
                                          "AT+CSQ\rAT+CFUN=0",
                                          "AT+CSQ\nAT+CFUN=0",
                                          "AT+CSQ\r\x01",
                                          "AT+CSQ\x1b",
                                          "AT+CSQ\xc3\xbc",
                                          "AT+FOO=\"open",
                                          "ATE1&F",
                                          "ATI+CFUN=0",
                                          "ATIZ",
                                          "ATE0V1",
                                          "AT&F&W",
                                          "ATS3=13Z",
                                          "AT+CSQ?+CFUN=0",
                                          "AT" + std::string(RawCommand::max_chars, 'I')};
  for (const auto& line : lines) {
    EXPECT_EQ(refused(line), ErrorCode::command_invalid) << line;
    EXPECT_EQ(refused(line, true), ErrorCode::command_invalid) << line;
  }
}

TEST(RawCommand, what_may_cut_the_link_is_refused_unless_forced) {
  for (const std::string line : {"AT+CFUN=0",
                                 "AT+CFUN=1,1",
                                 "at+cfun=4",
                                 "AT + CFUN = 0",
                                 "AT+CFUN",
                                 "AT+COPS=?",
                                 "AT+COPS=1,2,\"00101\"",
                                 "AT+COPS=0",
                                 "AT+CGATT=0",
                                 "AT+CGACT=0,1",
                                 "AT+CGDCONT=1,\"IP\",\"x\"",
                                 "ATD*99***1#",
                                 "ATE1",
                                 "ATV0",
                                 "ATQ1",
                                 "AT&F",
                                 "ATZ",
                                 "ATZ0",
                                 "AT+CMUX=0",
                                 "AT+IPR=9600",
                                 "AT+KSRAT=1",
                                 "AT+KBNDCFG=0,1",
                                 "AT+KCARRIERCFG=1",
                                 "AT+KSELACQ=0,1",
                                 "AT+KSLEEP=0",
                                 "AT+CPWROFF",
                                 "AT+CPIN=1234",
                                 "AT+CPSMS=1",
                                 "AT+CEREG=0",
                                 "AT+CMEE=0",
                                 "ATH",
                                 "ATA",
                                 "ATO",
                                 "ATS0=1",
                                 "AT+CRSM=214,28539,0,0,12,\"FF\"",
                                 "AT+CLCK=\"SC\",1,\"1234\"",
                                 "AT#REBOOT",
                                 "AT!RESET",
                                 "AT+UNHEARD=1",
                                 "AT+UNHEARD",
                                 "AT%UNHEARD",
                                 "AT+CSQX"}) {
    EXPECT_EQ(refused(line), ErrorCode::command_refused) << line;
    EXPECT_EQ(refused(line, true), std::nullopt) << line;
  }
}

TEST(RawCommand, refusal_names_command_and_reason_and_never_a_pin) {
  const auto radio = plan_raw({.text = "AT+CFUN=0"});
  EXPECT_EQ(radio.error().text,
            "AT+CFUN is not sent: it can switch the radio off or restart the module");
  const auto pin = plan_raw({.text = "at+cpin=\"4711\""});
  EXPECT_THAT(pin.error().text, HasSubstr("AT+CPIN is not sent: it may spend"));
  EXPECT_THAT(pin.error().text, Not(HasSubstr("4711")));
  EXPECT_THAT(plan_raw({.text = "AT+UNHEARD=1"}).error().text,
              HasSubstr("is not known to leave the connection alone"));
}

TEST(RawCommand, questions_pass) {
  for (const std::string line : {"AT",
                                 "ATI",
                                 "ATI9",
                                 "AT+CSQ",
                                 "AT+CESQ",
                                 "AT+CFUN?",
                                 "AT+CFUN=?",
                                 "AT+COPS?",
                                 "AT+CGDCONT?",
                                 "AT+CPIN?",
                                 "AT+CPINR",
                                 "AT+KBNDCFG?",
                                 "AT+KSELACQ?",
                                 "AT+CGCONTRDP=1",
                                 "AT+CGPADDR=1",
                                 "AT+CRSM=176,12258,0,0,10",
                                 "AT+CLCK=\"SC\",2",
                                 "AT+CGSN=1",
                                 "ATS3?",
                                 "AT+UNHEARD?",
                                 "AT+UNHEARD=?",
                                 "AT&V",
                                 "AT+KCELLMEAS=0",
                                 "AT%MEAS=\"8\"",
                                 " at+csq "})
    EXPECT_EQ(refused(line), std::nullopt) << line;
}

TEST(RawCommand, plan_tells_what_is_sent_and_what_to_expect) {
  const auto question = plan_raw({.text = " at+Cereg? "});
  EXPECT_EQ(question->text, "AT+Cereg?");
  EXPECT_EQ(question->name, "+CEREG");
  EXPECT_TRUE(question->question);
  EXPECT_FALSE(question->restarts);
  EXPECT_TRUE(plan_raw({.text = "AT+CFUN=1,1", .force = true})->restarts);
  EXPECT_FALSE(plan_raw({.text = "AT+CFUN=4", .force = true})->restarts);
  EXPECT_TRUE(plan_raw({.text = "ATD*99#", .force = true})->call);
  EXPECT_FALSE(plan_raw({.text = "AT+CSQ"})->call);
  EXPECT_EQ(plan_raw({.text = "AT+FOO=\"a;b C\"", .force = true})->text, "AT+FOO=\"a;b C\"");
}

TEST(TimeLimits, class_of_the_command_decides_and_the_profile_comes_first) {
  using namespace std::chrono_literals;
  const auto& hl78xx = profile_for("HL7802").limits;
  EXPECT_EQ(time_limit({}, "AT+CSQ"), 3s);
  EXPECT_EQ(time_limit({}, "at+cops=?"), 315s);
  EXPECT_EQ(time_limit({}, "AT+COPS?"), 10s);
  EXPECT_EQ(time_limit({}, "AT+CGATT=1"), 180s);
  EXPECT_EQ(time_limit({}, "AT+CFUN=4"), 10s);
  EXPECT_EQ(time_limit(hl78xx, "AT+CFUN=4"), 20s);
  EXPECT_EQ(time_limit(hl78xx, "AT+CSQ"), 3s);
  EXPECT_EQ(time_limit({}, "AT+UNHEARD", raw_limit), 40s);
  EXPECT_EQ(time_limit({}, "AT+UNHEARD"), own_limit);
}

}  // namespace
}  // namespace oobm::hal
