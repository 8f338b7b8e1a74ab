// Rule: what was done to the radio today is not forgotten by a restart, and only time that has
// surely passed gives it back.
#include <gmock/gmock.h>

#include "hal/recovery/budget.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using enum RecoveryStep;
using core::BootTime;

constexpr core::Duration none{0};
constexpr BootTime start{1h};

// Takes the step as often and as early as it may be, until the cap is used up; gives the last time.
BootTime spend(Budget& budget, RecoveryStep step, BootTime now) {
  while (budget.left(step, now) > 0) {
    now = budget.earliest(step, none, now);
    budget.take(step, now);
  }
  return now;
}

class EachStep : public testing::TestWithParam<RecoveryStep> {};

INSTANTIATE_TEST_SUITE_P(Budget, EachStep,
                         testing::Values(redial, reattach, function_cycle, module_reset,
                                         power_cycle),
                         [](const auto& param) { return std::string(rule(param.param).name); });

TEST_P(EachStep, IsNeverTakenMoreOftenThanItsCapInAnyDay) {
  const auto step = GetParam();
  Budget budget("boot", start);
  std::vector<BootTime> taken;
  auto now = start;
  for (int i = 0; i < 50; ++i) {
    now = budget.earliest(step, none, now);
    ASSERT_GT(budget.left(step, now), 0U);
    budget.take(step, now);
    taken.push_back(now);
  }
  for (std::size_t i = rule(step).per_day; i < taken.size(); ++i)
    EXPECT_GE(taken[i] - taken[i - rule(step).per_day], cap_span);
}

TEST_P(EachStep, IsNotRefilledByAReboot) {
  const auto step = GetParam();
  Budget budget("boot", start);
  const auto last = spend(budget, step, start);
  auto memory = budget.memory(last);
  for (int i = 0; i < 20; ++i) {
    const BootTime after_boot{1min};
    Budget next("boot-" + std::to_string(i), after_boot, memory);
    ASSERT_EQ(next.left(step, after_boot), budget.left(step, last)) << i;
    ASSERT_GT(next.earliest(step, none, after_boot), after_boot);
    memory = next.memory(BootTime{1min});
  }
}

TEST_P(EachStep, IsRefilledByTheUptimeOfLaterBoots) {
  const auto step = GetParam();
  Budget budget("boot", start);
  const auto last = spend(budget, step, start);
  auto memory = budget.memory(last);
  // Twelve hours up, stored, off for a year or a minute, twelve hours up.
  Budget second("second", BootTime{0h}, memory);
  memory = second.memory(BootTime{12h});
  Budget third("third", BootTime{13h}, memory);
  EXPECT_EQ(third.left(step, BootTime{13h}), rule(step).per_day);
}

TEST_P(EachStep, KeepsItsGrowingPauseAcrossARestart) {
  const auto step = GetParam();
  Budget budget("boot", start);
  budget.take(step, start);
  const auto memory = budget.memory(start);
  const auto now = start + 1min;
  Budget next("boot", now, memory);
  EXPECT_EQ(next.earliest(step, none, now), start + rule(step).pause_first);
}

TEST_P(EachStep, PausesLongerEachTimeUpToItsCeiling) {
  const auto step = GetParam();
  Budget budget("boot", start);
  auto now = start;
  auto expected = rule(step).pause_first;
  for (int i = 0; i < 12; ++i) {
    budget.take(step, now);
    EXPECT_GE(budget.earliest(step, none, now), now + expected);
    EXPECT_LE(expected, rule(step).pause_longest);
    expected = std::min(expected * pause_growth, rule(step).pause_longest);
    now = now + 2 * cap_span;
  }
}

TEST(Budget, HoldsALongerPauseThatTheTroubleAsksFor) {
  Budget budget("boot", start);
  budget.take(function_cycle, start);
  EXPECT_EQ(budget.earliest(function_cycle, 24h, start), start + 24h);
}

TEST(Budget, AWorkingLinkStartsPausesOverAndLeavesTheCap) {
  Budget budget("boot", start);
  auto now = start;
  budget.take(power_cycle, now);
  now = now + 4h;
  budget.take(power_cycle, now);
  budget.relax();
  EXPECT_EQ(budget.left(power_cycle, now), 0U);
  EXPECT_EQ(budget.earliest(power_cycle, none, now), start + cap_span);
  EXPECT_EQ(budget.earliest(redial, none, now), now);
}

TEST(Budget, AClockThatRunsBackGivesNothing) {
  Budget budget("boot", start);
  budget.take(power_cycle, start);
  budget.take(power_cycle, start);
  EXPECT_EQ(budget.left(power_cycle, BootTime{0h}), 0U);
  EXPECT_GE(budget.earliest(power_cycle, none, BootTime{0h}), BootTime{cap_span});
}

TEST(Budget, TheSameBootWithAnEarlierClockGivesNothing) {
  Budget budget("boot", start);
  spend(budget, power_cycle, start);
  const auto memory = budget.memory(BootTime{50h});
  Budget next("boot", BootTime{49h}, memory);
  EXPECT_EQ(next.left(power_cycle, BootTime{49h}), next.left(power_cycle, BootTime{0h}));
}

TEST(Budget, WithoutABootIdTheShorterReadingCounts) {
  Budget budget("", start);
  spend(budget, reattach, start);
  const auto memory = budget.memory(BootTime{100h});
  // Perhaps the same boot, one hour later: 101 h of uptime must not count as 101 h since then.
  Budget later("", BootTime{101h}, memory);
  EXPECT_EQ(later.left(reattach, BootTime{101h}), budget.left(reattach, BootTime{101h}));
  // Surely another boot: its uptime counts.
  Budget other("", BootTime{2h}, memory);
  EXPECT_EQ(other.left(reattach, BootTime{2h}), budget.left(reattach, BootTime{102h}));
}

TEST(Budget, AMemoryWithoutSenseIsReadToItsDisadvantage) {
  BudgetMemory memory{.boot_id = "boot", .at = start, .counted = -5h};
  auto& step = memory.steps[std::to_underlying(power_cycle)];
  step.pause = 10'000h;
  step.taken = {90'000h, -90'000h, 1h, 2h, 3h, 4h, 5h, 6h, 7h, 8h};
  Budget budget("boot", start, memory);
  EXPECT_EQ(budget.left(power_cycle, start), 0U);
  EXPECT_EQ(budget.earliest(power_cycle, none, start), start + cap_span);
  EXPECT_EQ(budget.left(power_cycle, start + cap_span), rule(power_cycle).per_day);
}

TEST(Budget, AnUnreadableMemoryLeavesOneUseOfEachStepForADay) {
  const BootTime now{100h};
  Budget budget("boot", now, Budget::nearly_spent(now));
  for (const auto& row : step_rules()) {
    EXPECT_EQ(budget.left(row.step, now), 1U) << row.name;
    EXPECT_EQ(budget.left(row.step, now + (cap_span - 1s)), 1U) << row.name;
    EXPECT_EQ(budget.left(row.step, now + cap_span), row.per_day) << row.name;
  }
}

TEST(Budget, IsStoredFromTimeToTimeOnlyWhileACapIsPartlyUsed) {
  Budget budget("boot", start);
  EXPECT_EQ(budget.checkpoint(start), std::nullopt);
  budget.take(redial, start);
  (void)budget.memory(start);
  EXPECT_EQ(budget.checkpoint(start), start + Budget::checkpoint_interval);
  EXPECT_EQ(budget.checkpoint(start + cap_span), std::nullopt);
}

}  // namespace
}  // namespace oobm::hal
