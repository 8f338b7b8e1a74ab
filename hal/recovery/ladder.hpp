// Which remedy is due, and when. The ladder looks at the radio and at what the agent wants of it,
// names the trouble, and finds the mildest step that can help and may be taken. The rules:
//
//  - A link that nobody wants is left alone. So is one over which an attempt is under way: the
//    attempt is the test of whether the last step helped.
//  - Whether data passes, only a session over the OOBM uplink can tell. What it told before a step
//    says nothing about the time after it.
//  - A trouble's time runs on through short interruptions, since a step causes some itself; time
//    that nobody watched (the router slept) is not trouble.
//  - Pauses start over only after the link has worked for `steady`.
//
// Pure: facts and the time come in, no radio and no clock is touched. Not thread-safe.
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "hal/recovery/budget.hpp"

namespace oobm::hal {

// What the agent wants of the link and knows of it.
struct LinkUse {
  bool wanted = false;       // a link that fails now would be missed
  bool bearer_kept = false;  // the bearer stays up, rather than for the length of an attempt
  bool attempting = false;   // bearer or session are being brought up over the OOBM uplink
  bool online = false;       // a session is open over the OOBM uplink
};

class Ladder {
 public:
  static constexpr core::Duration steady = std::chrono::minutes(30);
  // A trouble that has been away for longer begins anew.
  static constexpr core::Duration interruption = std::chrono::minutes(10);
  // Time beyond this after the moment for which the ladder asked was slept through.
  static constexpr core::Duration late_call = std::chrono::minutes(10);

  struct Due {
    RecoveryStep step{};
    core::BootTime at{};
  };

  explicit Ladder(Budget budget) : budget_(std::move(budget)) {}

  void observe(const RadioFacts& radio, const LinkUse& use, core::BootTime now);
  // Of the bearer and of a session over the OOBM uplink. A session that opened clears both.
  void bearer_result(bool worked, core::BootTime now);
  void path_result(bool worked, core::BootTime now);

  // The step that comes first, whether it is due already or not. Nothing: no step will help, as far
  // as can be said now.
  [[nodiscard]] std::optional<Due> next(core::BootTime now) const;
  // The step to be taken now.
  [[nodiscard]] std::optional<RecoveryStep> due(core::BootTime now) const;

  // When observe() is wanted although nothing has changed: a refusal is then too old to explain
  // anything. Nothing: never.
  [[nodiscard]] std::optional<core::BootTime> review() const { return review_at_; }

  // A step begins, due or asked for; false: its cap does not allow it.
  bool begin(RecoveryStep step, core::BootTime now);
  void end(RecoveryStep step, core::BootTime now);
  // The board has no such function: it is not tried again while this object lives.
  void rule_out(RecoveryStep step) { ruled_out_[std::to_underlying(step)] = true; }

  [[nodiscard]] Trouble trouble() const { return trouble_; }
  [[nodiscard]] std::optional<core::BootTime> since() const;
  [[nodiscard]] Budget& budget() { return budget_; }
  [[nodiscard]] const Budget& budget() const { return budget_; }

 private:
  struct Seen {
    core::BootTime first{};
    core::BootTime last{};
  };

  [[nodiscard]] Trouble judge(const RadioFacts& radio);
  [[nodiscard]] Trouble judge_refusal(const RadioFacts& radio);
  [[nodiscard]] Trouble judge_path() const;
  void note_trouble(Trouble before, core::BootTime now);
  void note_health(const RadioFacts& radio, core::BootTime now);
  void skip_sleep(core::BootTime now);
  [[nodiscard]] std::optional<core::BootTime> step_at(RecoveryStep step, core::BootTime now) const;

  Budget budget_;
  LinkUse use_;
  Trouble trouble_ = Trouble::none;
  std::array<std::optional<Seen>, trouble_count> seen_;
  std::array<bool, recovery_step_count> ruled_out_{};
  bool bearer_failed_ = false;
  bool path_failed_ = false;
  bool path_worked_ = false;  // the last that was heard of the path
  bool stepping_ = false;
  core::BootTime now_{};
  core::BootTime registered_at_{};  // last seen registered
  core::BootTime settled_at_{};     // no step before this
  std::optional<core::BootTime> well_since_;
  std::optional<core::BootTime> expected_;  // when a call is due
  std::optional<core::BootTime> review_at_;
};

}  // namespace oobm::hal
