#include "agent/core/reboot_budget.hpp"

#include <algorithm>

namespace oobm::core {
namespace {

std::optional<UnixTime> well_known(const TimeBelief& belief) {
  if (belief.level < TimeLevel::agreed) return std::nullopt;
  return belief.time;
}

// What has surely passed since.
Duration surely_passed(const RebootStamp& stamp, const RebootMoment& moment) {
  const bool same_boot = !stamp.boot_id.empty() && stamp.boot_id == moment.boot_id;
  Duration passed = same_boot ? moment.now - stamp.at : moment.now.since_boot;
  if (const auto time = well_known(moment.belief); time && stamp.time)
    passed = std::max<Duration>(passed, *time - *stamp.time);
  return passed;
}

bool counts(const RebootStamp& stamp, const RebootMoment& moment) {
  return surely_passed(stamp, moment) < reboot_span;
}

}  // namespace

bool forget_old(std::vector<RebootStamp>& stamps, const RebootMoment& moment) {
  return std::erase_if(stamps, [&](const RebootStamp& s) { return !counts(s, moment); }) > 0;
}

std::size_t reboots_left(const std::vector<RebootStamp>& stamps, const RebootMoment& moment) {
  const auto used = static_cast<std::size_t>(
      std::ranges::count_if(stamps, [&](const RebootStamp& s) { return counts(s, moment); }));
  return reboots_a_day - std::min(used, reboots_a_day);
}

Duration reboot_wait(const std::vector<RebootStamp>& stamps, const RebootMoment& moment) {
  if (reboots_left(stamps, moment) > 0) return Duration{0};
  Duration wait = reboot_span;
  for (const auto& stamp : stamps)
    if (counts(stamp, moment)) wait = std::min(wait, reboot_span - surely_passed(stamp, moment));
  return wait;
}

void note_reboot(std::vector<RebootStamp>& stamps, const RebootMoment& moment) {
  stamps.push_back(
      {.boot_id = moment.boot_id, .at = moment.now, .time = well_known(moment.belief)});
}

}  // namespace oobm::core
