// Power saving as the network granted it (3GPP TS 23.682 section 4.5.4). A module that sleeps is
// silent without being broken, so the times matter to whoever judges silence. They travel as eight
// bits, three of unit and five of value, in two codings with different units (3GPP TS 24.008
// sections 10.5.7.4 and 10.5.7.4a).
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string_view>

#include "hal/at/text.hpp"

namespace oobm::hal::at {

struct NetworkTimer {
  std::optional<std::chrono::seconds> length;  // nothing: deactivated
  friend bool operator==(const NetworkTimer&, const NetworkTimer&) = default;
};

// T3324, how long the module stays reachable after it has spoken: "00000001" is two seconds. At
// most 31 * 6 minutes. Error: not eight binary digits.
std::expected<NetworkTimer, ParseError> parse_active_time(std::string_view bits);

// T3412 extended, how often the module makes itself known: "00011111" is 310 minutes. At most
// 31 * 320 hours.
std::expected<NetworkTimer, ParseError> parse_periodic_update(std::string_view bits);

// +CPSMS? (3GPP TS 27.007 section 7.38): what was asked of the network.
struct PowerSavingWish {
  bool wanted = false;
  std::optional<NetworkTimer> periodic_update;
  std::optional<NetworkTimer> active_time;
};
std::expected<PowerSavingWish, ParseError> parse_cpsms(std::string_view line);

}  // namespace oobm::hal::at
