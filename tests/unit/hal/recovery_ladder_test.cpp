// Rule: the mildest step that can help comes first, none more often than its cap; a network's
// refusal is obeyed, a locked card is left alone, and nobody's link is nobody's trouble.
#include <algorithm>
#include <functional>

#include <gmock/gmock.h>

#include "hal/recovery/ladder.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using enum RecoveryStep;
using core::BootTime;
using core::Duration;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;

RadioFacts healthy() {
  RadioFacts facts;
  facts.port = PortState::ok;
  facts.power = RadioPower::on;
  facts.sim = SimState::ready;
  facts.registration = Registration::home;
  return facts;
}

RadioFacts with(const std::function<void(RadioFacts&)>& edit) {
  auto facts = healthy();
  edit(facts);
  return facts;
}

RadioFacts refused(int cause, Registration registration, BootTime at) {
  return with([&](RadioFacts& facts) {
    facts.registration = registration;
    facts.reject = RejectCause{.value = cause, .at = at};
  });
}

constexpr LinkUse kept{.wanted = true, .bearer_kept = true};
constexpr LinkUse by_schedule{.wanted = true};
constexpr LinkUse online{.wanted = true, .bearer_kept = true, .online = true};
constexpr LinkUse unwanted{};

// Drives a ladder the way its owner does, and writes down what is taken.
struct Climb {
  explicit Climb(Budget budget = Budget("boot", BootTime{1min})) : ladder(std::move(budget)) {}

  struct Taken {
    RecoveryStep step;
    Duration after;  // from the beginning
  };

  void set(RadioFacts facts, LinkUse use = kept) {
    radio = std::move(facts);
    wish = use;
    ladder.observe(radio, wish, now);
  }

  void pass(Duration time) {
    const auto end = now + time;
    while (now < end) {
      const auto coming = ladder.next(now);
      const auto review = ladder.review().value_or(end);
      now = std::min({end, coming ? std::max(coming->at, now) : end, std::max(review, now)});
      ladder.observe(radio, wish, now);
      if (const auto step = ladder.due(now)) take(*step);
    }
  }

  void take(RecoveryStep step) {
    ASSERT_TRUE(ladder.begin(step, now));
    taken.push_back({step, now - began});
    now = now + step_length;
    ladder.end(step, now);
    if (fails_again) {
      ladder.path_result(false, now);
      ladder.observe(radio, wish, now);
    }
  }

  [[nodiscard]] std::vector<RecoveryStep> steps() const {
    std::vector<RecoveryStep> list;
    for (const auto& one : taken) list.push_back(one.step);
    return list;
  }
  [[nodiscard]] std::vector<Duration> times(RecoveryStep step) const {
    std::vector<Duration> list;
    for (const auto& one : taken)
      if (one.step == step) list.push_back(one.after);
    return list;
  }

  static constexpr Duration step_length = 20s;
  BootTime now{1min};
  BootTime began = now;
  Ladder ladder;
  RadioFacts radio = healthy();
  LinkUse wish = kept;
  bool fails_again = false;  // every step is followed by an attempt that fails
  std::vector<Taken> taken;
};

// ---- what no step helps

TEST(Ladder, LeavesALinkAloneThatNobodyWants) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.port = PortState::silent; }), unwanted);
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, LeavesARadioAloneWhoseLinkWorks) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.registration = Registration::searching; }), online);
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, LeavesARegisteredModuleAloneAsLongAsNoAttemptHasFailed) {
  Climb climb;
  climb.set(healthy());
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, LeavesASleepingModuleAlone) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.port = PortState::asleep; }));
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, LeavesAPortAloneThatAnotherProcessHolds) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.port = PortState::busy; }));
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
  EXPECT_EQ(climb.ladder.trouble(), Trouble::port_busy);
}

class LockedSim : public testing::TestWithParam<SimState> {};
INSTANTIATE_TEST_SUITE_P(Ladder, LockedSim,
                         testing::Values(SimState::pin_required, SimState::puk_required,
                                         SimState::network_locked));

TEST_P(LockedSim, IsLeftToTheTechnician) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) {
    facts.sim = GetParam();
    facts.registration = Registration::not_registered;
  }));
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
  EXPECT_EQ(climb.ladder.trouble(), Trouble::sim_locked);
}

class MissingSim : public testing::TestWithParam<SimState> {};
INSTANTIATE_TEST_SUITE_P(Ladder, MissingSim, testing::Values(SimState::absent, SimState::failure));

