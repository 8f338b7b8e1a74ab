// The simulated module in virtual time: the faults it is made for, then its good behaviour.
#include "tests/modem-sim/sim_modem.hpp"

#include <string>

#include "tests/unit/modem-sim/sim_bench.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SimModemTest : public SimBench {};

class GenericModemTest : public SimBench {
 protected:
  GenericModemTest() : SimBench(kind_of("generic")) {}
};

TEST_F(SimModemTest, deaf_while_it_starts) {
  EXPECT_EQ(say("AT", 1s), "");
  EXPECT_THAT(pass(6s), HasSubstr("\r\n+KSUP: 0\r\n"));
}

TEST_F(SimModemTest, framing_and_echo_after_a_start) {
  pass(10s);
  EXPECT_EQ(say("AT"), "AT\r\r\nOK\r\n");
  EXPECT_EQ(say("ATE0"), "ATE0\r\r\nOK\r\n");
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
  EXPECT_EQ(say("nonsense"), "\r\nERROR\r\n");
  EXPECT_EQ(say("AT+CMEE=1"), "\r\nOK\r\n");
  EXPECT_EQ(say("AT+NONSENSE"), "\r\n+CME ERROR: 4\r\n");
  EXPECT_EQ(say("AT+CMEE=2"), "\r\nOK\r\n");
  EXPECT_EQ(say("AT+NONSENSE"), "\r\n+CME ERROR: operation not supported\r\n");
}

TEST_F(SimModemTest, answers_take_time_and_come_in_order) {
  boot();
  modem.feed("AT+CGMM\rAT+CGMI\r", now);
  EXPECT_EQ(pass(10ms), "");
  EXPECT_EQ(pass(2s), "\r\nHL7802\r\n\r\nOK\r\n\r\nSierra Wireless\r\n\r\nOK\r\n");
}

TEST_F(SimModemTest, silent_module_says_nothing_at_all) {
  boot();
  control("silent");
  EXPECT_EQ(say("AT"), "");
  control("silent off");
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
}

TEST_F(SimModemTest, ignored_and_late_commands) {
  boot();
  control("ignore 1");
  EXPECT_EQ(say("AT"), "");
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
  control("late 5000");
  EXPECT_EQ(say("AT"), "");
  EXPECT_EQ(pass(4s), "\r\nOK\r\n");
}

TEST_F(SimModemTest, denial_is_reported_with_its_cause) {
  boot();
  say("AT+CEREG=5");
  control("deny 11");
  EXPECT_THAT(pass(5s), HasSubstr("+CEREG: 3,\"2616\",\"0DDAEA01\",7,0,11"));
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 5,3,\"2616\",\"0DDAEA01\",7,0,11"));
  EXPECT_THAT(say("AT+COPS?"), HasSubstr("+COPS: 0\r\n"));
  control("register");
  EXPECT_THAT(pass(5s), HasSubstr("+CEREG: 1,"));
}

TEST_F(SimModemTest, inactive_subscription_is_denied_with_cause_7) {
  modem.set_subscription_active(false, now);
  boot();
  say("AT+CEREG=3");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 3,3,\"2616\",\"0DDAEA01\",7,0,7"));
  modem.set_subscription_active(true, now);
  EXPECT_THAT(pass(5s), HasSubstr("+CEREG: 1,\"2616\",\"0DDAEA01\",7\r\n"));
}

TEST_F(SimModemTest, no_coverage_no_sim_no_power) {
  boot();
  control("no-coverage");
  pass(1s);
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,2"));
  EXPECT_THAT(say("AT+CSQ"), HasSubstr("+CSQ: 99,99"));
  EXPECT_THAT(say("AT+CESQ"), HasSubstr("+CESQ: 99,99,255,255,255,255"));
  control("no-sim");
  EXPECT_EQ(say("AT+CPIN?"), "\r\n+CME ERROR: 10\r\n");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,0"));
  control("register");
  control("sim");
  pass(5s);
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,1"));
  say("AT+CFUN=4");
  EXPECT_THAT(say("AT+CEREG?"), HasSubstr("+CEREG: 0,0"));
}

TEST_F(SimModemTest, restart_loses_settings_and_tells) {
  boot();
  say("AT+CEREG=5");
  say("AT+CFUN=1,1", 1s);
  EXPECT_THAT(pass(10s), HasSubstr("+KSUP: 0"));
  EXPECT_EQ(modem.restarts(), 1);
  EXPECT_THAT(say("AT+CEREG?"), AllOf(StartsWith("AT+CEREG?\r"), HasSubstr("+CEREG: 0,")));
}

