// The module's clock, which the network sets (NITZ; 3GPP TS 27.007 section 8.15, time zone in
// quarters of an hour). Before the network has spoken it shows an epoch of the manufacturer's
// choice, 1980 or 2004 for example, and two digits of a year cannot tell 1980 from 2080: a time is
// evidence only within a window that begins with the making of this software.
#pragma once

#include <chrono>
#include <expected>
#include <string_view>

#include "agent/core/time.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {

// +CCLK: "yy/MM/dd,hh:mm:ss+zz", local time, as an instant. Quotes may be missing, the year may
// have four digits, leading zeros may be absent, and more may follow behind a comma. Errors: no
// time zone (the instant would be off by up to a day), letters instead of digits, no such date.
std::expected<core::UnixTime, ParseError> parse_cclk(std::string_view line);

// +CTZV: +zz or +CTZE: "+zz",... (section 8.40): the new time zone, east of Greenwich, from -24 to
// +24 hours in steps of 15 minutes.
std::expected<std::chrono::minutes, ParseError> parse_time_zone(std::string_view line);

// The earliest instant that network time may have: 2025-01-01T00:00:00Z.
inline constexpr core::UnixTime earliest_network_time{1735689600};
// The latest, counted from the earliest: 40 years.
inline constexpr std::chrono::seconds network_time_window{40LL * 365 * 86400};

constexpr bool credible_network_time(core::UnixTime time) {
  return time >= earliest_network_time && time < earliest_network_time + network_time_window;
}

}  // namespace oobm::hal::at
