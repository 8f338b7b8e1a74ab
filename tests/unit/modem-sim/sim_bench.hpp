// A simulated module in virtual time, and a host that types.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {

inline SimConfig kind_of(std::string_view personality) {
  SimConfig config;
  config.personality = find_personality(personality);
  return config;
}

class SimBench : public testing::Test {
 protected:
  explicit SimBench(SimConfig config = {}) : modem(std::move(config), now) {}

  std::string pass(core::Duration time, PortId port = PortId::command) {
    const auto end = now + time;
    std::string output;
    while (now < end) {
      const auto next = modem.deadline().value_or(end);
      now = std::min(end, std::max(next, now + core::Duration(1)));
      modem.tick(now);
      output += modem.take_output(now, port);
    }
    return output;
  }
  std::string say(const std::string& command, core::Duration time = std::chrono::seconds(2),
                  PortId port = PortId::command) {
    modem.feed(command + "\r", now, port);
    return pass(time, port);
  }
  std::string control(const std::string& line) { return modem.control(line, now); }
  void boot() {
    pass(std::chrono::seconds(10));
    say("ATE0");
    say("AT+CMEE=1");
  }

  core::BootTime now{std::chrono::seconds(1)};
  SimModem modem;
};

}  // namespace oobm::modem_sim
