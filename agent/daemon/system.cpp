#include "agent/daemon/system.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>

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
  constexpr std::size_t uuid_characters = 36;  // RFC 9562 section 4
  return read_head("/proc/sys/kernel/random/boot_id", uuid_characters);
}

std::string read_head(const std::string& path, std::size_t most) {
  std::string text(most, '\0');
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return "";
  text.resize(std::fread(text.data(), 1, most, file));
  std::fclose(file);
  return text;
}

std::string_view built_for() {
#if defined(__aarch64__)
  return "aarch64";
#elif defined(__x86_64__)
  return "x86_64";
#elif defined(__arm__)
  return "armv7l";
#else
  return "unknown";
#endif
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
