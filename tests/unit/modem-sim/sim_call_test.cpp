// Data calls: what passes the line untouched, and the ways back to commands.
#include <string>

#include "tests/unit/modem-sim/sim_bench.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class CallBench : public SimBench {
 protected:
  explicit CallBench(SimConfig config) : SimBench(std::move(config)) {
    modem.set_data_peer({.connected = [this] { ++connected; },
                         .received = [this](std::string_view bytes) { received += bytes; },
                         .ended = [this] { ++ended; }});
  }
  int connected = 0;
  int ended = 0;
  std::string received;
};

class TwoPorts : public CallBench {
 protected:
  static SimConfig two_ports() {
    SimConfig config;
    config.data_port = true;
    return config;
  }
  TwoPorts() : CallBench(two_ports()) {}
  std::string dial() {
    pass(15s);
    say("ATE0", 1s, PortId::data);
    return say("ATD*99***1#", 2s, PortId::data);
  }
};

class OnePort : public CallBench {
 protected:
  OnePort() : CallBench(kind_of("generic")) {}
};

TEST_F(TwoPorts, command_port_takes_no_calls) {
  boot();
  EXPECT_THAT(say("ATD*99***1#"), HasSubstr("NO CARRIER"));
  EXPECT_EQ(connected, 0);
}

TEST_F(TwoPorts, no_call_without_registration) {
  control("no-coverage");
  EXPECT_THAT(dial(), HasSubstr("NO CARRIER"));
}

TEST_F(TwoPorts, late_ok_then_connect_then_raw_bytes_both_ways) {
  EXPECT_EQ(dial(), "\r\nOK\r\n\r\nCONNECT\r\n");
  EXPECT_EQ(connected, 1);
  modem.feed(std::string_view("~\x7f\r\nAT\r\0", 8), now, PortId::data);
  EXPECT_EQ(received, std::string_view("~\x7f\r\nAT\r\0", 8));
  modem.send_to_host("OK\r~");
  EXPECT_EQ(modem.take_output(now, PortId::data), "OK\r~");
  EXPECT_THAT(say("AT"), HasSubstr("OK")) << "the other port is free for commands";
}

TEST_F(TwoPorts, closing_the_port_does_not_hang_up_an_hl78xx) {
  dial();
  modem.hang_up(PortId::data, now);
  EXPECT_EQ(ended, 0);
  pass(2s);
  modem.feed("+++", now, PortId::data);
  EXPECT_EQ(pass(500ms, PortId::data), "");
  EXPECT_EQ(pass(2s, PortId::data), "\r\nOK\r\n");
  const auto output = say("ATH", 2s, PortId::data);
  EXPECT_TRUE(output.starts_with('~')) << "frames of the dead session";
  EXPECT_THAT(output, HasSubstr("\r\nNO CARRIER\r\n"));
  EXPECT_EQ(ended, 1);
  EXPECT_THAT(say("ATH", 2s, PortId::data), HasSubstr("ERROR"));
}

TEST_F(TwoPorts, pluses_within_data_are_data) {
  dial();
  modem.feed("a+++", now, PortId::data);
  modem.feed("+++", now, PortId::data);
  pass(2s);
  modem.feed("++", now, PortId::data);
  modem.feed("b", now, PortId::data);
  EXPECT_EQ(received, "a++++++++b");
}

TEST_F(TwoPorts, escape_and_back) {
  dial();
  pass(2s);
  modem.feed("+++", now, PortId::data);
  EXPECT_EQ(pass(2s, PortId::data), "\r\nOK\r\n");
  modem.send_to_host("lost");
  EXPECT_EQ(say("ATO", 2s, PortId::data), "\r\nCONNECT\r\n");
  modem.send_to_host("seen");
  EXPECT_EQ(modem.take_output(now, PortId::data), "seen");
  EXPECT_EQ(connected, 1);
}

TEST_F(TwoPorts, half_dead_call_passes_nothing) {
  dial();
  control("half-dead 2");
  modem.feed("x", now, PortId::data);
  modem.send_to_host("y");
  EXPECT_EQ(received, "");
  EXPECT_EQ(modem.take_output(now, PortId::data), "");
}

TEST_F(TwoPorts, lost_registration_and_restart_end_the_call) {
  dial();
  control("no-coverage");
  EXPECT_THAT(pass(2s, PortId::data), HasSubstr("NO CARRIER"));
  EXPECT_EQ(ended, 1);
  control("register");
  pass(5s);
  say("ATD*99***1#", 2s, PortId::data);
  EXPECT_EQ(connected, 2);
  control("reboot");
  EXPECT_EQ(ended, 2);
}

TEST_F(OnePort, call_on_the_only_port_ends_with_the_port) {
  boot();
  EXPECT_EQ(say("ATD*99#"), "\r\nCONNECT\r\n");
  modem.feed("AT\r", now);
  EXPECT_EQ(received, "AT\r");
  modem.hang_up(PortId::command, now);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(say("AT"), "\r\nOK\r\n");
}

TEST_F(OnePort, far_end_that_leaves_is_no_carrier) {
  boot();
  say("ATD*99#");
  modem.far_end_left(now);
  EXPECT_EQ(pass(1s), "\r\nNO CARRIER\r\n");
  EXPECT_EQ(say("ATH"), "\r\nOK\r\n");
}

}  // namespace
}  // namespace oobm::modem_sim
