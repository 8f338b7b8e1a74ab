// What is wrong with the world at this moment. Faults write it, everything else reads it; a world
// with a default Weather is one in which all is well.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "agent/core/time.hpp"

namespace oobm::sim {

// By how much a clock is wrong; nothing: it says nothing at all.
struct ClockWeather {
  bool silent = false;
  std::chrono::seconds lie{0};
};

struct Weather {
  bool wan_up = true;
  bool path_dead = false;       // the OOBM network carries nothing, and does not say so
  bool alms_reachable = true;   // brokers answer
  bool login_refused = false;   // CONNACK 4 or 5
  core::Duration bus_delay{0};  // messages between broker and ALMS take up to so long
  bool bus_duplicates = false;
  bool bus_reorders = false;
  ClockWeather network_time;  // NITZ
  ClockWeather system_time;   // an NTP-synchronised system clock
  std::chrono::seconds signer_lie{0};
  enum class Flash : std::uint8_t { works, full, read_only } flash = Flash::works;
};

}  // namespace oobm::sim
