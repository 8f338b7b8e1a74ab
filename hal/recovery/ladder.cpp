#include "hal/recovery/ladder.hpp"

#include <algorithm>
#include <utility>

namespace oobm::hal {
namespace {

// Troubles that only an attempt can show stay until an attempt shows otherwise.
bool shown_by_attempts(Trouble trouble) {
  return trouble == Trouble::bearer_failing || trouble == Trouble::path_dead;
}

}  // namespace

void Ladder::observe(const RadioFacts& radio, const LinkUse& use, core::BootTime now) {
  now_ = std::max(now, now_);
  use_ = use;
  skip_sleep(now_);
  if (registered(radio)) registered_at_ = now_;
  const auto before = std::exchange(trouble_, judge(radio));
  note_trouble(before, now_);
  note_health(radio, now_);
  const auto coming = next(now_);
  expected_ = coming ? std::optional(std::max(coming->at, now_)) : std::nullopt;
}

Trouble Ladder::judge(const RadioFacts& radio) {
  review_at_.reset();
  if (!use_.wanted || use_.online) return Trouble::none;
  switch (radio.port) {
    case PortState::closed:
      return Trouble::none;
    case PortState::absent:
      return Trouble::module_absent;
    case PortState::busy:
      return Trouble::port_busy;
    case PortState::silent:
      return Trouble::module_silent;
    case PortState::asleep:
    case PortState::ok:
      break;
  }
  if (radio.power && *radio.power != RadioPower::on) return Trouble::radio_off;
  if (radio.sim == SimState::absent || radio.sim == SimState::failure) return Trouble::sim_absent;
  if (radio.sim == SimState::pin_required || radio.sim == SimState::puk_required ||
      radio.sim == SimState::network_locked)
    return Trouble::sim_locked;
  return registered(radio) ? judge_path() : judge_refusal(radio);
}

Trouble Ladder::judge_path() const {
  if (bearer_failed_) return Trouble::bearer_failing;
  return path_failed_ ? Trouble::path_dead : Trouble::none;
}

// Some modules report the cause while they go on searching and never say "denied"; a cause from
// before the last registration explains nothing.
Trouble Ladder::judge_refusal(const RadioFacts& radio) {
  const bool denied = radio.registration == Registration::denied;
  if (radio.reject && radio.reject->at >= registered_at_) {
    const auto& row = emm_rule(*radio.reject);
    const auto stale_at = radio.reject->at + row.holds;
    if (now_ < stale_at && (denied || !radio.reject->vendor_specific)) {
      review_at_ = stale_at;
      return row.trouble;
    }
  }
  if (denied) return Trouble::sim_refused;
  return radio.registration == Registration::not_registered ? Trouble::not_searching
                                                            : Trouble::no_network;
}

void Ladder::note_trouble(Trouble before, core::BootTime now) {
  if (!use_.wanted || use_.online) seen_.fill(std::nullopt);
  // It lasted until now, however long nobody looked.
  if (auto& seen = seen_[std::to_underlying(before)]) seen->last = now;
  if (trouble_ == Trouble::none) return;
  auto& seen = seen_[std::to_underlying(trouble_)];
  if (!seen || (!shown_by_attempts(trouble_) && now - seen->last > interruption))
    seen = Seen{.first = now};
  seen->last = now;
}

void Ladder::note_health(const RadioFacts& radio, core::BootTime now) {
  const bool idle_but_well = !use_.bearer_kept && path_worked_ && registered(radio);
  // What was so at the last call was so until this one.
  if (well_since_ && now - *well_since_ >= steady) budget_.relax();
  if (!use_.online && !idle_but_well)
    well_since_.reset();
  else if (!well_since_)
    well_since_ = now;
}

void Ladder::skip_sleep(core::BootTime now) {
  if (!expected_ || now <= *expected_ + late_call) return;
  const auto slept = now - *expected_;
  for (auto& seen : seen_)
    if (seen) seen = Seen{.first = seen->first + slept, .last = seen->last + slept};
}

void Ladder::bearer_result(bool worked, core::BootTime) {
  if (stepping_) return;
  bearer_failed_ = !worked;
}

void Ladder::path_result(bool worked, core::BootTime) {
  path_worked_ = worked;
  if (worked) bearer_failed_ = false;
  if (worked || !stepping_) path_failed_ = !worked;
}

std::optional<core::BootTime> Ladder::step_at(RecoveryStep step, core::BootTime now) const {
  const auto& seen = seen_[std::to_underlying(trouble_)];
  const auto& row = rule(trouble_);
  const auto first = row.first[std::to_underlying(step)];
  if (!seen || first == never || ruled_out_[std::to_underlying(step)]) return std::nullopt;
  // Where the bearer is dialled for each attempt, the next attempt is the re-dial.
  if (step == RecoveryStep::redial && !use_.bearer_kept) return std::nullopt;
  return std::max({seen->first + first, settled_at_, budget_.earliest(step, row.least_pause, now)});
}

std::optional<Ladder::Due> Ladder::next(core::BootTime now) const {
  std::optional<Due> best;
  if (trouble_ == Trouble::none || stepping_) return best;
  for (const auto& row : step_rules()) {
    const auto at = step_at(row.step, now);
    // Of those that are due already, the mildest.
    if (at && (!best || std::max(*at, now) < std::max(best->at, now))) best = Due{row.step, *at};
  }
  return best;
}

std::optional<RecoveryStep> Ladder::due(core::BootTime now) const {
  const auto coming = next(now);
  if (!coming || coming->at > now || use_.attempting) return std::nullopt;
  return coming->step;
}

bool Ladder::begin(RecoveryStep step, core::BootTime now) {
  if (budget_.left(step, now) == 0) return false;
  budget_.take(step, now);
  stepping_ = true;
  expected_.reset();
  bearer_failed_ = path_failed_ = false;
  return true;
}

void Ladder::end(RecoveryStep step, core::BootTime now) {
  stepping_ = false;
  settled_at_ = now + rule(step).settle;
}

std::optional<core::BootTime> Ladder::since() const {
  const auto& seen = seen_[std::to_underlying(trouble_)];
  return seen ? std::optional(seen->first) : std::nullopt;
}

}  // namespace oobm::hal