TEST_F(SimModemTest, quiet_reboot_and_vanished_port) {
  boot();
  control("reboot quiet");
  EXPECT_THAT(pass(10s), Not(HasSubstr("+KSUP")));
  control("vanish");
  EXPECT_FALSE(modem.port_present());
  EXPECT_EQ(say("AT"), "");
  control("return");
  EXPECT_TRUE(modem.port_present());
  EXPECT_EQ(modem.restarts(), 2);
}

TEST_F(SimModemTest, fragments_are_the_same_bytes_in_pieces) {
  boot();
  control("fragment");
  modem.feed("AT\r", now);
  std::vector<std::string> pieces;
  for (int i = 0; i < 2000; ++i) {
    now = now + core::Duration(1);
    modem.tick(now);
    const auto piece = modem.take_output(now);
    if (!piece.empty()) pieces.push_back(piece);
  }
  std::string whole;
  for (const auto& piece : pieces) whole += piece;
  EXPECT_GT(pieces.size(), 1U);
  EXPECT_EQ(whole, "\r\nOK\r\n");
}

std::string garbage_of_seed(std::uint64_t seed) {
  SimConfig config;
  config.seed = seed;
  core::BootTime now{1s};
  SimModem modem(config, now);
  now = now + 10s;
  modem.tick(now);
  modem.take_output(now);
  modem.control("garbage 40", now);
  return modem.take_output(now);
}

TEST(SimModem, garbage_comes_from_the_seed) {
  EXPECT_EQ(garbage_of_seed(3).size(), 40U);
  EXPECT_EQ(garbage_of_seed(3), garbage_of_seed(3));
  EXPECT_NE(garbage_of_seed(3), garbage_of_seed(4));
}

TEST_F(SimModemTest, doubled_final_codes) {
  boot();
  control("doubled");
  control("no-sim");
  EXPECT_EQ(say("AT+CPIN?"), "\r\n+CME ERROR: 10\r\n\r\nOK\r\n");
}

TEST_F(SimModemTest, clock_follows_the_network) {
  boot();
  EXPECT_THAT(say("AT+CCLK?"), HasSubstr("+CCLK: \"80/01/06,"));
  control("time 1790000000");
  EXPECT_THAT(say("AT+CCLK?"), HasSubstr("+CCLK: \"26/09/21,09:13:2"));
  control("time none");
  EXPECT_THAT(say("AT+CCLK?"), HasSubstr("+CCLK: \"80/01/06,"));
}

TEST_F(SimModemTest, contexts_and_redundant_activation) {
  boot();
  EXPECT_EQ(say("AT+CGACT=1,1"), "\r\n+CME ERROR: 3\r\n");
  EXPECT_THAT(say("AT+CGDCONT=2,\"IP\",\"other\""), HasSubstr("OK"));
  EXPECT_THAT(say("AT+CGDCONT?"), HasSubstr("+CGDCONT: 2,\"IP\",\"other\""));
  EXPECT_THAT(say("AT+CGPADDR=1"), HasSubstr("+CGPADDR: 1,\"10.64.0.2\""));
  EXPECT_THAT(say("ATD*99***1#"), HasSubstr("NO CARRIER"));
}

TEST_F(SimModemTest, control_commands_that_make_no_sense) {
  for (const auto* line :
       {"", "dance", "deny", "deny 0", "deny x", "signal 5", "time x", "late -1"})
    EXPECT_THAT(control(line), StartsWith("error ")) << line;
  EXPECT_EQ(control("signal -110\n"), "ok");
  EXPECT_THAT(control("status"), HasSubstr("card=ready"));
}

TEST_F(SimModemTest, input_is_bounded) {
  boot();
  modem.feed(std::string(100'000, 'A'), now);
  for (int i = 0; i < 1000; ++i) modem.feed("\rAT", now);
  EXPECT_LE(pass(60s).size(), SimModem::max_output_bytes);
  EXPECT_EQ(say("\rAT"), "\r\nOK\r\n\r\nOK\r\n") << "the unfinished command, then this one";
}

TEST_F(GenericModemTest, knows_no_vendor_commands_and_reports_no_start) {
  EXPECT_EQ(pass(10s), "");
  say("ATE0");
  for (const auto* command : {"AT+CCID?", "AT+QCCID", "AT+KSREP=1", "AT+KCELLMEAS=0", "AT+CESQ"})
    EXPECT_EQ(say(command), "\r\nERROR\r\n") << command;
  EXPECT_THAT(say("AT+CRSM=176,12258,0,0,10"), HasSubstr("+CRSM: 144,0,\"98101430121181157002\""));
}

}  // namespace
}  // namespace oobm::modem_sim
