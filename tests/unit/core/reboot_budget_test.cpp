// Restarts by command: so many a day, whatever restarts and clocks do.
#include "agent/core/reboot_budget.hpp"

#include <gmock/gmock.h>

#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string first_boot = "boot-1";
const std::string second_boot = "boot-2";

RebootMoment moment(const std::string& boot, Duration since_boot, TimeBelief belief = {}) {
  return {.boot_id = boot, .now = {since_boot}, .belief = belief};
}

std::vector<RebootStamp> spent(const RebootMoment& when) {
  std::vector<RebootStamp> stamps;
  for (std::size_t i = 0; i < reboots_a_day; ++i) note_reboot(stamps, when);
  return stamps;
}

TEST(RebootBudget, ARestartGivesNothingBack) {
  const auto stamps = spent(moment(first_boot, hours(30)));
  EXPECT_EQ(reboots_left(stamps, moment(first_boot, hours(30))), 0U);
  EXPECT_EQ(reboots_left(stamps, moment(second_boot, minutes(1))), 0U);
  EXPECT_EQ(reboots_left(stamps, moment(second_boot, hours(23))), 0U);
  EXPECT_EQ(reboot_wait(stamps, moment(second_boot, hours(23))), hours(1));
}

TEST(RebootBudget, ADayOfUptimeGivesEverythingBack) {
  auto stamps = spent(moment(first_boot, hours(30)));
  EXPECT_EQ(reboots_left(stamps, moment(first_boot, hours(54))), reboots_a_day);
  EXPECT_EQ(reboots_left(stamps, moment(second_boot, hours(24))), reboots_a_day);
  EXPECT_TRUE(forget_old(stamps, moment(second_boot, hours(24))));
  EXPECT_TRUE(stamps.empty());
  EXPECT_FALSE(forget_old(stamps, moment(second_boot, hours(24))));
}

TEST(RebootBudget, OneClockAloneGivesNothingBack) {
  const auto stamps = spent(moment(first_boot, hours(1), {today, TimeLevel::agreed}));
  const auto later = today + days(9);
  EXPECT_EQ(reboots_left(stamps, moment(second_boot, minutes(1), {later, TimeLevel::network})), 0U);
  EXPECT_EQ(reboots_left(stamps, moment(second_boot, minutes(1), {later, TimeLevel::floor})), 0U);
  EXPECT_EQ(reboots_left(stamps, moment(second_boot, minutes(1), {later, TimeLevel::agreed})),
            reboots_a_day);
  const auto undated = spent(moment(first_boot, hours(1), {today, TimeLevel::network}));
  EXPECT_EQ(reboots_left(undated, moment(second_boot, minutes(1), {later, TimeLevel::attested})),
            0U);
}

TEST(RebootBudget, AClockTurnedBackTakesNothingAway) {
  const auto stamps = spent(moment(first_boot, hours(1), {today, TimeLevel::attested}));
  EXPECT_EQ(reboots_left(stamps,
                         moment(second_boot, hours(24), {today - days(400), TimeLevel::attested})),
            reboots_a_day);
}

TEST(RebootBudget, AnUnknownBootIsNoSameBoot) {
  const std::string unknown;
  const auto stamps = spent(moment(unknown, minutes(2)));
  EXPECT_EQ(reboots_left(stamps, moment(unknown, minutes(5))), 0U);
}

// ---- as ALMS meets it

TEST(Restarts, AreRefusedWithACodeOfTheirOwnOnceTheDaysAreUsedUp) {
  State state = state_in_service();
  for (std::size_t i = 0; i <= reboots_a_day; ++i) {
    Router router({.state = state, .boot_id = "boot-" + std::to_string(i)});
    router.boot_and_connect();
    EXPECT_EQ(router.status().reboots_left, reboots_a_day - i);
    const auto uid = "t" + std::to_string(i);
    router.task(uid, Reboot{});
    const bool granted = i < reboots_a_day;
    EXPECT_EQ(router.count<RunTask>(), granted ? 1U : 0U);
    if (!granted) {
      ASSERT_TRUE(router.ack(uid));
      EXPECT_THAT(router.ack(uid)->message, StartsWith("REBOOT_BUDGET: "));
      EXPECT_THAT(router.ack(uid)->message, HasSubstr("again in 1440 min"));
      router.advance(hours(25));
      EXPECT_EQ(router.status().reboots_left, reboots_a_day);
      router.task("later", Reboot{});
      EXPECT_EQ(router.count<RunTask>(), 1U);
    }
    state = router.state();
  }
}

TEST(Restarts, AreCountedBeforeTheyAreCarriedOut) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.forget();
  router.task("t1", Reboot{});
  ASSERT_TRUE(std::holds_alternative<Persist>(router.log().front().effect));
  EXPECT_EQ(router.state().reboots.size(), 1U);
}

TEST(Restarts, WhatIsRefusedForAnotherReasonCostsNothing) {
  Router router(
      {.state = state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended)});
  router.boot_and_connect();
  router.task("t1", Reboot{});
  EXPECT_THAT(router.ack("t1")->message, StartsWith("SUSPENDED"));
  EXPECT_EQ(router.status().reboots_left, reboots_a_day);
}

}  // namespace
}  // namespace oobm::core::test
