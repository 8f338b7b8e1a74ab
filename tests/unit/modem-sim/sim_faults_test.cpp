// The table of faults, each of its rows, and scripts.
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/unit/modem-sim/sim_bench.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class SimFaults : public SimBench {};
class ChattyModem : public SimBench {
 protected:
  ChattyModem() : SimBench(kind_of("chatty")) {}
};

TEST(FaultTable, every_row_is_at_its_place_and_makes_sense) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < fault_table().size(); ++i) {
    const auto& row = fault_table()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.id), i) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_LE(row.lowest, row.drawn) << row.name;
    EXPECT_LE(row.drawn, row.highest) << row.name;
    EXPECT_FALSE(row.effect.empty()) << row.name;
    EXPECT_EQ(find_fault(row.name), &row);
  }
  EXPECT_EQ(find_fault("dance"), nullptr);
}

TEST(FaultTable, is_in_the_readme_word_for_word) {
  std::ifstream file(OOBM_SOURCE_DIR "/tests/modem-sim/README.md");
  const std::string readme(std::istreambuf_iterator<char>(file), {});
  for (const auto& row : fault_table()) {
    std::string number;
    if (row.parameter != "none")
      number = std::string(row.parameter) + ", " + std::to_string(row.lowest) + " to " +
               std::to_string(row.highest);
    const auto wanted = "| `" + std::string(row.name) + "` | " + number + " | " +
                        (row.lasting ? "yes" : "") + " | " + std::string(row.effect) + " |";
    EXPECT_THAT(readme, HasSubstr(wanted));
  }
  for (const auto& kind : personalities())
    EXPECT_THAT(readme, HasSubstr("| `" + std::string(kind.name) + "` |"));
}

TEST(FaultTable, draws_come_from_the_seed_and_stay_within_the_rows) {
  std::mt19937_64 one(5);
  std::mt19937_64 same(5);
  std::set<FaultId> met;
  for (int i = 0; i < 2000; ++i) {
    const auto fault = draw_fault(one);
    EXPECT_EQ(to_text(fault), to_text(draw_fault(same)));
    const auto& row = fault_row(fault.id);
    EXPECT_TRUE(fault.value >= row.lowest && fault.value <= row.drawn) << to_text(fault);
    met.insert(fault.id);
  }
  EXPECT_EQ(met.size(), fault_count);
}

TEST_F(SimFaults, every_drawn_fault_is_a_control_command_that_works) {
  boot();
  for (const auto& row : fault_table()) {
    EXPECT_EQ(control(to_text({row.id, row.drawn})), "ok") << row.name;
    pass(1s);
    EXPECT_THAT(control(std::string(row.name) + " " + std::to_string(row.highest + 1)),
                StartsWith("error "))
        << row.name;
  }
  modem.behave(now);
  pass(20s);
  EXPECT_THAT(control("status"), HasSubstr("registration=1 card=ready"));
  EXPECT_TRUE(modem.traffic_passes());
  say("ATE0");
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
}

TEST_F(SimFaults, boot_garbage_and_an_early_report_come_before_the_boot_report) {
  control("boot-garbage 30");
  control("early-report");
  const auto output = pass(10s);
  EXPECT_GT(output.find("\r\n+CEREG: 2\r\n"), 30U);
  EXPECT_LT(output.find("+CEREG: 2"), output.find("+KSUP: 0"));
  EXPECT_NE(output.find('\0'), std::string::npos);
}

TEST_F(SimFaults, unrelated_reports_before_inside_and_behind_an_answer) {
  boot();
  control("interleave 100");
  const auto output = say("AT+CSQ");
  const auto line = output.find("+CSQ: ");
  const auto final = output.find("\r\nOK\r\n");
  const auto between = output.substr(line, final - line);
  EXPECT_GT(line, 2U) << "one before";
  EXPECT_GT(std::ranges::count(between, '\n'), 1) << "one inside";
  EXPECT_GT(output.size(), final + 6) << "one behind";
}

TEST_F(SimFaults, flood_lasts_until_it_is_off) {
  boot();
  control("flood 50");
  EXPECT_GE(std::ranges::count(pass(1s), '\n'), 2 * 19);
  control("flood off");
  EXPECT_EQ(pass(1s), "");
}

