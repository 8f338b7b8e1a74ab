// Carries the ladder's steps out, through the radio and the board: one at a time, each announced
// with its reason before it begins and told with its outcome when it has ended, since a technician
// must be able to read what was done to the radio, why, when, and how often it may be done again.
//
//  - A step counts before it is begun, and its count is handed over to be stored first: a step that
//    brings the router down has been counted all the same.
//  - Every part of a step has its limit. A part that fails does not end the step: transmission that
//    was switched off is switched on again, whatever came between.
//  - A step that breaks the data context takes the bearer down first, so that the next attempt
//    dials anew.
//  - What is ordered from outside counts like everything else, and is refused when its cap is used
//    up: the module cannot tell who reset it.
//
// Calls bring the time; the radio's and the board's answers wake the owner, who then calls tick().
// Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hal/recovery/ladder.hpp"
#include <oobm/hal/board.hpp>
#include <oobm/hal/radio.hpp>

namespace oobm::hal {

struct StepReport {
  enum class Phase : std::uint8_t { begun, done, failed };
  enum class Cause : std::uint8_t {
    trouble,     // the ladder's own
    activation,  // the agent's: a subscription was just activated
    order,       // somebody's with a right to
  };
  RecoveryStep step{};
  Phase phase = Phase::begun;
  Cause cause = Cause::trouble;
  Trouble trouble{};             // as it was when the step began
  std::optional<int> emm_cause;  // of the last refusal, where it is the trouble
  core::BootTime at{};           // when it began
  std::string error;             // of failed: what part of it failed first; one sentence
  std::size_t left_today = 0;    // further uses of this step
};

// One moment, for the technician.
struct RecoveryView {
  Trouble trouble{};
  std::optional<core::BootTime> since;
  std::optional<Ladder::Due> next;
  std::optional<StepReport> last;  // phase begun: it is under way
  std::array<std::size_t, recovery_step_count> left_today{};
  std::uint32_t steps_taken = 0;  // since this object was made
};

class Recovery {
 public:
  // For each part of a step; the board may have other requests to serve first.
  static constexpr core::Duration part_limit = std::chrono::minutes(7);
  static constexpr std::size_t most_parts = 3;
  static_assert(part_limit * most_parts < longest_step);

  struct Handlers {
    std::function<void(const StepReport&)> report;
    // To be stored before this returns.
    std::function<void(const BudgetMemory&)> save;
    // tick() is wanted soon. May be called from within the radio's and the board's handlers, and
    // from any call of this class.
    std::function<void()> wake;
  };

  using DoneHandler = Radio::DoneHandler;

  // `radio` and `board` outlive this object; it does not start or stop them.
  Recovery(Radio& radio, Board& board, Budget budget, Handlers handlers);

  // The radio's facts have changed, or what the agent wants of the link.
  void observe(const LinkUse& use, core::BootTime now);
  void bearer_result(bool worked, core::BootTime now);
  void path_result(bool worked, core::BootTime now);

  // The agent has a reason of its own (a subscription that was just activated). Done when no other
  // step is under way; counts like any other, and is dropped where its cap is used up.
  void ask_for_function_cycle(core::BootTime now);

  // Somebody orders a step. It begins when no other is under way, without waiting for its pause,
  // and `done` is called when it has ended. Errors: limit_reached (its cap is used up; the sentence
  // says until when), queue_full (one is ordered already), or the error of the first part that
  // failed. `done` may run inside this call and inside tick().
  void order(RecoveryStep step, DoneHandler done, core::BootTime now);

  // A step is under way.
  [[nodiscard]] bool stepping() const { return running_.has_value(); }

  void tick(core::BootTime now);
  [[nodiscard]] std::optional<core::BootTime> deadline(core::BootTime now) const;

  [[nodiscard]] RecoveryView view(core::BootTime now) const;

 private:
  enum class Part : std::uint8_t {
    none,
    bearer_down,
    bearer_up,
    reattach,
    radio_off,
    radio_on,
    reset,
    power_cycle,
  };
  static constexpr std::array<std::array<Part, most_parts>, recovery_step_count> parts{{
      {Part::bearer_down, Part::bearer_up, Part::none},
      {Part::bearer_down, Part::reattach, Part::none},
      {Part::bearer_down, Part::radio_off, Part::radio_on},
      {Part::bearer_down, Part::reset, Part::none},
      {Part::bearer_down, Part::power_cycle, Part::none},
  }};
  struct Running {
    RecoveryStep step{};
    std::size_t part = 0;
    core::BootTime part_by{};
    std::optional<std::expected<void, Error>> outcome;  // of the part under way, once it has one
    std::optional<Error> error;
    DoneHandler done;  // of who ordered it
  };
  struct Order {
    RecoveryStep step{};
    DoneHandler done;
  };

  void begin(RecoveryStep step, StepReport::Cause cause, core::BootTime now, DoneHandler done = {});
  void start_part(core::BootTime now);
  void end_part(core::BootTime now);
  void end(core::BootTime now);
  [[nodiscard]] Part part() const;
  void save(core::BootTime now) { handlers_.save(ladder_.budget().memory(now)); }
  template <class T>
  auto answer();

  Radio& radio_;
  Board& board_;
  Ladder ladder_;
  Handlers handlers_;
  LinkUse use_;
  std::optional<Running> running_;
  std::optional<StepReport> last_;
  bool cycle_asked_ = false;
  std::optional<Order> ordered_;  // waits for the step that is under way
  std::uint32_t steps_taken_ = 0;
  std::shared_ptr<std::uint64_t> part_number_;  // an answer to an earlier part is nobody's
};

}  // namespace oobm::hal
