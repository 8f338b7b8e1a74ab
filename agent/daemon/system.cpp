#include "agent/daemon/system.hpp"

#include <cstdlib>
#include <fstream>

#include <sys/random.h>
#include <sys/timex.h>
#include <time.h>

namespace oobm::daemon {

core::BootTime boot_now() {
  timespec at{};
  clock_gettime(CLOCK_BOOTTIME, &at);
  return {std::chrono::duration_cast<core::Duration>(std::chrono::seconds(at.tv_sec) +
                                                     std::chrono::nanoseconds(at.tv_nsec))};
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id.substr(0, 36);
}

std::optional<core::UnixTime> synchronised_system_time() {
  timex state{};
  const int clock = adjtimex(&state);
  if (clock < 0 || clock == TIME_ERROR || (state.status & STA_UNSYNC) != 0) return std::nullopt;
  return core::UnixTime{state.time.tv_sec};
}

std::uint64_t SystemRandom::next() {
  std::uint64_t bits = 0;
  if (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) std::abort();
  return bits;
}

}  // namespace oobm::daemon