TEST_F(SimFaults, reboot_inside_an_answer) {
  boot();
  control("reboot-mid 6");
  EXPECT_EQ(say("AT+CGMM", 1s), "\r\nHL78");
  EXPECT_THAT(pass(10s), HasSubstr("+KSUP: 0"));
  EXPECT_EQ(modem.restarts(), 1);
}

TEST_F(SimFaults, forgotten_settings_without_a_restart) {
  boot();
  say("AT+CEREG=5");
  control("forget");
  EXPECT_THAT(say("AT+CEREG?"), AllOf(StartsWith("AT+CEREG?\r"), HasSubstr("+CEREG: 0,1\r")));
  EXPECT_EQ(modem.restarts(), 0);
}

TEST_F(SimFaults, answers_without_an_end_and_with_two) {
  boot();
  control("endless 1");
  EXPECT_EQ(say("AT+CGMM"), "\r\nHL7802\r\n");
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
  control("doubled 2");
  EXPECT_EQ(say("AT"), "\r\nOK\r\n\r\nOK\r\n");
  control("doubled off");
  control("stray");
  modem.feed("AT+CGMM\r", now);
  EXPECT_EQ(modem.take_output(now), "\r\nOK\r\n") << "at once";
}

TEST_F(SimFaults, hang_ends_with_the_power_only) {
  boot();
  control("hang");
  EXPECT_EQ(say("AT", 1min), "");
  control("power-cycle");
  EXPECT_THAT(pass(10s), HasSubstr("+KSUP: 0"));
  EXPECT_THAT(say("AT"), HasSubstr("OK"));
}

TEST_F(SimFaults, port_comes_back_by_itself_under_another_number) {
  boot();
  control("renumber");
  control("vanish 5000");
  EXPECT_FALSE(modem.port_present());
  pass(4s);
  EXPECT_FALSE(modem.port_present());
  pass(2s);
  EXPECT_TRUE(modem.port_present());
  EXPECT_EQ(modem.port_number(), 1);
  control("hold 1000");
  EXPECT_TRUE(modem.port_held());
  pass(1s);
  EXPECT_FALSE(modem.port_held());
}

TEST_F(SimFaults, refused_and_bent_answers) {
  boot();
  control("refuse 2");
  EXPECT_EQ(say("AT+CCLK?"), "\r\n+CME ERROR: 100\r\n");
  control("refuse off");
  control("bad-status");
  EXPECT_EQ(say("AT+CRSM=176,12258,0,0,10"), "\r\n+CRSM: 148,4,\"\"\r\n\r\nOK\r\n");
  control("fields 1");
  EXPECT_THAT(say("AT+CSQ"), StartsWith("\r\n+CSQ: 22,\r\n"));
  control("fields 2");
  EXPECT_THAT(say("AT+CSQ"), HasSubstr("+CSQ: 22,99,2147483647,2147483647,"));
  control("fields 3");
  EXPECT_THAT(say("AT+COPS?"), HasSubstr("+COPS: 0,0,Test Network,7"));
}

TEST_F(SimFaults, denial_of_a_module_that_goes_on_searching) {
  control("deny-searching 11");
  boot();
  say("AT+CEREG=5");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 5,2\r\n"));
  control("deny-searching 15");
  EXPECT_THAT(pass(5s), HasSubstr("+CEREG: 2,\"2616\",\"0DDAEA01\",7,0,15\r\n"));
}

TEST_F(SimFaults, sleep_loses_nothing_and_dozing_loses_the_first_command) {
  boot();
  control("sleep 10000");
  EXPECT_EQ(say("AT", 9s), "");
  pass(2s);
  EXPECT_EQ(say("AT"), "\r\nOK\r\n") << "the echo is still off";
  control("doze 20000");
  pass(30s);
  EXPECT_EQ(say("AT"), "") << "it only wakes";
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
}

TEST_F(SimFaults, power_saving_is_granted_on_request_or_against_it) {
  boot();
  say("AT+CEREG=5");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("\"0DDAEA01\",7\r\n"));
  EXPECT_THAT(say("AT+CPSMS?"), HasSubstr("+CPSMS: 0\r\n"));
  say("AT+CPSMS=1");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr(",7,,,\"00000001\",\"00100110\"\r\n"));
  say("AT+CPSMS=0");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("\"0DDAEA01\",7\r\n"));
  control("psm");
  EXPECT_THAT(say("AT+CPSMS?"), HasSubstr("+CPSMS: 1,"));
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr(",7,,,\"00000001\""));
}

