// Rule: whatever happens to the module, the board, the agent and the router, and in whatever order,
// the radio is registered and carries a session again once the module behaves; no step is ever
// taken more often than its cap; a refused SIM is not hammered, a locked one left alone, and no PIN
// sent.
//
// Each seed is a script of faults, up to a day and a half long. OOBM_SEED=N replays one.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/hal/recovery_world.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using core::Duration;
using modem_sim::FaultId;

constexpr std::uint64_t seeds_per_case = 50;
constexpr int cases = 20;
constexpr Duration longest_script = 36h;
// A cap that is used up is refilled within a day; until then some faults must be waited out.
constexpr Duration patience = 72h;

class Script {
 public:
  explicit Script(std::uint64_t seed, bool tell) : random_(seed), world_(seed), tell_(tell) {}

  std::string run() {
    world_.wanted = true;
    world_.bearer_kept = chance(70);
    if (!chance(10)) world_.until_online(10min);
    const auto end = world_.time + Duration(draw(longest_script.count()));
    for (int i = 0; i < most_events && world_.time < end; ++i) {
      happen();
      world_.pass(pause());
    }
    behave();
    const bool online = world_.until_online(patience);
    if (!world_.registered_now())
      world_.violations.push_back("not registered in the end: " + world_.state());
    else if (!online)
      world_.violations.push_back("no session in the end: " + world_.state());
    return world_.violations.empty() ? std::string() : world_.violations.front();
  }

  [[nodiscard]] const RecoveryWorld& world() const { return world_; }
  [[nodiscard]] Duration behaved_at() const { return behaved_at_; }

 private:
  static constexpr int most_events = 24;

  std::int64_t draw(std::int64_t below) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
  }
  bool chance(int percent) { return draw(100) < percent; }

  // Mostly minutes, sometimes most of a day.
  Duration pause() {
    if (chance(40)) return Duration(draw(Duration(10min).count()));
    if (chance(70)) return Duration(draw(Duration(3h).count()));
    return Duration(draw(Duration(20h).count()));
  }

  void say(const std::string& what) {
    if (tell_)
      std::cout << world_.time.since_boot.count() / 1000 << " s: " << what << "; " << world_.state()
                << "\n";
  }

  void happen() {
    const auto what = draw(100);
    if (what < 45) return module_fault();
    if (what < 60) return module_recovers();
    if (what < 70) return board_changes();
    if (what < 78) return agent_restarts();
    if (what < 86) return router_reboots();
    if (what < 90) return router_sleeps();
    if (what < 95) return broker_changes();
    world_.wanted = chance(70);
    say(world_.wanted ? "the link is wanted" : "nobody wants the link");
  }

  void module_fault() {
    auto fault = modem_sim::draw_fault(random_);
    // A flood for hours is a matter for the parser's own tests.
    if (fault.id == FaultId::flood) fault.value = 60'000;
    say(modem_sim::to_text(fault));
    world_.sim.apply(fault, world_.time);
  }

  void module_recovers() {
    say("the module behaves");
    world_.sim.behave(world_.time);
  }

  void board_changes() {
    constexpr std::array moods{BoardMood::works, BoardMood::fails, BoardMood::hangs,
                               BoardMood::silent, BoardMood::cannot};
    const auto mood = draw(moods.size());
    say("board mood " + std::to_string(mood));
    world_.board_mood = moods[static_cast<std::size_t>(mood)];
  }

  void agent_restarts() {
    const bool torn = chance(10);
    say(torn ? "the agent restarts, its memory torn" : "the agent restarts");
    world_.restart_agent(torn);
  }

  void router_reboots() {
    const bool power = chance(50);
    say(power ? "power cut" : "the router reboots");
    world_.reboot_router(power);
  }

  void router_sleeps() {
    say("the router sleeps");
    world_.sleep_router(Duration(draw(Duration(12h).count())));
  }

  void broker_changes() {
    world_.broker_refuses = !world_.broker_refuses;
    say(world_.broker_refuses ? "the broker refuses" : "the broker accepts");
  }

  void behave() {
    say("all is well from now on");
    world_.sim.behave(world_.time);
    world_.board_mood = BoardMood::works;
    world_.broker_refuses = false;
    world_.wanted = true;
    behaved_at_ = world_.time.since_boot;
  }

  std::mt19937_64 random_;
  RecoveryWorld world_;
  bool tell_;
  Duration behaved_at_{0};
};

struct Figures {
  std::size_t scripts = 0;
  std::array<std::size_t, recovery_step_count> steps{};
  std::size_t writes = 0;
  Duration time{0};
  Duration longest_return{0};

  void add(const Script& script) {
    ++scripts;
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] += script.world().steps_taken[i].size();
    writes += script.world().writes;
    time += script.world().time.since_boot;
    longest_return = std::max(longest_return, script.world().time.since_boot - script.behaved_at());
  }
  void print() const {
    std::cout << scripts << " scripts, " << time / 1h << " h;";
    for (const auto& row : step_rules())
      std::cout << " " << row.name << " " << steps[std::to_underlying(row.step)];
    std::cout << "; " << writes << " writes; longest way back " << longest_return / 1min
              << " min\n";
  }
};

class RandomFaults : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Recovery, RandomFaults, testing::Range(0, cases));

TEST_P(RandomFaults, EndRegisteredAndWithinTheCaps) {
  const char* chosen = std::getenv("OOBM_SEED");
  auto seed = static_cast<std::uint64_t>(GetParam()) * seeds_per_case + 1;
  auto end = seed + seeds_per_case;
  if (chosen != nullptr) {
    const auto wish = std::strtoull(chosen, nullptr, 10);
    if (wish < seed || wish >= end) return;
    seed = wish;
    end = wish + 1;
  }
  Figures figures;
  for (; seed < end; ++seed) {
    Script script(seed, chosen != nullptr);
    EXPECT_EQ(script.run(), "") << "replay with OOBM_SEED=" << seed;
    figures.add(script);
  }
  figures.print();
}

}  // namespace
}  // namespace oobm::hal