TEST_P(MissingSim, GetsOneFunctionCycleADayAtMost) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) {
    facts.sim = GetParam();
    facts.registration = Registration::not_registered;
  }));
  climb.pass(241h);
  EXPECT_THAT(climb.steps(), Each(function_cycle));
  EXPECT_THAT(climb.taken.size(), AllOf(Ge(1U), Le(10U)));
}

// ---- refusals

class CardRefusal : public testing::TestWithParam<std::tuple<int, Registration>> {};
INSTANTIATE_TEST_SUITE_P(Ladder, CardRefusal,
                         testing::Combine(testing::Values(2, 3, 5, 6, 7, 8, 111),
                                          testing::Values(Registration::denied,
                                                          Registration::searching)));

TEST_P(CardRefusal, IsNotHammered) {
  const auto [cause, registration] = GetParam();
  Climb climb;
  // The module goes on trying and is refused anew each hour.
  for (int hour = 0; hour < 240; ++hour) {
    climb.set(refused(cause, registration, climb.now));
    climb.pass(1h);
  }
  EXPECT_EQ(climb.ladder.trouble(), Trouble::sim_refused);
  EXPECT_THAT(climb.steps(), Each(function_cycle));
  const auto times = climb.times(function_cycle);
  ASSERT_GE(times.size(), 2U);
  EXPECT_GE(times.front(), 12h);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], 24h);
}

class Refusal : public testing::TestWithParam<std::pair<int, Trouble>> {};
INSTANTIATE_TEST_SUITE_P(
    Ladder, Refusal,
    testing::Values(std::pair{9, Trouble::detached}, std::pair{10, Trouble::detached},
                    std::pair{11, Trouble::network_refused},
                    std::pair{14, Trouble::network_refused}, std::pair{12, Trouble::area_refused},
                    std::pair{13, Trouble::area_refused}, std::pair{15, Trouble::area_refused},
                    std::pair{17, Trouble::network_busy}, std::pair{22, Trouble::network_busy},
                    std::pair{19, Trouble::session_refused}));

TEST_P(Refusal, IsWaitedOutAsLongAsItIsRepeated) {
  Climb climb;
  for (int time = 0; time < 480; ++time) {
    climb.set(refused(GetParam().first,
                      time % 2 == 0 ? Registration::denied : Registration::searching, climb.now));
    climb.pass(29min);
    ASSERT_EQ(climb.ladder.trouble(), GetParam().second);
  }
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST_P(Refusal, OfLongAgoExplainsNoSearch) {
  Climb climb;
  climb.set(refused(GetParam().first, Registration::searching, climb.now));
  const auto holds = emm_rule({.value = GetParam().first}).holds;
  climb.pass(holds - 1s);
  EXPECT_EQ(climb.ladder.trouble(), GetParam().second);
  climb.pass(2s);
  EXPECT_EQ(climb.ladder.trouble(), Trouble::no_network);
  climb.pass(90min);
  EXPECT_THAT(climb.steps(), ElementsAre(function_cycle));
}

TEST(Ladder, ADenialWithoutACauseIsTakenAsTheCards) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.registration = Registration::denied; }));
  EXPECT_EQ(climb.ladder.trouble(), Trouble::sim_refused);
}

TEST(Ladder, AVendorsCauseIsNoEmmCause) {
  Climb climb;
  auto facts = refused(7, Registration::searching, climb.now);
  facts.reject->vendor_specific = true;
  climb.set(facts);
  EXPECT_EQ(climb.ladder.trouble(), Trouble::no_network);
  facts.registration = Registration::denied;
  climb.set(facts);
  EXPECT_EQ(climb.ladder.trouble(), Trouble::sim_refused);
}

TEST(Ladder, ACauseFromBeforeTheLastRegistrationExplainsNothing) {
  Climb climb;
  const auto before = climb.now;
  climb.pass(1min);
  climb.set(healthy());
  climb.pass(1min);
  climb.set(refused(7, Registration::searching, before));
  EXPECT_EQ(climb.ladder.trouble(), Trouble::no_network);
}

// ---- the rows