TEST_F(SimFaults, clock_and_imei_in_every_wrong_form) {
  modem.control("time 1790000000", now);
  boot();
  const std::vector<std::pair<std::string, std::string>> clocks{
      {"clock 1", "\"80/01/06,"},
      {"clock 2", "\"04/01/01,"},
      {"clock 3", "\"80/09/20,"},
      {"clock 4", "\"26/11/21,10:00:00\""},
      {"clock 5", "yy/MM/dd,hh:mm:ss+zz"}};
  for (const auto& [fault, text] : clocks) {
    control(fault);
    EXPECT_THAT(say("AT+CCLK?"), HasSubstr(text)) << fault;
  }
  control("clock 6");
  EXPECT_EQ(say("AT+CCLK?"), "\r\nOK\r\n");
  const std::vector<std::pair<std::string, std::string>> imeis{
      {"imei 1", "\r\n3594590900012314\r\n"},
      {"imei 2", "\r\n35945909000123140\r\n"},
      {"imei 3", "\r\n3594590900\r\n"},
      {"imei 4", "\r\n359459090001237\r\n"},
      {"imei 5", "\r\n+CGSN: \"359459090001236\"\r\n"}};
  for (const auto& [fault, text] : imeis) {
    control(fault);
    EXPECT_THAT(say("AT+CGSN"), StartsWith(text)) << fault;
  }
}

TEST_F(SimFaults, circuit_registration_lies_as_told) {
  boot();
  EXPECT_THAT(say("AT+CREG?"), HasSubstr("+CREG: 0,3"));
  control("creg 1");
  control("no-coverage");
  EXPECT_THAT(say("AT+CREG?"), HasSubstr("+CREG: 0,1"));
}

TEST_F(SimFaults, activation_without_effect) {
  boot();
  EXPECT_EQ(say("AT+CGACT=0,1"), "\r\nOK\r\n");
  EXPECT_THAT(say("AT+CGACT?"), HasSubstr("+CGACT: 1,0"));
  control("activation 2");
  EXPECT_EQ(say("AT+CGACT=1,1"), "\r\nOK\r\n");
  EXPECT_THAT(say("AT+CGACT?"), HasSubstr("+CGACT: 1,0"));
  EXPECT_FALSE(modem.traffic_passes());
}

TEST_F(SimFaults, half_dead_until_the_right_step) {
  const std::vector<std::vector<std::string>> steps{{"AT+CGACT=0,1", "AT+CGACT=1,1"},
                                                    {"AT+CGATT=0", "AT+CGATT=1"},
                                                    {"AT+CFUN=4", "AT+CFUN=1"},
                                                    {"AT+CFUN=1,1"}};
  boot();
  for (int cure = 1; cure <= 4; ++cure) {
    control("half-dead " + std::to_string(cure));
    EXPECT_FALSE(modem.traffic_passes());
    for (int step = 1; step <= cure; ++step) {
      EXPECT_FALSE(modem.traffic_passes()) << cure << " before step " << step;
      for (const auto& command : steps[static_cast<std::size_t>(step) - 1]) say(command, 15s);
      say("ATE0");
    }
    EXPECT_TRUE(modem.traffic_passes()) << cure;
  }
  control("half-dead 5");
  say("AT+CFUN=1,1", 15s);
  EXPECT_FALSE(modem.traffic_passes());
  control("power-cycle");
  pass(15s);
  EXPECT_TRUE(modem.traffic_passes());
}

TEST_F(SimFaults, stuck_search_until_the_right_step) {
  control("stuck 3");
  boot();
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,2"));
  say("AT+CFUN=4");
  say("AT+CFUN=1", 10s);
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,1"));
}

