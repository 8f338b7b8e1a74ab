#include "hal/recovery/recovery.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace oobm::hal {
namespace {

bool is_refusal(Trouble trouble) {
  switch (trouble) {
    case Trouble::sim_refused:
    case Trouble::network_refused:
    case Trouble::area_refused:
    case Trouble::detached:
    case Trouble::network_busy:
    case Trouble::session_refused:
      return true;
    default:
      return false;
  }
}

// "7 h 12 min", rounded up: what may be done then must not be refused then.
std::string in_words(core::Duration time) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(time).count();
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

Error used_up(const StepRule& rule, core::Duration refilled_in) {
  return {ErrorCode::limit_reached,
          "the " + std::string(rule.words) + " was done " + std::to_string(rule.per_day) +
              " times, which is all that a day allows; order it again in " + in_words(refilled_in)};
}

}  // namespace

Recovery::Recovery(Radio& radio, Board& board, Budget budget, Handlers handlers)
    : radio_(radio),
      board_(board),
      ladder_(std::move(budget)),
      handlers_(std::move(handlers)),
      part_number_(std::make_shared<std::uint64_t>(0)) {}

void Recovery::observe(const LinkUse& use, core::BootTime now) {
  use_ = use;
  tick(now);
}

void Recovery::bearer_result(bool worked, core::BootTime now) {
  ladder_.bearer_result(worked, now);
}

void Recovery::path_result(bool worked, core::BootTime now) { ladder_.path_result(worked, now); }

void Recovery::ask_for_function_cycle(core::BootTime now) {
  cycle_asked_ = true;
  tick(now);
}

void Recovery::order(RecoveryStep step, DoneHandler done, core::BootTime now) {
  if (ladder_.budget().left(step, now) == 0)
    return done(std::unexpected(used_up(rule(step), ladder_.budget().refilled(step, now) - now)));
  if (ordered_ || (running_ && running_->done))
    return done(std::unexpected(Error{ErrorCode::queue_full, "one is ordered already"}));
  ordered_ = Order{step, std::move(done)};
  tick(now);
  handlers_.wake();
}

void Recovery::tick(core::BootTime now) {
  ladder_.observe(radio_.facts(), use_, now);
  if (running_) {
    if (!running_->outcome && running_->part_by <= now)
      running_->outcome = std::unexpected(
          Error{ErrorCode::stopped, "it was given up, since it did not end in time"});
    if (running_->outcome) end_part(now);
    return;
  }
  if (const auto at = ladder_.budget().checkpoint(now); at && *at <= now) save(now);
  using Cause = StepReport::Cause;
  if (std::exchange(cycle_asked_, false))
    return begin(RecoveryStep::function_cycle, Cause::activation, now);
  if (auto order = std::exchange(ordered_, std::nullopt))
    return begin(order->step, Cause::order, now, std::move(order->done));
  if (const auto step = ladder_.due(now)) begin(*step, Cause::trouble, now);
}

std::optional<core::BootTime> Recovery::deadline(core::BootTime now) const {
  if (running_) return running_->outcome ? now : running_->part_by;
  if (cycle_asked_ || ordered_) return now;
  constexpr core::BootTime end_of_time{core::Duration::max()};
  auto at = std::min(ladder_.budget().checkpoint(now).value_or(end_of_time),
                     ladder_.review().value_or(end_of_time));
  // While an attempt is under way its end will call.
  if (const auto coming = ladder_.next(now); coming && !use_.attempting)
    at = std::min(at, coming->at);
  return at == end_of_time ? std::nullopt : std::optional(std::max(at, now));
}

void Recovery::begin(RecoveryStep step, StepReport::Cause cause, core::BootTime now,
                     DoneHandler done) {
  StepReport report{.step = step, .cause = cause, .trouble = ladder_.trouble(), .at = now};
  const auto& reject = radio_.facts().reject;
  if (reject && !reject->vendor_specific && is_refusal(report.trouble))
    report.emm_cause = reject->value;
  if (!ladder_.begin(step, now)) {
    report.phase = StepReport::Phase::failed;
    report.error = "its uses for today are spent";
    handlers_.report(report);
    if (done)
      done(std::unexpected(used_up(rule(step), ladder_.budget().refilled(step, now) - now)));
    return;
  }
  ++steps_taken_;
  report.left_today = ladder_.budget().left(step, now);
  last_ = report;
  running_ = Running{.step = step, .done = std::move(done)};
  save(now);
  handlers_.report(report);
  start_part(now);
}

Recovery::Part Recovery::part() const {
  if (running_->part == most_parts) return Part::none;
  return parts[std::to_underlying(running_->step)][running_->part];
}

// A handler for the part that begins now; of a part that was given up it does nothing.
template <class T>
auto Recovery::answer() {
  return [this, number = *part_number_,
          alive = std::weak_ptr(part_number_)](std::expected<T, Error> result) {
    const auto current = alive.lock();
    if (!current || *current != number || !running_ || running_->outcome) return;
    running_->outcome = result ? std::expected<void, Error>{} : std::unexpected(result.error());
    handlers_.wake();
  };
}

void Recovery::start_part(core::BootTime now) {
  ++*part_number_;
  running_->outcome.reset();
  running_->part_by = now + part_limit;
  switch (part()) {
    case Part::bearer_down:
      return board_.bearer_down(answer<void>());
    case Part::bearer_up:
      return board_.bearer_up({}, answer<BearerStatus>());
    case Part::reattach:
      return radio_.reattach(answer<void>());
    case Part::radio_off:
      return radio_.set_power(false, answer<void>());
    case Part::radio_on:
      return radio_.set_power(true, answer<void>());
    case Part::reset:
      return radio_.reset(answer<void>());
    case Part::power_cycle:
      return board_.modem_power_cycle(answer<void>());
    case Part::none:
      return end(now);
  }
}

void Recovery::end_part(core::BootTime now) {
  const auto& outcome = *running_->outcome;
  if (!outcome && part() == Part::power_cycle &&
      outcome.error().code == ErrorCode::helper_unsupported)
    ladder_.rule_out(RecoveryStep::power_cycle);
  // A bearer that does not go down in good order goes with what follows.
  if (!outcome && part() != Part::bearer_down && !running_->error)
    running_->error = outcome.error();
  ++running_->part;
  start_part(now);
  handlers_.wake();
}

void Recovery::end(core::BootTime now) {
  auto ended = *std::exchange(running_, std::nullopt);
  ladder_.end(ended.step, now);
  last_->phase = ended.error ? StepReport::Phase::failed : StepReport::Phase::done;
  if (ended.error) last_->error = ended.error->text;
  handlers_.report(*last_);
  if (!ended.done) return;
  if (ended.error)
    ended.done(std::unexpected(*ended.error));
  else
    ended.done({});
}

RecoveryView Recovery::view(core::BootTime now) const {
  RecoveryView view{.trouble = ladder_.trouble(),
                    .since = ladder_.since(),
                    .next = ladder_.next(now),
                    .last = last_,
                    .steps_taken = steps_taken_};
  for (const auto& row : step_rules())
    view.left_today[std::to_underlying(row.step)] = ladder_.budget().left(row.step, now);
  return view;
}

}  // namespace oobm::hal