struct Row {
  std::string name;
  RadioFacts facts;
  std::vector<RecoveryStep> order;  // of the first use of each step
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

std::vector<Row> rows() {
  return {
      {"Absent", with([](RadioFacts& facts) { facts.port = PortState::absent; }), {power_cycle}},
      {"Silent", with([](RadioFacts& facts) { facts.port = PortState::silent; }), {power_cycle}},
      {"RadioOff",
       with([](RadioFacts& facts) { facts.power = RadioPower::airplane; }),
       {function_cycle, module_reset, power_cycle}},
      {"NotSearching",
       with([](RadioFacts& facts) { facts.registration = Registration::not_registered; }),
       {reattach, function_cycle, module_reset, power_cycle}},
      {"Searching",
       with([](RadioFacts& facts) { facts.registration = Registration::searching; }),
       {function_cycle, module_reset, power_cycle}},
      {"EmergencyOnly",
       with([](RadioFacts& facts) { facts.registration = Registration::emergency_only; }),
       {function_cycle, module_reset, power_cycle}},
      {"Unknown",
       with([](RadioFacts& facts) { facts.registration.reset(); }),
       {function_cycle, module_reset, power_cycle}},
  };
}

class EachRow : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(Ladder, EachRow, testing::ValuesIn(rows()),
                         [](const auto& param) { return param.param.name; });

TEST_P(EachRow, TriesTheMildStepsFirstEachAfterItsWait) {
  Climb climb;
  climb.set(GetParam().facts);
  climb.pass(24h);
  std::vector<RecoveryStep> order;
  for (const auto& one : climb.taken)
    if (!std::ranges::contains(order, one.step)) {
      order.push_back(one.step);
      const auto first = rule(climb.ladder.trouble()).first[std::to_underlying(one.step)];
      EXPECT_GE(one.after, first);
      EXPECT_LE(one.after, first + 30min) << rule(one.step).name;
    }
  EXPECT_EQ(order, GetParam().order);
}

TEST_P(EachRow, NeverExceedsACapInAnyDay) {
  Climb climb;
  climb.set(GetParam().facts);
  climb.pass(24h * 30);
  for (const auto& row : step_rules()) {
    const auto times = climb.times(row.step);
    for (std::size_t i = row.per_day; i < times.size(); ++i)
      EXPECT_GE(times[i] - times[i - row.per_day], recovery_day) << row.name;
  }
}

TEST_P(EachRow, NeverGivesUpForGood) {
  Climb climb;
  climb.set(GetParam().facts);
  climb.pass(24h * 30);
  ASSERT_FALSE(climb.taken.empty());
  EXPECT_GE(climb.taken.back().after, 24h * 28);
}

TEST(Ladder, ClimbsWhileEveryAttemptFails) {
  Climb climb;
  climb.fails_again = true;
  climb.ladder.path_result(false, climb.now);
  climb.set(healthy());
  climb.pass(9h);
  std::vector<RecoveryStep> order;
  for (const auto step : climb.steps())
    if (!std::ranges::contains(order, step)) order.push_back(step);
  EXPECT_THAT(order, ElementsAre(redial, reattach, function_cycle, module_reset, power_cycle));
}

TEST(Ladder, TakesNoSecondStepWithoutAnAttemptThatFailedSinceTheFirst) {
  Climb climb;
  climb.ladder.path_result(false, climb.now);
  climb.set(healthy());
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), ElementsAre(redial));
}

TEST(Ladder, ABearerThatFailsIsRedialledSoonerThanAPathThatIsDead) {
  Climb bearer;
  bearer.ladder.bearer_result(false, bearer.now);
  bearer.set(healthy());
  bearer.pass(3min);
  EXPECT_THAT(bearer.steps(), ElementsAre(redial));
  Climb path;
  path.ladder.path_result(false, path.now);
  path.set(healthy());
  path.pass(3min);
  EXPECT_THAT(path.steps(), IsEmpty());
}

TEST(Ladder, ABearerThatIsDialledForEachAttemptNeedsNoRedial) {
  Climb climb;
  climb.fails_again = true;
  climb.ladder.path_result(false, climb.now);
  climb.set(healthy(), by_schedule);
  climb.pass(1h);
  EXPECT_THAT(climb.times(redial), IsEmpty());
  EXPECT_FALSE(climb.times(reattach).empty());
}

// ---- circumstances

