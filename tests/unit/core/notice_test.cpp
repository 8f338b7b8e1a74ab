// Renewal notices of a pre-paid term: 90, 60, 30, 14, 7, 3 and 1 days before its end, each once.
#include "agent/core/notice.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core::test {
namespace {

class Notices : public testing::Test {
 protected:
  Entitlement claims_ = entitlement_for(placement_of(xr80_na()));
  UnixTime end_ = *claims_.valid_until;
};

TEST_F(Notices, DirectBillingHasNoCountdown) {
  claims_.billing = Billing::direct;
  EXPECT_EQ(due_notice(claims_, end_ - days(1), 0), std::nullopt);
  EXPECT_EQ(next_notice(claims_, today), std::nullopt);
}

TEST_F(Notices, APrePaidTermIsNeverLateToRenewItself) {
  EXPECT_FALSE(extension_is_late(claims_, end_ + days(30)));
  claims_.billing = Billing::direct;
  claims_.valid_until.reset();
  EXPECT_FALSE(extension_is_late(claims_, end_ + days(30)));
}

TEST_F(Notices, AnExtensionIsLateADayAfterTheEndOrHalfAShorterGrace) {
  claims_.billing = Billing::direct;
  EXPECT_FALSE(extension_is_late(claims_, end_ + days(1) - seconds(1)));
  EXPECT_TRUE(extension_is_late(claims_, end_ + days(1)));
  claims_.grace = hours(10);
  EXPECT_TRUE(extension_is_late(claims_, end_ + hours(5)));
  EXPECT_FALSE(extension_is_late(claims_, end_ + hours(5) - seconds(1)));
}

TEST_F(Notices, ATermWithoutEndHasNoCountdown) {
  claims_.valid_until.reset();
  EXPECT_EQ(due_notice(claims_, today, 0), std::nullopt);
  EXPECT_EQ(next_notice(claims_, today), std::nullopt);
}

TEST_F(Notices, AnEndedTermGivesNone) {
  EXPECT_EQ(due_notice(claims_, end_, 0), std::nullopt);
  EXPECT_EQ(due_notice(claims_, end_ + days(1), 1), std::nullopt);
  EXPECT_EQ(next_notice(claims_, end_), std::nullopt);
}

TEST_F(Notices, NoneIsDueMoreThanNinetyDaysBefore) {
  EXPECT_EQ(due_notice(claims_, end_ - days(90) - seconds(1), 0), std::nullopt);
  EXPECT_EQ(due_notice(claims_, end_ - days(90), 0), 90);
}

TEST_F(Notices, EachIsDueOnceFromItsDayOn) {
  std::vector<int> given;
  int last = 0;
  for (auto now = end_ - days(100); now < end_ + days(2); now = now + hours(1)) {
    if (const auto due = due_notice(claims_, now, last)) {
      given.push_back(*due);
      EXPECT_LE(days_left(end_, now), *due);
      last = *due;
    }
  }
  EXPECT_EQ(given, (std::vector{90, 60, 30, 14, 7, 3, 1}));
}

TEST_F(Notices, ARouterThatSleptThroughSomeGivesOnlyTheLatest) {
  EXPECT_EQ(due_notice(claims_, end_ - days(5), 90), 7);
  EXPECT_EQ(due_notice(claims_, end_ - days(5), 7), std::nullopt);
  EXPECT_EQ(due_notice(claims_, end_ - seconds(1), 0), 1);
}

TEST_F(Notices, TheNextInstantIsTheNextThreshold) {
  EXPECT_EQ(next_notice(claims_, today), end_ - days(90));
  EXPECT_EQ(next_notice(claims_, end_ - days(90)), end_ - days(60));
  EXPECT_EQ(next_notice(claims_, end_ - days(2)), end_ - days(1));
  EXPECT_EQ(next_notice(claims_, end_ - hours(23)), std::nullopt);
}

TEST_F(Notices, AtTheNextInstantANoticeIsIndeedDue) {
  int last = 0;
  for (auto at = next_notice(claims_, today); at; at = next_notice(claims_, *at)) {
    const auto due = due_notice(claims_, *at, last);
    ASSERT_TRUE(due);
    last = *due;
  }
  EXPECT_EQ(last, 1);
}

TEST(DaysLeft, CountsBegunDays) {
  EXPECT_EQ(days_left(today, today), 0);
  EXPECT_EQ(days_left(today, today + days(3)), 0);
  EXPECT_EQ(days_left(today + seconds(1), today), 1);
  EXPECT_EQ(days_left(today + days(1), today), 1);
  EXPECT_EQ(days_left(today + days(1) + seconds(1), today), 2);
  EXPECT_EQ(days_left(today + days(365), today), 365);
}

}  // namespace
}  // namespace oobm::core::test
