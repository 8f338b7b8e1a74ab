// Rule: whatever ALMS orders, and whenever the power goes meanwhile, the end is the same. For each
// scenario the power is cut before the k-th operation of the flash after the order, for every k,
// and for every state in which the medium may then be found; the router starts again, and has to
// come to the same state, with every task carried out at most once and answered.
#include <array>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/sim/transition_watch.hpp"
#include "tests/sim/world.hpp"

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using core::Lifecycle;

constexpr core::Duration patience = 3h;
constexpr std::size_t most_operations = 2'000;  // in one scenario

constexpr std::array<World::CutOutcome, 5> outcomes{{
    {false, store::Unsynced::lost},
    {true, store::Unsynced::lost},
    {true, store::Unsynced::kept},
    {true, store::Unsynced::torn},
    {true, store::Unsynced::zeroed},
}};

struct Scenario {
  const char* name;
  Lifecycle from;
  const char* verb;       // of the operator
  const char* arguments;  // JSON
  Lifecycle to;
  friend void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }
};

constexpr std::array scenarios{
    Scenario{"activate", Lifecycle::inventory, "activate", R"({"months":12})", Lifecycle::active},
    Scenario{"renew", Lifecycle::active, "purchase-order", R"({"months":12})", Lifecycle::active},
    Scenario{"suspend", Lifecycle::active, "suspend", "{}", Lifecycle::suspended},
    Scenario{"resume", Lifecycle::suspended, "resume", "{}", Lifecycle::active},
    Scenario{"retire", Lifecycle::active, "retire", "{}", Lifecycle::retired},
    Scenario{"deregister", Lifecycle::active, "deregister", "{}", Lifecycle::unregistered},
    Scenario{"reboot", Lifecycle::active, "command", R"({"id":"oobm.reboot"})", Lifecycle::active},
    Scenario{"reset_radio", Lifecycle::active, "command", R"({"id":"oobm.reset_radio"})",
             Lifecycle::active},
    Scenario{"diagnose", Lifecycle::active, "command", R"({"id":"oobm.diagnose"})",
             Lifecycle::active},
    Scenario{"sync", Lifecycle::active, "command", R"({"id":"oobm.sync"})", Lifecycle::active},
    Scenario{"read", Lifecycle::active, "read", R"({"ids":["_RSRP"]})", Lifecycle::active},
    Scenario{"write", Lifecycle::active, "write",
             R"({"settings":{"oobm.heartbeat_period_s":1800}})", Lifecycle::active},
    Scenario{"swinstall", Lifecycle::active, "swinstall",
             R"({"type":"oobm-agent","revision":"9.9","url":"https://files.example/x.ipk"})",
             Lifecycle::active},
    Scenario{"send_support_bundle", Lifecycle::active, "command",
             R"({"id":"oobm.send_support_bundle","params":{"url":"https://files.example/b"}})",
             Lifecycle::active},
};

void act(World& world, const char* verb, Json arguments) {
  arguments["serial"] = world.iron.serial;
  const auto reply = world.alms("na").act(verb, arguments);
  ASSERT_FALSE(reply.contains("error")) << verb << reply.dump();
}

bool at(World& world, Lifecycle state) {
  auto* router = world.router();
  return router != nullptr && router->state().lifecycle == state && router->state().outbox.empty();
}

bool until(World& world, Lifecycle state) {
  for (core::Duration passed{0}; passed < patience; passed += 10s) {
    if (at(world, state)) return true;
    world.pass(10s);
    if (world.breached()) return false;
  }
  return at(world, state);
}

// A router that has come to the scenario's first state without any fault.
void prepare(World& world, Lifecycle state) {
  world.pass(5s);
  act(world, "register",
      {{"imei", world.iron.module_imei}, {"account", "acme"}, {"offer", "AirLink Complete"}});
  ASSERT_TRUE(until(world, Lifecycle::inventory));
  if (state == Lifecycle::inventory) return;
  act(world, "activate", {{"months", 12}});
  ASSERT_TRUE(until(world, Lifecycle::active));
  world.pass(2min);
  if (state == Lifecycle::active) return;
  act(world, "suspend", {});
  ASSERT_TRUE(until(world, Lifecycle::suspended));
  world.pass(2min);
}

bool all_answered(World& world) {
  for (const auto& task : world.alms("na").world().tasks)
    if (task.acks_count == 0) return false;
  return true;
}

// True while the cut came before the scenario was over.
bool cut_before(const Scenario& scenario, std::size_t operation, const World::CutOutcome& outcome) {
  World world({.seed = 7, .plain = true});
  watch_transitions(world.figures.transitions);
  prepare(world, scenario.from);
  if (testing::Test::HasFatalFailure()) return false;
  world.cut_outcome = outcome;
  auto& flash = *world.iron.flash;
  flash.cut_at(flash.operations() + operation);
  act(world, scenario.verb, Json::parse(scenario.arguments));
  if (scenario.from == Lifecycle::suspended) world.router()->sync();
  world.pass(5min);
  const bool cut = world.figures.counts["power cuts"] > 0;
  world.keep_power();
  const bool arrived = until(world, scenario.to);
  for (int i = 0; i < 60 && !all_answered(world); ++i) world.pass(1min);
  world.oracle.check_results();
  EXPECT_TRUE(arrived) << scenario.name << ", cut before operation " << operation;
  EXPECT_TRUE(all_answered(world)) << scenario.name << ", cut before operation " << operation;
  EXPECT_EQ(world.oracle.breach(), "") << scenario.name << ", cut before operation " << operation;
  return cut && !testing::Test::HasFailure();
}

class PowerCuts : public testing::TestWithParam<Scenario> {};

TEST_P(PowerCuts, LeadToTheSameEnd) {
  std::size_t operations = 0;
  for (const auto& outcome : outcomes) {
    std::size_t operation = 0;
    while (operation < most_operations && cut_before(GetParam(), operation, outcome)) ++operation;
    operations = std::max(operations, operation);
  }
  EXPECT_GT(operations, 4U) << "a scenario that stores nothing proves nothing";
  RecordProperty("operations", static_cast<int>(operations));
}

INSTANTIATE_TEST_SUITE_P(Scenarios, PowerCuts, testing::ValuesIn(scenarios),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace oobm::sim