TEST(Ladder, WaitsForTheEndOfAnAttempt) {
  Climb climb;
  climb.ladder.path_result(false, climb.now);
  climb.set(healthy(), {.wanted = true, .bearer_kept = true, .attempting = true});
  climb.now = climb.now + 6min;
  climb.ladder.observe(climb.radio, climb.wish, climb.now);
  EXPECT_EQ(climb.ladder.due(climb.now), std::nullopt);
  climb.set(healthy());
  EXPECT_EQ(climb.ladder.due(climb.now), redial);
}

TEST(Ladder, ASessionThatOpenedEndsTheTrouble) {
  Climb climb;
  climb.ladder.path_result(false, climb.now);
  climb.set(healthy());
  climb.pass(4min);
  climb.ladder.path_result(true, climb.now);
  climb.set(healthy());
  climb.pass(24h);
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, ATroubleThatReturnsSoonKeepsItsAge) {
  Climb climb;
  const auto searching =
      with([](RadioFacts& facts) { facts.registration = Registration::searching; });
  for (int i = 0; i < 6; ++i) {
    climb.set(searching);
    climb.pass(9min);
    climb.set(healthy());
    climb.pass(1min);
  }
  climb.set(searching);
  EXPECT_THAT(climb.steps(), IsEmpty());
  climb.pass(1s);
  EXPECT_THAT(climb.steps(), ElementsAre(function_cycle));
}

TEST(Ladder, ATroubleThatReturnsLateBeginsAnew) {
  Climb climb;
  const auto searching =
      with([](RadioFacts& facts) { facts.registration = Registration::searching; });
  for (int i = 0; i < 7; ++i) {
    climb.set(searching);
    climb.pass(50min);
    climb.set(healthy());
    climb.pass(11min);
  }
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, TimeThatTheRouterSleptIsNoTrouble) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.port = PortState::silent; }));
  climb.now = climb.now + 10h;  // nobody called when power_cycle was due, after 15 min
  climb.ladder.observe(climb.radio, climb.wish, climb.now);
  const auto next = climb.ladder.next(climb.now);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->at, climb.now);  // its 15 min were watched
  Climb early;
  early.set(with([](RadioFacts& facts) { facts.registration = Registration::searching; }));
  early.pass(30min);
  early.now = early.now + 10h;
  early.ladder.observe(early.radio, early.wish, early.now);
  early.pass(1min);
  EXPECT_THAT(early.steps(), ElementsAre(function_cycle));  // and not the reset too
  early.pass(30min);
  EXPECT_THAT(early.steps(), ElementsAre(function_cycle));
}

TEST(Ladder, AClockThatRunsBackChangesNothing) {
  Climb climb;
  climb.set(with([](RadioFacts& facts) { facts.port = PortState::silent; }));
  climb.ladder.observe(climb.radio, climb.wish, BootTime{});
  climb.pass(14min);
  EXPECT_THAT(climb.steps(), IsEmpty());
  climb.pass(2min);
  EXPECT_THAT(climb.steps(), ElementsAre(power_cycle));
}

TEST(Ladder, PausesStartOverOnlyAfterTheLinkHasWorkedForAWhile) {
  Climb climb;
  climb.ladder.path_result(false, climb.now);
  climb.set(healthy());
  climb.pass(6min);
  ASSERT_THAT(climb.steps(), ElementsAre(redial));
  climb.set(healthy(), online);
  climb.pass(Ladder::steady - 1s);
  climb.set(healthy());
  EXPECT_GT(climb.ladder.budget().memory(climb.now).steps[0].pause, 0s);
  climb.set(healthy(), online);
  climb.pass(Ladder::steady);
  climb.set(healthy());
  EXPECT_EQ(climb.ladder.budget().memory(climb.now).steps[0].pause, 0s);
}

TEST(Ladder, AStepThatTheBoardCannotDoIsNotTriedAgain) {
  Climb climb;
  climb.ladder.rule_out(power_cycle);
  climb.set(with([](RadioFacts& facts) { facts.port = PortState::silent; }));
  climb.pass(240h);
  EXPECT_THAT(climb.steps(), IsEmpty());
}

TEST(Ladder, WhatItIsAskedForCountsToo) {
  Climb climb;
  for (std::size_t i = 0; i < rule(function_cycle).per_day; ++i) {
    ASSERT_TRUE(climb.ladder.begin(function_cycle, climb.now));
    climb.ladder.end(function_cycle, climb.now);
  }
  EXPECT_FALSE(climb.ladder.begin(function_cycle, climb.now));
}

}  // namespace
}  // namespace oobm::hal
