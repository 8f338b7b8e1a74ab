#include "hal/recovery/budget.hpp"

#include <algorithm>
#include <utility>

namespace oobm::hal {
namespace {

// What has surely passed since the memory was written.
core::Duration passed_since(const BudgetMemory& memory, const std::string& boot_id,
                            core::BootTime now) {
  const auto since = now - memory.at;
  if (memory.boot_id.empty() || boot_id.empty())
    return since < core::Duration(0) ? now.since_boot : since;
  if (memory.boot_id == boot_id) return std::max(since, core::Duration(0));
  return now.since_boot;
}

void repair(BudgetMemory::Step& step, const StepRule& rule, core::Duration counted) {
  for (auto& at : step.taken) at = std::clamp(at, -cap_span, counted);
  std::ranges::sort(step.taken);
  if (step.taken.size() > rule.per_day)
    step.taken.erase(step.taken.begin(),
                     step.taken.end() - static_cast<std::ptrdiff_t>(rule.per_day));
  step.pause = std::clamp(step.pause, core::Duration(0), rule.pause_longest);
}

}  // namespace

Budget::Budget(std::string boot_id, core::BootTime now, std::optional<BudgetMemory> memory)
    : memory_(std::move(memory).value_or(BudgetMemory{})), base_at_(now), stored_at_(now) {
  memory_.counted = std::max(memory_.counted, core::Duration(0));
  for (const auto& rule : step_rules())
    repair(memory_.steps[std::to_underlying(rule.step)], rule, memory_.counted);
  base_ = memory_.counted + passed_since(memory_, boot_id, now);
  memory_.boot_id = std::move(boot_id);
}

BudgetMemory Budget::nearly_spent(core::BootTime now) {
  BudgetMemory memory;
  memory.at = now;
  for (const auto& rule : step_rules()) {
    auto& step = memory.steps[std::to_underlying(rule.step)];
    step.taken.assign(rule.per_day - 1, core::Duration(0));
    step.pause = rule.pause_first;
  }
  return memory;
}

core::Duration Budget::counted(core::BootTime now) const {
  return base_ + std::max(now - base_at_, core::Duration(0));
}

core::BootTime Budget::when(core::Duration counted_time, core::BootTime now) const {
  return now + std::max(counted_time - counted(now), core::Duration(0));
}

void Budget::take(RecoveryStep step, core::BootTime now) {
  const auto& row = rule(step);
  auto& [pause, taken] = memory_.steps[std::to_underlying(step)];
  pause = pause == core::Duration(0) ? row.pause_first
                                     : std::min(pause * pause_growth, row.pause_longest);
  taken.push_back(counted(now));
  if (taken.size() > row.per_day) taken.erase(taken.begin());
}

void Budget::relax() {
  for (auto& step : memory_.steps) step.pause = core::Duration(0);
}

core::BootTime Budget::refilled(RecoveryStep step, core::BootTime now) const {
  const auto& taken = memory_.steps[std::to_underlying(step)].taken;
  if (taken.size() < rule(step).per_day) return now;
  return when(taken.front() + cap_span, now);
}

core::BootTime Budget::earliest(RecoveryStep step, core::Duration least_pause,
                                core::BootTime now) const {
  const auto& [pause, taken] = memory_.steps[std::to_underlying(step)];
  if (taken.empty()) return now;
  return std::max(refilled(step, now), when(taken.back() + std::max(pause, least_pause), now));
}

std::size_t Budget::left(RecoveryStep step, core::BootTime now) const {
  const auto span_ago = counted(now) - cap_span;
  const auto recent =
      std::ranges::count_if(memory_.steps[std::to_underlying(step)].taken,
                            [span_ago](core::Duration taken) { return taken > span_ago; });
  return rule(step).per_day - static_cast<std::size_t>(recent);
}

BudgetMemory Budget::memory(core::BootTime now) {
  stored_at_ = now;
  memory_.at = now;
  memory_.counted = counted(now);
  return memory_;
}

std::optional<core::BootTime> Budget::checkpoint(core::BootTime now) const {
  const auto full = [this, now](const StepRule& rule) {
    return left(rule.step, now) == rule.per_day;
  };
  if (std::ranges::all_of(step_rules(), full)) return std::nullopt;
  return std::max(now, stored_at_ + checkpoint_interval);
}

}  // namespace oobm::hal
