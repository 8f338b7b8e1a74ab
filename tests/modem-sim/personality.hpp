// What differs between the kinds of modules that the simulator can be.
#pragma once

#include <string_view>

#include "agent/core/time.hpp"

namespace oobm::modem_sim {

struct Personality {
  std::string_view name;
  std::string_view manufacturer;
  std::string_view model;
  std::string_view revision;
  std::string_view boot_report;  // sent when the module has started; empty: none
  bool hl78xx = false;           // knows +CCID, +KSUP, +KCELLMEAS and their like
  core::Duration boot_time{};    // deaf after a restart
};

// "hl78xx" or "generic"; nullptr for any other name.
const Personality* find_personality(std::string_view name);

}  // namespace oobm::modem_sim
