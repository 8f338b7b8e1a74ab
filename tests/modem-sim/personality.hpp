// What differs between the kinds of modules that the simulator can be, as data.
#pragma once

#include <span>
#include <string_view>

#include "agent/core/time.hpp"

namespace oobm::modem_sim {

struct Personality {
  std::string_view name;
  std::string_view manufacturer;
  std::string_view model;
  std::string_view revision;
  std::span<const std::string_view> boot_reports;  // in order, when the module has started
  bool hl78xx = false;                             // knows +KSREP, +KCELLMEAS and their like
  std::string_view iccid_command;  // the vendor's own; empty: only by the card's file
  bool extended_signal = true;     // knows +CESQ
  int highest_report_level = 5;    // of +CEREG
  bool strict_activation = false;  // +CGACT is an error when nothing would change
  bool hangs_up = true;            // a data call ends when the host closes the port
  bool late_activation = false;    // an OK comes before CONNECT
  bool looser_text = false;        // blanks, lower-case hexadecimal, a quoted card state
  core::Duration boot_time{};      // deaf after a restart
};

std::span<const Personality> personalities();

// By its name; nullptr for any other.
const Personality* find_personality(std::string_view name);

}  // namespace oobm::modem_sim
