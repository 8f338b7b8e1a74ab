#include "agent/ctl/status_view.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/ctl/event_view.hpp"
#include "agent/ctl/signal_grade.hpp"
#include "tests/unit/ctl/sample.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string render(const json& status) { return render_status(View(status)); }

TEST(StatusView, an_empty_status_claims_nothing) {
  const auto page = render(json::object());
  EXPECT_THAT(page, StartsWith("UNKNOWN - the daemon gave no verdict\nNext: "));
  EXPECT_THAT(page, HasSubstr("  serial number   unknown\n"));
  EXPECT_THAT(page, HasSubstr("  radio           no module"));
  EXPECT_THAT(page, HasSubstr("  signal          unknown\n"));
  EXPECT_THAT(page, HasSubstr("  last answer     none since this boot\n"));
}

TEST(StatusView, the_verdict_comes_first_then_why_then_next) {
  auto status = withheld_status("UNREGISTERED", "SKU_UNKNOWN", "Not in the catalogue.", "Install.");
  status["blocked"] = true;
  status["verdict"]["detail"] = "SKU XR99-X";
  status["router"] = {{"board", {{"serial", "SN12345678"}, {"sku", "XR99-X"}}}};
  const auto page = render(status);
  EXPECT_THAT(page, StartsWith("BLOCKED - SKU_UNKNOWN: Not in the catalogue.\n"
                               "Why:  SKU XR99-X\n"
                               "Next: Install.\n"
                               "\nRouter\n"));
  EXPECT_THAT(page, HasSubstr("  SKU             XR99-X\n")) << "as the board said it";
}

