// Time as ALMS uses it. Statements carry whole seconds (RFC 7519 NumericDate), AirVantage's
// messages and tasks carry milliseconds; both count from 1970 in UTC. Time is passed in: nothing
// here but the server's loop reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace oobm::alms_sim {

using Millis = std::chrono::sys_time<std::chrono::milliseconds>;
using Seconds = std::chrono::sys_seconds;

inline std::int64_t millis_count(Millis at) { return at.time_since_epoch().count(); }

inline Seconds to_seconds(Millis at) { return std::chrono::floor<std::chrono::seconds>(at); }

inline std::int64_t seconds_count(Seconds at) { return at.time_since_epoch().count(); }

// A term of months ends on the same day of the month, or on that month's last day.
Seconds add_months(Seconds from, int months);

}  // namespace oobm::alms_sim
