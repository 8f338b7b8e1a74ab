// The clock that drives the radio's timers: CLOCK_BOOTTIME, which never jumps and counts through
// suspend.
#pragma once

#include <chrono>

#include <time.h>

#include "agent/core/time.hpp"

namespace oobm::hal {

inline core::BootTime boot_now() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return {std::chrono::duration_cast<core::Duration>(std::chrono::seconds(now.tv_sec) +
                                                     std::chrono::nanoseconds(now.tv_nsec))};
}

}  // namespace oobm::hal
