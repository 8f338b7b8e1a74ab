// Knows the true time and the true account, and looks at the router after every step. The rules:
//
//   region      no byte goes to an instance that the SKU does not belong to
//   lapse       no lapse before the true end of term and grace
//   over        a router that can know that its time is over does not serve on
//   ground      service begins on a statement of ALMS and nothing else; each state has its ground
//   order       within a registration the sequence never falls
//   floor       the stored time is never ahead of true time
//   silence     nothing is said, run or kept up that the state does not grant
//   once        a task is carried out once, and says one thing about it
//   results     what was acknowledged to the broker reaches ALMS
//
// What a router cannot know is no breach: the allowances are named in docs/testing.md, each is a
// member below, and each is lifted as soon as the router could know better.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "agent/core/agent.hpp"
#include "tests/alms-sim/wire.hpp"
#include "tests/sim/figures.hpp"
#include "tests/sim/story.hpp"
#include "tests/sim/timeline.hpp"

namespace oobm::sim {

class Oracle {
 public:
  Oracle(const Timeline& time, const Story& story, Figures& figures)
      : time_(time), story_(story), figures_(figures) {}

  // The first breach; empty while there is none.
  [[nodiscard]] const std::string& breach() const { return breach_; }
  void breach(const std::string& what);

  // ---- told by the world
  // The instance that the SKU belongs to by the data in force; empty: none.
  void belongs_to(const std::string& instance) { instance_ = instance; }
  // The flash has lost, or was given back, what it held: what was in it cannot be asked for.
  void memory_lost();
  void clocks_agreed_on_a_lie() { agreed_lie_ = true; }

  // ---- told by the router
  void booted(const core::State& loaded);
  // The state is stored: what follows from it may leave.
  void stored(const core::State& state) { stored_ = see(state); }
  void read_clock(core::TimeSource source, core::UnixTime value);
  void stepped(const core::Agent& agent);
  void connects(const std::string& instance);
  void says(const std::string& instance, const core::Message& message, const core::State& state);
  void arrives(const core::Task& task);
  void runs(const std::string& uid, const core::TaskBody& body, const core::State& state);
  void released(const std::string& uid);
  void bearer(bool wanted, bool attempting, core::Lifecycle state);

  // ---- told by ALMS
  void acknowledged(const alms_sim::Ack& ack);

  // At the end of a calm time: everything has had its time to arrive.
  void check_results();

 private:
  struct Seen {
    core::Lifecycle lifecycle = core::Lifecycle::unregistered;
    core::Reason reason = core::Reason::none;
    std::string registration;
    std::uint64_t sequence = 0;
    std::string statement;  // jti of the held entitlement
    core::UnixTime floor{};
  };
  struct TaskFate {
    int runs = 0;
    bool service = false;                    // what a statement says again is judged again
    std::optional<core::BootTime> released;  // its result, by the world's own time
    bool answered = false;
    std::optional<alms_sim::Ack> said;
  };

  [[nodiscard]] static Seen see(const core::State& state);
  void changed(const Seen& now, const core::State& state);
  void check_lapse(const core::State& state);
  void check_return(const Seen& now, const core::State& state);
  void check_ground(const core::State& state);
  void check_order(const Seen& now);
  void check_floor(const core::State& state);
  void check_overdue(const core::State& state);
  void note_statement(const core::State& state);
  [[nodiscard]] std::optional<core::UnixTime> end_of_grace(const core::State& state) const;
  [[nodiscard]] bool both_clocks_true() const;
  [[nodiscard]] bool excused() const { return floor_ahead_ || signed_ahead_ || agreed_lie_; }

  const Timeline& time_;
  const Story& story_;
  Figures& figures_;
  std::string breach_;
  std::string instance_;
  std::optional<Seen> seen_;    // nothing: no run has begun
  std::optional<Seen> stored_;  // nothing: what is stored cannot be asked for
  core::BootTime seen_at_{};
  std::map<std::string, TaskFate> tasks_;

  // What is allowed for.
  bool floor_ahead_ = false;  // ALMS signed with a clock that was ahead, and has not put it right
  bool agreed_lie_ =
      false;  // both clocks told the same lie, and have not both told the truth since
  bool signed_ahead_ = false;  // ALMS answered this boot with a time that is yet to come
  bool signed_late_ = false;   // ALMS answered this boot with a time from before it was asked
  core::UnixTime asked_{};     // by true time

  // What the router could know.
  std::array<std::optional<std::chrono::seconds>, 2> clock_lies_;  // as last read in this boot
  bool attested_ = false;                      // ALMS answered this boot with the true time
  std::optional<core::BootTime> knows_since_;  // that its time is over
  std::optional<core::BootTime> idle_bearer_since_;
};

}  // namespace oobm::sim
