// How often the router may be restarted by command. A control loop that restarts what it cannot
// reach would keep the customer's router down for ever, and each restart forgets that there was one
// before; so the restarts of a day are counted in the stored state, before each is carried out.
//
// A restart counts no more when a day has surely passed since: by the boot clock within one boot,
// by the uptime of the present boot, or by a time that was agreed or attested at both ends. A wrong
// clock gives nothing back early, and a router that stays up gets everything back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/time.hpp"
#include "agent/core/trusted_clock.hpp"

namespace oobm::core {

inline constexpr std::size_t reboots_a_day = 4;
inline constexpr std::chrono::hours reboot_span{24};

// One restart that was ordered.
struct RebootStamp {
  std::string boot_id;           // boot in which it was
  BootTime at;                   // ... and when in it
  std::optional<UnixTime> time;  // by trusted time, at level agreed or better
  friend bool operator==(const RebootStamp&, const RebootStamp&) = default;
};

// The moment at which somebody asks.
struct RebootMoment {
  const std::string& boot_id;
  BootTime now;
  TimeBelief belief;
};

// Forgets the restarts that count no more; true when there were any.
bool forget_old(std::vector<RebootStamp>& stamps, const RebootMoment& moment);

// Restarts that are left at this moment: 0 .. reboots_a_day.
std::size_t reboots_left(const std::vector<RebootStamp>& stamps, const RebootMoment& moment);

// How long until one more is certainly left, if the router stays up; zero while one is.
Duration reboot_wait(const std::vector<RebootStamp>& stamps, const RebootMoment& moment);

// Precondition: one is left, and the old ones are forgotten.
void note_reboot(std::vector<RebootStamp>& stamps, const RebootMoment& moment);

}  // namespace oobm::core