TEST_F(SimFaults, pin_attempts_are_counted_and_end_in_the_puk) {
  control("sim-pin");
  boot();
  EXPECT_THAT(say("AT+CPIN?"), HasSubstr("+CPIN: SIM PIN"));
  EXPECT_THAT(say("AT+CPINR=\"SIM PIN\""), HasSubstr("+CPINR: SIM PIN,3,3"));
  EXPECT_THAT(say("AT+CLCK=\"SC\",2"), HasSubstr("+CLCK: 1"));
  EXPECT_THAT(say("AT+CIMI"), HasSubstr("+CME ERROR: 11"));
  for (int left = 2; left >= 0; --left) {
    EXPECT_THAT(say("AT+CPIN=\"0000\""), HasSubstr("+CME ERROR: 16"));
    EXPECT_THAT(say("AT+CPINR"), HasSubstr("SIM PIN," + std::to_string(left) + ",3"));
  }
  EXPECT_THAT(say("AT+CPIN?"), HasSubstr("+CPIN: SIM PUK"));
  EXPECT_THAT(say("AT+CPIN=\"00000000\",\"4321\""), HasSubstr("+CME ERROR: 16"));
  EXPECT_THAT(say("AT+CPINR=\"SIM PUK\""), HasSubstr("+CPINR: SIM PUK,9,10"));
  EXPECT_THAT(say("AT+CPIN=\"12345678\",\"4321\"", 10s), HasSubstr("OK"));
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,1"));
  EXPECT_EQ(say("AT+CPIN=\"4321\""), "\r\n+CME ERROR: 3\r\n") << "nothing is asked for";
}

TEST_F(SimFaults, right_pin_opens_the_card_until_the_next_start) {
  control("sim-pin");
  boot();
  EXPECT_THAT(say("AT+CPIN=1234", 10s), HasSubstr("OK"));
  EXPECT_THAT(say("AT+CPIN?"), HasSubstr("+CPIN: READY"));
  control("reboot");
  pass(10s);
  EXPECT_THAT(say("AT+CPIN?"), HasSubstr("+CPIN: SIM PIN"));
}

TEST_F(SimFaults, script_plans_commands) {
  boot();
  EXPECT_EQ(modem.play("# a bad minute\n\nat 10s deny 7\n  at 1m behave\nsignal -110\n", now),
            std::nullopt);
  pass(9s);
  EXPECT_THAT(control("status"), HasSubstr("registration=1"));
  pass(10s);
  EXPECT_THAT(control("status"), HasSubstr("registration=3"));
  pass(1min);
  EXPECT_THAT(control("status"), HasSubstr("registration=1"));
}

TEST_F(SimFaults, script_that_makes_no_sense_is_named) {
  for (const auto* line :
       {"at", "at 5s", "at 5s dance", "at never deny 7", "at -5s deny 7", "draw 5",
        "draw 0 within 1m", "draw 5 within", "seed", "seed x", "dance", "flood x", "reboot loudly"})
    EXPECT_EQ(modem.play("signal -100\n" + std::string(line) + "\nsignal -90\n", now), line);
}

std::string life_of_seed(const std::string& seed) {
  core::BootTime now{1s};
  SimModem modem(SimConfig{}, now);
  modem.play("seed " + seed + "\ndraw 30 within 10m\nat 11m behave", now);
  std::string output;
  for (const auto end = now + 12min; now < end;) {
    now = std::max(now + 1ms, std::min(now + 500ms, modem.deadline().value_or(end)));
    modem.tick(now);
    output += modem.take_output(now);
  }
  return output + modem.control("status", now);
}

TEST(SimScripts, random_script_replays_from_its_seed_and_ends_well) {
  const auto life = life_of_seed("3");
  EXPECT_EQ(life, life_of_seed("3"));
  EXPECT_NE(life, life_of_seed("4"));
  EXPECT_THAT(life, HasSubstr("ok registration=1 card=ready"));
}

TEST_F(ChattyModem, other_habits) {
  const auto boot_reports = pass(10s);
  EXPECT_THAT(boot_reports, StartsWith("\r\nRDY\r\n\r\nAPP RDY\r\n"));
  say("ATE0");
  say("AT+CMEE=2");
  EXPECT_EQ(say("AT+KSREP=1"), "\r\n+CME ERROR: operation not supported\r\n");
  EXPECT_EQ(say("AT+CCID?"), "\r\n+CME ERROR: operation not supported\r\n");
  EXPECT_EQ(say("AT+QCCID"), "\r\n+QCCID: 89014103211118510720 \r\n\r\nOK\r\n");
  EXPECT_EQ(say("AT+CPIN?"), "\r\n+CPIN: \"READY\" \r\n\r\nOK\r\n");
  say("AT+CEREG=2");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 2,1, \"2616\", \"ddaea01\", 7"));
}

}  // namespace
}  // namespace oobm::modem_sim
