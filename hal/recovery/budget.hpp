// How often each step has been taken, so that no restart of the agent and no reboot of the router
// is a fresh start: a module that cannot be helped must not be reset for ever, least of all by a
// router that reboots for ever.
//
//  - Only time that has surely passed fills a budget again: the boot clock within one boot, and
//    from one boot to the next the uptime of the later one. The wall clock is never asked.
//  - The cap holds for every span of a day, not for calendar days, so that two days' steps cannot
//    meet at midnight.
//  - Where it is not known whether a reboot lies between, the shorter of the two readings counts.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hal/recovery/policy.hpp"

namespace oobm::hal {

// What survives. Durations are on the budget's own clock of time that has surely passed.
struct BudgetMemory {
  struct Step {
    core::Duration pause{0};            // before the next use; 0: none
    std::vector<core::Duration> taken;  // when, oldest first; at most most_steps_per_day
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::string boot_id;  // of the boot in which this was written; empty: not known
  core::BootTime at{};  // when, in that boot
  core::Duration counted{0};
  std::array<Step, recovery_step_count> steps;
  friend bool operator==(const BudgetMemory&, const BudgetMemory&) = default;
};

class Budget {
 public:
  // While a cap is partly used, the time that has passed is worth storing this often; a router that
  // is never up for so long gets nothing back.
  static constexpr core::Duration checkpoint_interval = std::chrono::hours(2);

  // `memory` as stored, from this boot or an earlier one; nothing: full budgets. Whatever in it
  // cannot be so is read to the disadvantage of the budget.
  Budget(std::string boot_id, core::BootTime now, std::optional<BudgetMemory> memory = {});

  // The memory of a router whose stored one is there and cannot be read: from `now` on one use of
  // each step is left for a day.
  static BudgetMemory nearly_spent(core::BootTime now);

  void take(RecoveryStep step, core::BootTime now);
  // The link has worked: pauses start over. Caps stay.
  void relax();

  // When the step may be taken again, with `least_pause` if that is longer than its own; not before
  // `now`.
  [[nodiscard]] core::BootTime earliest(RecoveryStep step, core::Duration least_pause,
                                        core::BootTime now) const;
  // As earliest(), by the cap alone.
  [[nodiscard]] core::BootTime refilled(RecoveryStep step, core::BootTime now) const;
  [[nodiscard]] std::size_t left(RecoveryStep step, core::BootTime now) const;

  // To be stored; storing it is the caller's part.
  BudgetMemory memory(core::BootTime now);
  // When memory() should be stored again although no step was taken. Nothing: all caps are full.
  [[nodiscard]] std::optional<core::BootTime> checkpoint(core::BootTime now) const;

 private:
  [[nodiscard]] core::Duration counted(core::BootTime now) const;
  [[nodiscard]] core::BootTime when(core::Duration counted_time, core::BootTime now) const;

  BudgetMemory memory_;
  core::Duration base_{0};  // of the counted clock, at base_at_
  core::BootTime base_at_{};
  core::BootTime stored_at_{};
};

}  // namespace oobm::hal
