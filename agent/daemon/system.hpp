// What only the operating system knows: the boot clock, which boot this is, unpredictable bits, and
// whether the system clock may be called evidence of the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <asio/basic_waitable_timer.hpp>

#include "agent/core/random.hpp"
#include "agent/core/time.hpp"

namespace oobm::daemon {

// CLOCK_BOOTTIME (clock_gettime(2)): counts through suspend and never jumps.
core::BootTime boot_now();

// The boot clock as Asio wants it. A timer that expires while the router sleeps fires within five
// minutes of its waking, which is how often Asio looks at the clock.
struct BootClock {
  using duration = core::Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() { return time_point(boot_now().since_boot); }
};
using BootTimer = asio::basic_waitable_timer<BootClock>;

// The first bytes of a file, at most `most`; empty when it cannot be read. Not by std::ifstream,
// which would bring all of iostream and its locales into the program (docs/dependencies.md).
std::string read_head(const std::string& path, std::size_t most);

// The kernel's id of this boot (random(4), /proc/sys/kernel/random/boot_id); empty when unreadable.
std::string boot_id();

// As uname -m names the machine that this program was built for.
std::string_view built_for();

// System time where the kernel says that it is synchronised (adjtimex(2), STA_UNSYNC clear), so
// that a clock which starts in 1970 is never taken for one that NTP disciplines.
std::optional<core::UnixTime> synchronised_system_time();

// getrandom(2). A kernel that cannot give random bits ends the program: a predictable nonce would
// be worse than none.
class SystemRandom : public core::Random {
 public:
  std::uint64_t next() override;
};

}  // namespace oobm::daemon
