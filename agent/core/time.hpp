// The two clocks of this agent, as types that cannot be mixed up.
//
// BootTime drives every timer: it never jumps and counts through suspend (CLOCK_BOOTTIME).
// UnixTime is what people and statements mean by a date; inside the core it is only ever *believed*
// (agent/core/trusted_clock.hpp), never read from the system.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace oobm::core {

using Duration = std::chrono::milliseconds;

// Time since this boot of the router. Range: 0 upwards; resolution one millisecond.
struct BootTime {
  Duration since_boot{0};
  friend auto operator<=>(const BootTime&, const BootTime&) = default;
  friend BootTime operator+(BootTime t, Duration d) { return {t.since_boot + d}; }
  friend Duration operator-(BootTime a, BootTime b) { return a.since_boot - b.since_boot; }
};

// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX, RFC 7519 NumericDate).
struct UnixTime {
  std::int64_t seconds = 0;
  friend auto operator<=>(const UnixTime&, const UnixTime&) = default;
  friend UnixTime operator+(UnixTime t, std::chrono::seconds d) { return {t.seconds + d.count()}; }
  friend UnixTime operator-(UnixTime t, std::chrono::seconds d) { return {t.seconds - d.count()}; }
  friend std::chrono::seconds operator-(UnixTime a, UnixTime b) {
    return std::chrono::seconds(a.seconds - b.seconds);
  }
};

}  // namespace oobm::core