TEST(StatusView, each_layer_of_a_dead_link_is_told) {
  auto status = active_status();
  status["radio"] = {{"present", true},
                     {"responding", true},
                     {"sim", "locked"},
                     {"registration", "denied"},
                     {"resets", 2}};
  status["radio"]["sim_state"] = "pin_required";
  status["radio"]["pin_attempts"] = 1;
  status["radio"]["registration_age_ms"] = 125'000;
  status["radio"]["reject"] = {{"cause", 8}, {"meaning", "no service"}, {"age_ms", 65'000}};
  status["radio"]["last_reset"] = {{"reason", "boot report"}, {"age_ms", 3'600'000}};
  status["link"] = {{"phase", "idle"},
                    {"next_attempt_in_ms", 300'000},
                    {"last_fault",
                     {{"reason", "REGISTRATION_DENIED"},
                      {"sentence", "The network refuses the SIM."},
                      {"age_ms", 65'000}}}};
  status["wan"] = {{"up", false}};
  const auto page = render(status);
  EXPECT_THAT(page, HasSubstr("  radio           answers, 2 resets, last: boot report, 1 h ago\n"));
  EXPECT_THAT(page, HasSubstr("  SIM             pin required, 1 PIN attempt left\n"));
  EXPECT_THAT(page, HasSubstr("  registration    denied for 2 min\n"));
  EXPECT_THAT(page, HasSubstr("  last refusal    EMM cause 8: no service, 1 min ago\n"));
  for (const char* row : {"  module  ", "  cell  ", "  settings  ", "  data context  "})
    EXPECT_THAT(page, Not(HasSubstr(row))) << "the unknown is left out";
  EXPECT_THAT(page, HasSubstr("  signal          unknown\n"));
  EXPECT_THAT(page, HasSubstr("  session         idle\n"));
  EXPECT_THAT(page, HasSubstr("  last fault      REGISTRATION_DENIED: The network refuses the SIM. "
                              "(1 min ago)\n"));
  EXPECT_THAT(page, HasSubstr("  next attempt    in 5 min\n"));
  EXPECT_THAT(page, HasSubstr("\nMain WAN\n  state           down\n"));
}

TEST(StatusView, a_fault_of_the_main_wan_stands_with_the_main_wan) {
  auto status = active_status();
  const nlohmann::json oobm{
      {"reason", "NO_COVERAGE"}, {"sentence", "No network."}, {"age_ms", 65'000}};
  status["link"] = {{"phase", "idle"}, {"last_fault", oobm}, {"oobm_fault", oobm}};
  EXPECT_THAT(render(status), Not(HasSubstr("Main WAN\n  state           up\n  last fault")));
  status["link"]["last_fault"] = {
      {"reason", "DNS_TIMEOUT"}, {"sentence", "No answer."}, {"age_ms", 60'000}};
  const auto page = render(status);
  EXPECT_THAT(page, HasSubstr("  last fault      NO_COVERAGE: No network. (1 min ago)\n"));
  EXPECT_THAT(page, HasSubstr("  last fault      DNS_TIMEOUT: No answer. (1 min ago)\n"));
  EXPECT_LT(page.find("NO_COVERAGE"), page.find("Main WAN"));
  EXPECT_GT(page.find("DNS_TIMEOUT"), page.find("Main WAN"));
}

TEST(StatusView, a_refusal_without_a_known_meaning_and_a_sleeping_module) {
  auto status = active_status();
  status["radio"]["port"] = {{"state", "asleep"}};
  status["radio"]["reject"] = {{"cause", 99}, {"vendor_specific", true}};
  const auto page = render(status);
  EXPECT_THAT(page, HasSubstr("  radio           asleep, as the network allows\n"));
  EXPECT_THAT(page, HasSubstr("  last refusal    vendor's cause 99\n"));
}

TEST(StatusView, what_was_done_to_the_radio_and_what_comes_next) {
  auto status = active_status();
  auto& recovery = status["radio"]["recovery"];
  recovery = {{"trouble", "NONE"}, {"sentence", "nothing is wrong"}};
  EXPECT_THAT(render(status), Not(HasSubstr("  recovery")));
  recovery = {{"trouble", "SIM_LOCKED"}, {"sentence", "the SIM is locked"}};
  EXPECT_THAT(render(status), HasSubstr("  recovery        none will help: the SIM is locked\n"));
  recovery["last"] = {{"words", "radio off and on"}, {"outcome", "running"}, {"age_ms", 5000}};
  EXPECT_THAT(render(status), Not(HasSubstr("none will help")));
  recovery["last"]["outcome"] = "failed";
  recovery["last"]["error"] = "no answer";
  recovery["next"] = {{"words", "reset of the module"}, {"in_ms", 3'600'000}};
  EXPECT_THAT(render(status), HasSubstr("radio off and on 5 s ago, failed: no answer; "
                                        "next: reset of the module in 1 h"));
}

TEST(StatusView, a_silent_and_an_absent_module_differ) {
  auto status = active_status();
  status["radio"] = {{"present", true}, {"responding", false}};
  EXPECT_THAT(render(status), HasSubstr("silent: the module does not answer"));
  status["radio"]["present"] = false;
  EXPECT_THAT(render(status), HasSubstr("no module: its port cannot be opened"));
  status["radio"]["port"] = {{"state", "busy"}, {"text", "held by another process"}};
  EXPECT_THAT(render(status), HasSubstr("no module: held by another process"));
}

TEST(StatusView, text_from_outside_cannot_steer_the_terminal) {
  auto status = active_status();
  status["radio"]["operator"] =
      "\x1b[2J\x1b]0;x\x07 \xc2\x9b"
      "31m Caf\xc3\xa9\nOK";
  const auto page = render(status);
  EXPECT_THAT(page, HasSubstr("?[2J?]0;x? ?31m Caf\xc3\xa9?OK"));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

TEST(StatusView, a_failed_task_and_odd_messages_are_told) {
  auto status = active_status();
  status["last_task"] = {{"uid", "u1"},
                         {"name", "reboot"},
                         {"status", "done"},
                         {"ok", false},
                         {"message", "SUSPENDED: The router is suspended."}};
  status["counters"]["retained_tasks"] = 3;
  status["outbox_items"] = 1;
  const auto page = render(status);
  EXPECT_THAT(page, HasSubstr("  last task       reboot u1, ERROR: SUSPENDED: The router is"));
  EXPECT_THAT(page, HasSubstr("  retained        3\n"));
  EXPECT_THAT(page, HasSubstr("  to be sent      1 message\n"));
  EXPECT_THAT(page, Not(HasSubstr("unreadable")));
}

TEST(StatusView, a_router_in_service) {
  EXPECT_EQ(render(active_status()), R"(ACTIVE - in service until 2027-03-01 (99 days left)
Next: nothing to do.

Router
  serial number   SN12345678
  IMEI            490154203237518
  SKU             XR80-NA-SAMPLE
  model           XR80
  region          NA, by its SKU
  firmware        6.1

ALMS
  instance        na, North America
  portal          https://www.na.airvantage.net
  state           ACTIVE, since 2026-03-01T09:00:00Z
  account         Acme, class AVC
  offer           AirLink Complete (XR80)
  billing         pre-paid
  paid until      2027-03-01  end of the paid term
  grace until     2027-03-08  service stops without a renewal
  support until   2027-03-01  technical support
  warranty until  2029-03-01  hardware warranty
  last answer     1 min ago

OOBM link
  radio           answers, on /dev/ttyUSB2
  module          Sierra Wireless HL7812, firmware HL7812.5
  SIM             ready, ICCID 8944501234567890123, IMSI 00101xxxxxxxxxx
  registration    home for 1 h, LTE-M, T-Mobile
  cell            cell 123456, area 4660, band 12
  signal          RSRP -101.5 dBm (good), RSRQ -15 dB (fair), SINR 14 dB, RSSI -80 dBm
  data context    APN oobm.example, 10.64.0.2, DNS 10.64.0.1, MTU 1358
  session         open, over oobm
  data used       6.0 kB

Main WAN
  state           up, eth0, 192.0.2.7

Time
  I believe it is 2026-11-22T10:00:00Z because the network's time agrees with the system clock (level agreed).

Tasks
  last task       none
  storage         works, written 214 times in all, 3 since the start
  restarts left   4 by command today
)");
}

TEST(SignalGrade, bounds_belong_to_the_better_grade) {
  EXPECT_EQ(grade_rsrp(-118.1), "poor");
  EXPECT_EQ(grade_rsrp(-118), "fair");
  EXPECT_EQ(grade_rsrp(-108.5), "fair");
  EXPECT_EQ(grade_rsrp(-108), "good");
  EXPECT_EQ(grade_rsrq(-17.5), "poor");
  EXPECT_EQ(grade_rsrq(-17), "fair");
  EXPECT_EQ(grade_rsrq(-14), "good");
}

TEST(EventView, a_date_when_there_is_one_else_the_time_since_boot) {
  const auto line = [](const char* text) { return render_event(View(json::parse(text))); };
  EXPECT_EQ(line(R"({"at_ms":61000,"event":"lapsed","code":"LAPSED","sentence":"Ended."})"),
            "boot + 1 min  lapsed  LAPSED: Ended.\n");
  EXPECT_EQ(line(R"({"at_ms":1,"time":"2027-01-01T00:00:00Z","event":"e","text":"a\nb"})"),
            "2027-01-01T00:00:00Z  e  a?b\n");
  EXPECT_EQ(line("{}"), "boot + 0 ms  \n");
}

}  // namespace
}  // namespace oobm::ctl
