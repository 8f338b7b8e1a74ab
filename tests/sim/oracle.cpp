#include "tests/sim/oracle.hpp"

#include <format>
#include <utility>
#include <variant>

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using core::Lifecycle;

// Clocks within this are right; the agent takes two that agree within it for evidence.
constexpr std::chrono::seconds clock_tolerance = core::agreement_window;
// A router that can know is given so long to draw the conclusion: the system clock is read hourly.
constexpr core::Duration conclusion_limit = 2h;
constexpr core::Duration idle_bearer_limit = 10min;
// A result is with ALMS within this.
constexpr core::Duration longest_way = 1min;

bool in_service(Lifecycle state) { return state == Lifecycle::active || state == Lifecycle::grace; }
bool held_up(Lifecycle state) { return in_service(state) || state == Lifecycle::activating; }
bool off_duty(Lifecycle state) {
  return state == Lifecycle::suspended || state == Lifecycle::retired;
}

std::string name(Lifecycle state) { return std::string(core::to_text(state)); }

}  // namespace

void Oracle::breach(const std::string& what) {
  story_.tell("oracle", what);
  if (breach_.empty()) breach_ = date_text(time_.true_time()) + ": " + what;
}

void Oracle::memory_lost() {
  // Each of them may run once more, and what was answered may be forgotten.
  tasks_.clear();
  stored_.reset();
}

void Oracle::booted(const core::State& loaded) {
  clock_lies_ = {};
  attested_ = false;
  signed_ahead_ = signed_late_ = false;
  knows_since_.reset();
  idle_bearer_since_.reset();
  seen_ = see(loaded);
  seen_at_ = time_.now();
  if (stored_ && seen_->registration == stored_->registration &&
      seen_->sequence < stored_->sequence)
    breach("memory: what was stored and acted on is forgotten");
}

void Oracle::read_clock(core::TimeSource source, core::UnixTime value) {
  auto& known = clock_lies_[static_cast<std::size_t>(source)];
  const auto lie = value - time_.true_time();
  if (std::chrono::abs(lie - known.value_or(0s)) > clock_tolerance)
    story_.tell("clock", std::string(core::to_text(source)) + " says " + date_text(value));
  known = lie;
  const auto& [modem, system] = clock_lies_;
  if (both_clocks_true()) agreed_lie_ = false;
  const bool agree = modem && system && std::chrono::abs(*modem - *system) <= clock_tolerance;
  if (agree && std::chrono::abs(*modem) > clock_tolerance) agreed_lie_ = true;
}

bool Oracle::both_clocks_true() const {
  for (const auto& lie : clock_lies_)
    if (!lie || std::chrono::abs(*lie) > clock_tolerance / 2) return false;
  return true;
}

Oracle::Seen Oracle::see(const core::State& state) {
  return {.lifecycle = state.lifecycle,
          .reason = state.reason,
          .registration = state.registration ? state.registration->registration : std::string(),
          .sequence = state.registration ? state.registration->sequence : 0,
          .statement = state.entitlement ? state.entitlement->claims.base.id : std::string(),
          .floor = state.time_floor};
}

void Oracle::stepped(const core::Agent& agent) {
  const auto& state = agent.state();
  auto& in_state =
      figures_.in_state[static_cast<std::size_t>(seen_ ? seen_->lifecycle : state.lifecycle)];
  in_state += time_.now() - std::exchange(seen_at_, time_.now());
  const bool same = seen_ && seen_->lifecycle == state.lifecycle && seen_->reason == state.reason &&
                    seen_->floor == state.time_floor &&
                    seen_->sequence == (state.registration ? state.registration->sequence : 0);
  if (!same) changed(see(state), state);
  check_overdue(state);
}

void Oracle::changed(const Seen& now, const core::State& state) {
  if (now.statement != seen_->statement) note_statement(state);
  check_floor(state);
  check_order(now);
  if (now.lifecycle != seen_->lifecycle) {
    story_.tell("router", name(seen_->lifecycle) + " -> " + name(now.lifecycle) + " (" +
                              std::string(core::code(state.reason)) + ")");
    if (now.lifecycle == Lifecycle::suspended && state.reason == core::Reason::lapsed)
      check_lapse(state);
    if (held_up(now.lifecycle) && !held_up(seen_->lifecycle)) check_return(now, state);
  }
  check_ground(state);
  seen_ = now;
}

std::optional<core::UnixTime> Oracle::end_of_grace(const core::State& state) const {
  if (!state.entitlement || !state.entitlement->claims.valid_until) return std::nullopt;
  return *state.entitlement->claims.valid_until + state.entitlement->claims.grace;
}

void Oracle::check_lapse(const core::State& state) {
  const auto end = end_of_grace(state);
  if (!end) return breach("lapse: without a term");
  if (time_.true_time() + clock_tolerance >= *end || excused()) return;
  breach("lapse: at " + date_text(time_.true_time()) + ", paid and graced until " +
         date_text(*end));
}

void Oracle::check_return(const Seen& now, const core::State& state) {
  if (now.statement != seen_->statement) return;  // its ground is checked for every state
  const auto end = end_of_grace(state);
  const bool lapse_was_wrong = end && time_.true_time() < *end + clock_tolerance;
  if (seen_->lifecycle == Lifecycle::suspended && (lapse_was_wrong || excused())) return;
  breach("ground: " + name(seen_->lifecycle) + " -> " + name(now.lifecycle) +
         " without a statement of ALMS");
}

