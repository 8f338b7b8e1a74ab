// The transition table against expectations that were written down independently: one per row, and
// what must hold of the whole.
#include "agent/core/lifecycle.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core {
namespace {

using enum Lifecycle;
using T = Trigger;
using R = Reason;

constexpr GuardFacts nothing{};
constexpr GuardFacts is_proven{.proven = true};
constexpr GuardFacts is_lapsed{.lapsed = true};
constexpr GuardFacts is_lapsed_proven{.proven = true, .lapsed = true};
constexpr GuardFacts is_ended{.proven = true, .ended = true};
constexpr GuardFacts is_over{.proven = true, .ended = true, .over = true};

struct Expectation {
  const char* rule;
  Lifecycle from;
  Trigger on;
  GuardFacts facts;
  Lifecycle to;
  Action action;
  Reason reason;
};

// clang-format off
const std::array expectations{
    Expectation{"UnregisteredIsEnteredIntoInventory",          unregistered, T::stated_inventory,    nothing,          inventory,    Action::none,             R::awaiting_order},
    Expectation{"UnregisteredCanBeActivatedAtOnce",            unregistered, T::stated_active,       nothing,          activating,   Action::begin_activation, R::activation_ordered},
    Expectation{"UnregisteredLearnsOfItsSuspension",           unregistered, T::stated_suspended,    nothing,          suspended,    Action::withdraw_service, R::suspended_by_alms},
    Expectation{"UnregisteredLearnsOfItsRetirement",           unregistered, T::stated_retired,      nothing,          retired,      Action::withdraw_service, R::retired},
    Expectation{"InventoryRestated",                           inventory,    T::stated_inventory,    nothing,          inventory,    Action::none,             R::awaiting_order},
    Expectation{"InventoryIsActivatedByTheOrder",              inventory,    T::stated_active,       nothing,          activating,   Action::begin_activation, R::activation_ordered},
    Expectation{"InventoryIsSuspended",                        inventory,    T::stated_suspended,    nothing,          suspended,    Action::withdraw_service, R::suspended_by_alms},
    Expectation{"InventoryIsRetired",                          inventory,    T::stated_retired,      nothing,          retired,      Action::withdraw_service, R::retired},
    Expectation{"InventoryIsDeregistered",                     inventory,    T::stated_deregistered, nothing,          unregistered, Action::forget,           R::deregistered},
    Expectation{"ActivatingBecomesActiveByProofAlone",         activating,   T::path_proven,         nothing,          active,       Action::enter_service,    R::in_service},
    Expectation{"ActivatingRestatedGoesOnActivating",          activating,   T::stated_active,       is_proven,        activating,   Action::none,             R::activation_ordered},
    Expectation{"ActivatingIsTakenBackToInventory",            activating,   T::stated_inventory,    nothing,          inventory,    Action::withdraw_service, R::awaiting_order},
    Expectation{"ActivatingIsSuspended",                       activating,   T::stated_suspended,    nothing,          suspended,    Action::withdraw_service, R::suspended_by_alms},
    Expectation{"ActivatingIsRetired",                         activating,   T::stated_retired,      nothing,          retired,      Action::withdraw_service, R::retired},
    Expectation{"ActivatingIsDeregistered",                    activating,   T::stated_deregistered, nothing,          unregistered, Action::forget,           R::deregistered},
    Expectation{"ActivatingLapses",                            activating,   T::grace_ended,         nothing,          suspended,    Action::withdraw_service, R::lapsed},
    Expectation{"ActiveIsExtended",                            active,       T::stated_active,       nothing,          active,       Action::none,             R::in_service},
    Expectation{"ActiveIsTakenBackToInventory",                active,       T::stated_inventory,    nothing,          inventory,    Action::withdraw_service, R::awaiting_order},
    Expectation{"ActiveIsSuspended",                           active,       T::stated_suspended,    nothing,          suspended,    Action::withdraw_service, R::suspended_by_alms},
    Expectation{"ActiveIsRetired",                             active,       T::stated_retired,      nothing,          retired,      Action::withdraw_service, R::retired},
    Expectation{"ActiveIsDeregistered",                        active,       T::stated_deregistered, nothing,          unregistered, Action::forget,           R::deregistered},
    Expectation{"ActiveEntersGraceWithServiceKept",            active,       T::term_ended,          nothing,          grace,        Action::none,             R::term_ended},
    Expectation{"GraceStaysWhenTheNewTermIsPastToo",           grace,        T::stated_active,       is_ended,         grace,        Action::none,             R::term_ended},
    Expectation{"GraceEndsByRenewal",                          grace,        T::stated_active,       nothing,          active,       Action::none,             R::in_service},
    Expectation{"GraceEndsByCorrectedTime",                    grace,        T::term_runs,           nothing,          active,       Action::none,             R::in_service},
    Expectation{"GraceLapses",                                 grace,        T::grace_ended,         nothing,          suspended,    Action::withdraw_service, R::lapsed},
    Expectation{"GraceIsTakenBackToInventory",                 grace,        T::stated_inventory,    nothing,          inventory,    Action::withdraw_service, R::awaiting_order},
    Expectation{"GraceIsSuspended",                            grace,        T::stated_suspended,    nothing,          suspended,    Action::withdraw_service, R::suspended_by_alms},
    Expectation{"GraceIsRetired",                              grace,        T::stated_retired,      nothing,          retired,      Action::withdraw_service, R::retired},
    Expectation{"GraceIsDeregistered",                         grace,        T::stated_deregistered, nothing,          unregistered, Action::forget,           R::deregistered},
    Expectation{"SuspendedStaysWhenTheNewTermAndGraceArePast", suspended,    T::stated_active,       is_over,          suspended,    Action::none,             R::lapsed},
    Expectation{"SuspendedReturnsByRenewal",                   suspended,    T::stated_active,       is_proven,        active,       Action::enter_service,    R::in_service},
    Expectation{"SuspendedBeforeProofActivatesFirst",          suspended,    T::stated_active,       nothing,          activating,   Action::begin_activation, R::activation_ordered},
    Expectation{"LapsedReturnsByCorrectedTime",                suspended,    T::term_runs,           is_lapsed_proven, active,       Action::enter_service,    R::in_service},
    Expectation{"LapsedBeforeProofActivatesByCorrectedTime",   suspended,    T::term_runs,           is_lapsed,        activating,   Action::begin_activation, R::activation_ordered},
    Expectation{"SuspendedRestated",                           suspended,    T::stated_suspended,    is_lapsed_proven, suspended,    Action::none,             R::suspended_by_alms},
    Expectation{"SuspendedIsTakenBackToInventory",             suspended,    T::stated_inventory,    nothing,          inventory,    Action::none,             R::awaiting_order},
    Expectation{"SuspendedIsRetired",                          suspended,    T::stated_retired,      nothing,          retired,      Action::withdraw_service, R::retired},
    Expectation{"SuspendedIsDeregistered",                     suspended,    T::stated_deregistered, nothing,          unregistered, Action::forget,           R::deregistered},
    Expectation{"RetiredIsRegisteredAnew",                     retired,      T::stated_inventory,    nothing,          inventory,    Action::none,             R::awaiting_order},
    Expectation{"RetiredIsRegisteredAnewAndActivated",         retired,      T::stated_active,       nothing,          activating,   Action::begin_activation, R::activation_ordered},
    Expectation{"RetiredIsRegisteredAnewAndSuspended",         retired,      T::stated_suspended,    nothing,          suspended,    Action::none,             R::suspended_by_alms},
};
// clang-format on

class EveryRow : public testing::TestWithParam<Expectation> {};

TEST_P(EveryRow, IsAsExpected) {
  const auto& e = GetParam();
  const auto* transition = find_transition(e.from, e.on, e.facts);
  ASSERT_NE(transition, nullptr);
  EXPECT_EQ(transition->to, e.to);
  EXPECT_EQ(transition->action, e.action);
  EXPECT_EQ(transition->reason, e.reason);
}

INSTANTIATE_TEST_SUITE_P(Transition, EveryRow, testing::ValuesIn(expectations),
                         [](const auto& row) { return std::string(row.param.rule); });

template <class F>
void for_all_facts(F check) {
  for (unsigned bits = 0; bits < 16; ++bits)
    check(GuardFacts{.proven = (bits & 1U) != 0,
                     .lapsed = (bits & 2U) != 0,
                     .ended = (bits & 4U) != 0,
                     .over = (bits & 8U) != 0});
}

TEST(TransitionTable, HasNoRowBeyondTheExpectedOnesAndNoneThatCannotBeReached) {
  std::set<const Transition*> reached;
  for (const auto& e : expectations) reached.insert(find_transition(e.from, e.on, e.facts));
  EXPECT_EQ(reached.size(), transitions().size());
  EXPECT_EQ(expectations.size(), transitions().size());
}

// Pairs that the expectations do not name change nothing, whatever the facts.
TEST(TransitionTable, IsTotalAndEveryUnnamedPairIsIgnored) {
  std::set<std::pair<Lifecycle, Trigger>> named;
  for (const auto& e : expectations) named.emplace(e.from, e.on);
  int ignored = 0;
  for (const auto state : all_lifecycles()) {
    for (const auto trigger : all_triggers()) {
      for_all_facts([&](const GuardFacts& facts) {
        const auto* found = find_transition(state, trigger, facts);
        if (!named.contains({state, trigger})) {
          EXPECT_EQ(found, nullptr) << to_text(state) << ", " << to_text(trigger);
          ++ignored;
        } else if (found != nullptr) {
          EXPECT_EQ(found->from, state);
          EXPECT_EQ(found->on, trigger);
        }
      });
    }
  }
  EXPECT_GT(ignored, 0);
}

TEST(TransitionTable, EveryStatementIsHeardInEveryStateThatItCanReach) {
  for (const auto state : all_lifecycles()) {
    for (const auto trigger : {T::stated_inventory, T::stated_active, T::stated_suspended})
      for_all_facts([&](const GuardFacts& facts) {
        EXPECT_NE(find_transition(state, trigger, facts), nullptr)
            << to_text(state) << ", " << to_text(trigger);
      });
  }
}

TEST(TransitionTable, CorrectedTimeDoesNotUndoASuspensionByAlms) {
  EXPECT_EQ(find_transition(suspended, T::term_runs, is_proven), nullptr);
  EXPECT_EQ(find_transition(suspended, T::term_runs, nothing), nullptr);
}

TEST(TransitionTable, TimeAloneNeverSuspendsAnActiveRouterWithoutGrace) {
  EXPECT_EQ(find_transition(active, T::grace_ended, is_over), nullptr);
}

TEST(TransitionTable, NoStateIsDead) {
  for (const auto target : all_lifecycles()) {
    if (target == unregistered) continue;  // where every router begins
    EXPECT_TRUE(std::ranges::any_of(transitions(), [&](const Transition& t) {
      return t.to == target && t.from != target;
    })) << to_text(target);
  }
}

// From every state a fresh ACTIVE, with a term that runs, and the proof of the path lead to Active.
TEST(TransitionTable, NoStateIsATrap) {
  for (const auto start : all_lifecycles()) {
    for (const bool proven : {false, true}) {
      const GuardFacts facts{.proven = proven};
      const auto* stated = find_transition(start, T::stated_active, facts);
      ASSERT_NE(stated, nullptr) << to_text(start);
      auto state = stated->to;
      if (state == activating) state = find_transition(state, T::path_proven, facts)->to;
      EXPECT_EQ(state, active) << "from " << to_text(start);
    }
  }
}

// ---- the whole space of states, walked

// A state with what else the guards ask about; the term's facts come with each step.
struct Node {
  Lifecycle state = unregistered;
  bool proven = false;
  bool lapsed = false;
  friend auto operator<=>(const Node&, const Node&) = default;
};

// Where this trigger leads, whether or not the statement begins another registration.
std::set<Node> successors(const Node& node, Trigger trigger) {
  std::set<Node> found;
  for (const auto& term :
       {nothing, GuardFacts{.ended = true}, GuardFacts{.ended = true, .over = true}}) {
    const GuardFacts facts{
        .proven = node.proven, .lapsed = node.lapsed, .ended = term.ended, .over = term.over};
    const auto* transition = find_transition(node.state, trigger, facts);
    if (transition == nullptr) continue;
    Node next{.state = transition->to,
              .proven = (node.proven || trigger == T::path_proven) &&
                        transition->action != Action::forget,
              .lapsed = transition->reason == R::lapsed};
    found.insert(next);
    next.proven = trigger == T::path_proven;
    found.insert(next);
  }
  return found;
}

std::set<Node> reachable(const Node& from, std::span<const Trigger> by) {
  std::set<Node> seen{from};
  for (std::vector<Node> open{from}; !open.empty();) {
    const Node node = open.back();
    open.pop_back();
    for (const auto trigger : by)
      for (const auto& next : successors(node, trigger))
        if (seen.insert(next).second) open.push_back(next);
  }
  return seen;
}

constexpr std::array statements{T::stated_inventory, T::stated_active, T::stated_suspended,
                                T::stated_retired, T::stated_deregistered};
constexpr std::array passing_of_time{T::term_ended, T::grace_ended, T::term_runs};

TEST(StateSpace, NoStateIsDead) {
  std::set<Lifecycle> seen;
  for (const auto& node : reachable({}, all_triggers())) seen.insert(node.state);
  EXPECT_EQ(seen.size(), all_lifecycles().size());
}

// A fresh ACTIVE with a term that runs, and the proof of the path, lead to service from everywhere.
TEST(StateSpace, NoNodeIsATrap) {
  for (const auto& node : reachable({}, all_triggers())) {
    const GuardFacts facts{.proven = node.proven, .lapsed = node.lapsed};
    const auto* stated = find_transition(node.state, T::stated_active, facts);
    ASSERT_NE(stated, nullptr) << to_text(node.state);
    const auto* end =
        stated->to == activating ? find_transition(activating, T::path_proven, facts) : stated;
    EXPECT_EQ(end->to, active) << "from " << to_text(node.state) << (node.proven ? ", proven" : "")
                               << (node.lapsed ? ", lapsed" : "");
  }
}

TEST(StateSpace, OnlyAlmsRetiresARouterAndTimeBringsNoneBack) {
  for (const auto& t : transitions()) {
    if (t.to == retired) {
      EXPECT_EQ(t.on, T::stated_retired) << to_text(t.from);
    }
    if (t.from == retired) {
      EXPECT_TRUE(std::ranges::contains(statements, t.on)) << to_text(t.on);
    }
  }
  EXPECT_EQ(reachable({.state = retired}, passing_of_time).size(), 1U);
}

// Time moves a router between service, grace and a lapse, and nowhere else; it undoes what it did.
TEST(StateSpace, TimeAloneNeitherRegistersNorRetiresNorForgets) {
  for (const auto start : all_lifecycles()) {
    for (const auto& node : reachable({.state = start, .proven = true}, passing_of_time)) {
      if (node.state == start) continue;
      EXPECT_TRUE(start == activating || start == active || start == grace) << to_text(start);
      EXPECT_TRUE(node.state == active || node.state == activating || node.state == grace ||
                  node.state == suspended)
          << to_text(node.state);
      EXPECT_TRUE(node.state != suspended || node.lapsed);
    }
  }
}

TEST(StateSpace, ServiceBeginsWithAStatementAndAProof) {
  const auto serving = [](const Node& n) { return n.state == active || n.state == grace; };
  constexpr std::array without_proof{
      T::stated_inventory, T::stated_active, T::stated_suspended, T::stated_deregistered,
      T::term_ended,       T::grace_ended,   T::term_runs};
  EXPECT_TRUE(std::ranges::none_of(reachable({}, without_proof), serving));
  constexpr std::array without_statement{T::path_proven, T::term_ended, T::grace_ended,
                                         T::term_runs};
  EXPECT_TRUE(std::ranges::none_of(reachable({}, without_statement), serving));
}

TEST(TransitionTable, ServiceIsEnteredAndLeftThroughTheActionsThatSwitchIt) {
  const auto serving = [](Lifecycle s) { return s == active || s == grace; };
  for (const auto& t : transitions()) {
    if (!serving(t.from) && serving(t.to)) {
      EXPECT_EQ(t.action, Action::enter_service);
    }
    if (serving(t.from) && !serving(t.to)) {
      EXPECT_TRUE(t.action == Action::withdraw_service || t.action == Action::forget);
    }
    if (t.to == activating && t.from != activating) {
      EXPECT_EQ(t.action, Action::begin_activation);
    }
    if (t.to == unregistered) {
      EXPECT_EQ(t.action, Action::forget);
    }
  }
}

TEST(TransitionTable, GuardedRowsComeBeforeTheRowThatAlwaysHolds) {
  const auto rows = transitions();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      if (rows[i].from == rows[j].from && rows[i].on == rows[j].on) {
        EXPECT_NE(rows[i].guard, Guard::always) << "row " << i << " hides row " << j;
      }
    }
  }
}

TEST(LifecycleNames, AreReadAndWritten) {
  std::set<std::string_view> names;
  for (const auto state : all_lifecycles()) {
    EXPECT_EQ(lifecycle_from_text(to_text(state)), state);
    names.insert(to_text(state));
  }
  EXPECT_EQ(names.size(), 7U);
  EXPECT_EQ(lifecycle_from_text("BLOCKED"), std::nullopt) << "blocked is no state";
  EXPECT_EQ(lifecycle_from_text(""), std::nullopt);
  for (const auto trigger : all_triggers()) EXPECT_FALSE(to_text(trigger).empty());
}

TEST(LifecycleNames, WhatAlmsStatesHasItsTrigger) {
  EXPECT_EQ(trigger_for(AlmsState::inventory), T::stated_inventory);
  EXPECT_EQ(trigger_for(AlmsState::active), T::stated_active);
  EXPECT_EQ(trigger_for(AlmsState::test_ready), T::stated_active);
  EXPECT_EQ(trigger_for(AlmsState::suspended), T::stated_suspended);
  EXPECT_EQ(trigger_for(AlmsState::retired), T::stated_retired);
}

}  // namespace
}  // namespace oobm::core
