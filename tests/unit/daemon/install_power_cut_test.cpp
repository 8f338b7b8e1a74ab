// Rule: each order is answered once and ends whole, as the former version or as the new one, after
// whichever step the power goes or the board helper is killed; and root's floor is the new version
// when, and only when, that is what was answered.
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/daemon/install_samples.hpp"

namespace oobm::daemon {
namespace {

using namespace test;

struct PowerCut {};

// A router: the plan, and all that survives it.
class World {
 public:
  // Of the first confirmation: when the helper is killed, and the agent lives on.
  enum class Killed : std::uint8_t { not_at_all, before_it_is_done, after_it_is_done };
  struct Script {
    bool good_manifest = true;
    bool reaches_alms = true;  // the new version
    bool board_can = true;
    Killed killed = Killed::not_at_all;
  };
  World(const Script& script, int cut) : script_(script), cut_(cut) {}

  void live() {
    for (int starts = 0; starts < 40 && !quiet_; ++starts) {
      try {
        boot();
        while (work()) {
        }
      } catch (const PowerCut&) {
      }
    }
  }

  std::vector<AnswerTask> ledger;  // what the core took: one for each uid
  std::string running = "0.1.0";
  std::string roots_floor;
  bool cut_happened = false;

 private:
  void boot() {
    inputs_.clear();
    plan_.emplace(disk_, version(running), "aarch64");
    if (begun_ && ledger.empty()) carry_out(plan_->resumed("u1"));
    carry_out(plan_->started());
    const bool online = running == "0.1.0" || script_.reaches_alms;
    if (online) add([this] { return plan_->session(true); });
    if (!begun_)
      add([this] {
        begun_ = true;
        return plan_->ordered("u1", order);
      });
  }

  // One input; without any, time passes. False: this start of the agent is over.
  bool work() {
    if (!inputs_.empty()) {
      const auto next = inputs_.front();
      inputs_.pop_front();
      carry_out(next());
      return true;
    }
    if (board_.state == State::running) {
      board_.state = State::trial;
      running = "0.2.0";
      return false;
    }
    if (board_.state == State::trial && !(running == "0.2.0" && script_.reaches_alms)) {
      board_.state = State::rolled_back;
      board_.reason = "not confirmed";
      running = "0.1.0";
      return false;
    }
    if (looks_ > 0) {
      --looks_;
      add([this] { return plan_->look(); });
      return true;
    }
    quiet_ = true;
    return false;
  }

  void add(std::function<InstallSteps()> input) { inputs_.push_back(std::move(input)); }

  void carry_out(const InstallSteps& steps) {
    for (const auto& step : steps) {
      std::visit([this](const auto& s) { apply(s); }, step);
      step_done();
    }
  }

  void step_done() {
    if (++executed_ != cut_) return;
    cut_happened = true;
    throw PowerCut{};
  }

  void apply(const SaveRecord&) { disk_ = plan_->record(); }
  void apply(const FetchManifest&) {
    add([this] {
      if (script_.good_manifest) return plan_->manifest(manifest());
      return plan_->manifest(std::unexpected(core::Refusal{Reason::package_signature, {}}));
    });
  }
  void apply(const FetchPackage&) {
    add([this] { return plan_->fetched(); });
  }
  void apply(const GiveToBoard& step) {
    if (script_.board_can) board_ = {State::running, step.version, {}};
    add([this]() -> InstallSteps {
      if (script_.board_can) return plan_->board_took({});
      return plan_->board_took(board_error(hal::ErrorCode::helper_failed));
    });
  }
  void apply(const AskBoard&) {
    add([this] { return plan_->board_said(board_); });
  }
  void apply(const ConfirmToBoard& step) {
    const bool good = confirm(step.version);
    add([this, good]() -> InstallSteps {
      if (good) return plan_->board_confirmed({});
      return plan_->board_confirmed(board_error(hal::ErrorCode::helper_failed));
    });
  }
  // What the board does, and root when it learns of a good end.
  bool confirm(const std::string& version) {
    const auto killed = std::exchange(script_.killed, Killed::not_at_all);
    const bool can = board_.state == State::trial || board_.state == State::done;
    if (!can || killed == Killed::before_it_is_done) return false;
    board_.state = State::done;
    step_done();
    if (killed == Killed::after_it_is_done) return false;
    roots_floor = version;
    step_done();
    return true;
  }
  void apply(const LookLater&) { looks_ = 1; }
  void apply(const AnswerTask& step) {
    if (ledger.empty()) ledger.push_back(step);
  }
  void apply(const TellEvent&) {}

  Script script_;
  int cut_;
  int executed_ = 0;
  int looks_ = 0;
  bool quiet_ = false;
  bool begun_ = false;  // by the core's ledger
  InstallRecord disk_;
  hal::InstallStatus board_;
  std::optional<InstallPlan> plan_;
  std::deque<std::function<InstallSteps()>> inputs_;
};

struct Ending {
  World::Script script;
  Reason outcome;
  const char* running;
};

class PowerCuts : public testing::TestWithParam<Ending> {};

TEST_P(PowerCuts, AtAnyStepLeadToTheSameEndAndOneAnswer) {
  int cut = 0;
  for (bool more = true; more;) {
    World world(GetParam().script, ++cut);
    world.live();
    more = world.cut_happened;
    ASSERT_EQ(world.ledger.size(), 1U) << "cut " << cut;
    // Before the order is in the journal it can be told only that it was lost.
    const bool lost = world.ledger.front().outcome == Reason::interrupted && cut <= 1;
    EXPECT_EQ(world.running, lost ? "0.1.0" : GetParam().running) << "cut " << cut;
    if (!lost) {
      EXPECT_EQ(world.ledger.front().outcome, GetParam().outcome) << "cut " << cut;
    }
    EXPECT_EQ(world.roots_floor, world.running == "0.2.0" ? "0.2.0" : "") << "cut " << cut;
  }
  EXPECT_GT(cut, 5) << "cuts were tried";
}

using enum World::Killed;
const Ending endings[] = {{{}, Reason::none, "0.2.0"},
                          {{.killed = before_it_is_done}, Reason::none, "0.2.0"},
                          {{.killed = after_it_is_done}, Reason::none, "0.2.0"},
                          {{.good_manifest = false}, Reason::package_signature, "0.1.0"},
                          {{.reaches_alms = false}, Reason::install_rolled_back, "0.1.0"},
                          {{.board_can = false}, Reason::install_failed, "0.1.0"}};

std::string name_of(const testing::TestParamInfo<Ending>& info) {
  constexpr const char* names[] = {
      "ASuccess", "AConfirmationNotDone", "AConfirmationNotTold", "ARefusal", "ARollBack",
      "AFailure"};
  return names[info.index];
}

INSTANTIATE_TEST_SUITE_P(Of, PowerCuts, testing::ValuesIn(endings), name_of);

}  // namespace
}  // namespace oobm::daemon