void Oracle::check_ground(const core::State& state) {
  using core::AlmsState;
  const auto stated =
      state.entitlement ? std::optional(state.entitlement->claims.state) : std::nullopt;
  bool holds = true;
  switch (state.lifecycle) {
    case Lifecycle::unregistered:
      return;
    case Lifecycle::inventory:
      holds = stated == AlmsState::inventory;
      break;
    case Lifecycle::activating:
    case Lifecycle::active:
    case Lifecycle::grace:
      holds = stated == AlmsState::active || stated == AlmsState::test_ready;
      break;
    case Lifecycle::suspended:
      holds = state.reason == core::Reason::lapsed || stated == AlmsState::suspended;
      break;
    case Lifecycle::retired:
      holds = !stated || stated == AlmsState::retired;
      break;
  }
  if (!holds) breach("ground: " + name(state.lifecycle) + " on another word of ALMS");
}

void Oracle::check_order(const Seen& now) {
  if (now.registration == seen_->registration && now.sequence < seen_->sequence)
    breach(std::format("order: sequence {} after {}", now.sequence, seen_->sequence));
}

void Oracle::check_floor(const core::State& state) {
  floor_ahead_ = state.time_floor > time_.true_time() + clock_tolerance;
  if (floor_ahead_ && figures_.faults["signer_clock_lies"] == 0)
    breach("floor: stored time " + date_text(state.time_floor) + " is ahead of true time");
}

// Time that ALMS signed for this boot, and that took no longer than a reply may.
void Oracle::note_statement(const core::State& state) {
  if (!state.entitlement) return;
  const auto& base = state.entitlement->claims.base;
  const auto age = time_.true_time() - base.issued_at;
  if (!base.nonce) return;
  attested_ = std::chrono::abs(age) < 5min;
  signed_ahead_ = age < -clock_tolerance;
  signed_late_ = base.issued_at < asked_ - clock_tolerance;
}

void Oracle::check_overdue(const core::State& state) {
  const auto end = end_of_grace(state);
  const bool overdue = end && held_up(state.lifecycle) && !excused() &&
                       time_.true_time() > *end + clock_tolerance &&
                       (attested_ || (both_clocks_true() && !signed_late_));
  if (!overdue) return knows_since_.reset();
  if (!knows_since_) knows_since_ = time_.now();
  if (time_.now() - *knows_since_ > conclusion_limit)
    breach("over: " + name(state.lifecycle) + " although term and grace ended " + date_text(*end) +
           " and the router can know");
}

void Oracle::connects(const std::string& instance) {
  if (instance != instance_)
    breach("region: connects to \"" + instance + "\", belongs to \"" + instance_ + "\"");
}

void Oracle::says(const std::string& instance, const core::Message& message,
                  const core::State& state) {
  connects(instance);
  if (std::holds_alternative<core::Announcement>(message)) asked_ = time_.true_time();
  const bool telemetry = std::holds_alternative<core::Telemetry>(message) ||
                         std::holds_alternative<core::ReadAnswer>(message);
  if (telemetry && !in_service(state.lifecycle))
    breach("silence: telemetry in " + name(state.lifecycle));
  const bool quiet = off_duty(state.lifecycle) || state.lifecycle == Lifecycle::unregistered;
  if (std::holds_alternative<core::Heartbeat>(message) && quiet)
    breach("silence: a heartbeat in " + name(state.lifecycle));
}

void Oracle::arrives(const core::Task& task) {
  tasks_[task.uid].service = !core::is_lifecycle_task(task.body);
}

void Oracle::runs(const std::string& uid, const core::TaskBody& body, const core::State& state) {
  auto& fate = tasks_[uid];
  const bool resumed = fate.runs > 0;
  ++fate.runs;
  // An installation is taken up again by its journal.
  const bool repeatable =
      core::is_idempotent(body) || std::holds_alternative<core::SoftwareInstall>(body);
  if (resumed && !repeatable) breach("once: task " + uid + " runs again");
  if (!resumed && !in_service(state.lifecycle))
    breach("silence: task " + uid + " runs in " + name(state.lifecycle));
}

void Oracle::released(const std::string& uid) {
  story_.tell("oracle", "released " + uid);
  tasks_[uid].released = time_.now();
}

void Oracle::bearer(bool wanted, bool attempting, core::Lifecycle state) {
  const bool idle = wanted && !attempting && !held_up(state);
  if (!idle) return idle_bearer_since_.reset();
  if (!idle_bearer_since_) idle_bearer_since_ = time_.now();
  if (time_.now() - *idle_bearer_since_ > idle_bearer_limit)
    breach("silence: the bearer is kept up in " + name(state));
}

void Oracle::acknowledged(const alms_sim::Ack& ack) {
  // Also of a task that it has put out of mind: the router may yet say that it has taken it.
  auto& fate = tasks_[ack.uid];
  story_.tell("alms", "hears of " + ack.uid + ": " + ack.status + " " + ack.message);
  fate.answered = true;
  // What could not be remembered for want of room may be done later; what is forgotten is stale.
  const bool passing = ack.message.starts_with("BUSY") || ack.message.starts_with("STALE");
  if (passing || !fate.service) return;
  const bool both_refuse = fate.said && fate.said->status == "ERROR" && ack.status == "ERROR";
  const bool same =
      !fate.said || (fate.said->status == ack.status && fate.said->message == ack.message);
  // What was refused in one state and is forgotten may be refused in another for another reason.
  if (!same && !both_refuse)
    breach("once: task " + ack.uid + " says " + fate.said->status + " " + fate.said->message +
           ", then " + ack.status + " " + ack.message);
  fate.said = ack;
}

void Oracle::check_results() {
  for (const auto& [uid, fate] : tasks_)
    if (fate.released && !fate.answered && time_.now() - *fate.released > longest_way)
      return breach("results: task " + uid + " got no answer");
  // A result that has arrived needs no further watching, a rerun does; both are bounded.
  constexpr std::size_t most_watched = 2'000;
  if (tasks_.size() > most_watched) tasks_.clear();
}

}  // namespace oobm::sim
