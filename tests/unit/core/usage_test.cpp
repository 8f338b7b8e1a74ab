// The ledger of bytes: when its period turns and when it must not, its sums at the ends of their
// range, its notices, and how often it may be stored.
#include "agent/core/usage.hpp"

#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

// Seconds since 1970, as `date -u -d ... +%s` gives them.
constexpr UnixTime january_end{1'769'903'999};   // 2026-01-31T23:59:59Z
constexpr UnixTime february{1'769'904'000};      // 2026-02-01T00:00:00Z
constexpr UnixTime february_end{1'772'323'199};  // 2026-02-28T23:59:59Z
constexpr UnixTime march{1'772'323'200};         // 2026-03-01T00:00:00Z
constexpr UnixTime leap_day{1'835'395'200};      // 2028-02-29T00:00:00Z
constexpr UnixTime leap_day_end{1'835'481'599};  // 2028-02-29T23:59:59Z
constexpr UnixTime leap_march{1'835'481'600};    // 2028-03-01T00:00:00Z
constexpr UnixTime december_end{1'798'761'599};  // 2026-12-31T23:59:59Z
constexpr UnixTime new_year{1'798'761'600};      // 2027-01-01T00:00:00Z

SpentByUse some(std::uint64_t sent, std::uint64_t received, Use use = Use::telemetry) {
  SpentByUse spent{};
  spent[static_cast<std::size_t>(use)] = {{sent / 2, received / 2}, {sent, received}};
  return spent;
}

UsageLedger ledger_in(UnixTime time, std::uint64_t bytes = 100) {
  UsageLedger ledger;
  count(ledger, Uplink::oobm, some(bytes, 0));
  EXPECT_TRUE(keep_period(ledger, time, true));
  return ledger;
}

std::uint64_t used(const UsageLedger& ledger) { return total(ledger, Uplink::oobm).wire.total(); }

struct Turn {
  const char* what;
  UnixTime from;
  UnixTime to;
  bool both_ways;
  bool clears;
  Month period;
};

TEST(UsagePeriod, TurnsWithLaterMonthsAloneWhateverTheClockDoes) {
  const Turn table[] = {
      {"the same second", february, february, true, false, {2026, 2}},
      {"within a month", february, february_end, true, false, {2026, 2}},
      {"31 days end", january_end, february, true, true, {2026, 2}},
      {"28 days end", february_end, march, true, true, {2026, 3}},
      {"the leap day is February", february_end, leap_day, true, true, {2028, 2}},
      {"and so is its last second", leap_day, leap_day_end, true, false, {2028, 2}},
      {"the leap day ends", leap_day_end, leap_march, true, true, {2028, 3}},
      {"a year ends", december_end, new_year, true, true, {2027, 1}},
      {"many months are skipped", january_end, leap_day, true, true, {2028, 2}},
      {"one second back over the end", february, january_end, true, false, {2026, 1}},
      {"years back", leap_march, january_end, true, false, {2026, 1}},
      {"back to 1970", leap_march, UnixTime{0}, true, false, {1970, 1}},
      {"a lower bound moves on", january_end, february, false, true, {2026, 2}},
      {"a lower bound does not lead back", leap_march, january_end, false, false, {2028, 3}},
  };
  for (const auto& turn : table) {
    auto ledger = ledger_in(turn.from);
    keep_period(ledger, turn.to, turn.both_ways);
    EXPECT_EQ(used(ledger), turn.clears ? 0U : 100U) << turn.what;
    EXPECT_EQ(ledger.period, turn.period) << turn.what;
  }
}

TEST(UsagePeriod, AClockTurnedToAndFroGivesNothingBack) {
  auto ledger = ledger_in(march);
  ledger.notice_percent = 80;
  keep_period(ledger, january_end, true);
  count(ledger, Uplink::oobm, some(7, 0));
  EXPECT_EQ(used(ledger), 107U);
  EXPECT_EQ(ledger.notice_percent, 80);
  EXPECT_EQ(ledger.since, january_end);
  // The next month after the right one begins anew, as it would have.
  EXPECT_TRUE(keep_period(ledger, february, true));
  EXPECT_EQ(ledger, (UsageLedger{Month{2026, 2}, february, {}, 0}));
}

TEST(UsagePeriod, WhatWasCountedBeforeTimeWasKnownBelongsToTheFirstMonth) {
  UsageLedger ledger;
  count(ledger, Uplink::oobm, some(100, 0));
  EXPECT_FALSE(keep_period(ledger, march, false)) << "a lower bound names no month";
  EXPECT_EQ(ledger.period, std::nullopt);
  EXPECT_TRUE(keep_period(ledger, february_end, true));
  EXPECT_EQ(used(ledger), 100U);
  EXPECT_EQ(ledger.since, february_end);
}

TEST(UsagePeriod, EveryDayOfEightYearsLiesInItsMonth) {
  for (UnixTime day{1'767'225'600}; day < UnixTime{1'767'225'600 + 8 * 366 * 86'400LL};
       day = day + test::days(1)) {
    const auto month = month_of(day);
    EXPECT_LE(begin_of(month), day);
    EXPECT_LT(day, begin_of(after(month)));
  }
}

TEST(UsagePeriod, InstantsBeyondTheCalendarAreTakenForItsEnds) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(month_of({Limits::min()}), (Month{1970, 1}));
  EXPECT_EQ(month_of({Limits::max()}), (Month{9999, 12}));
  EXPECT_EQ(month_of({-1}), (Month{1970, 1}));
}

TEST(UsageLedger, SaturatesAndNeverWraps) {
  UsageLedger ledger;
  count(ledger, Uplink::oobm, some(most, most - 1));
  count(ledger, Uplink::oobm, some(2, 2));
  const auto& spent =
      ledger
          .spent[static_cast<std::size_t>(Uplink::oobm)][static_cast<std::size_t>(Use::telemetry)];
  EXPECT_EQ(spent.wire, (Bytes{most, most}));
  EXPECT_EQ(used(ledger), most);
  EXPECT_EQ(percent_used(ledger, most), 100);
  EXPECT_EQ(percent_used(ledger, 1), 999);
}

TEST(UsageLedger, KeepsUplinksAndUsesApart) {
  UsageLedger ledger;
  count(ledger, Uplink::oobm, some(1, 2, Use::dns));
  count(ledger, Uplink::oobm, some(10, 20, Use::transfer));
  count(ledger, Uplink::main_wan, some(100, 200, Use::dns));
  EXPECT_EQ(total(ledger, Uplink::oobm).wire, (Bytes{11, 22}));
  EXPECT_EQ(total(ledger, Uplink::oobm).payload, (Bytes{5, 11}));
  EXPECT_EQ(total(ledger, Uplink::main_wan).wire, (Bytes{100, 200}));
}

TEST(Allowance, IsUsedByTheOobmUplinkAlone) {
  struct Use {
    std::uint64_t used;
    std::uint64_t limit;
    int percent;
  };
  const Use table[] = {{0, 100, 0},     {79, 100, 79},     {199, 1000, 19},
                       {100, 100, 100}, {5000, 100, 999},  {0, 0, 999},
                       {1, 0, 999},     {most, most, 100}, {most - 1, most, 99}};
  for (const auto& row : table) {
    UsageLedger ledger;
    count(ledger, Uplink::oobm, some(row.used, 0));
    count(ledger, Uplink::main_wan, some(most, most));
    EXPECT_EQ(percent_used(ledger, row.limit), row.percent) << row.used << " of " << row.limit;
  }
}

TEST(Allowance, ComesFromAnEntitlementThatNamesAMonth) {
  auto claims = test::entitlement_for(test::placement_of(test::xr80_na()));
  EXPECT_EQ(limit_of(claims), std::nullopt);
  claims.data = DataAllowance{250'000'000, "month"};
  EXPECT_EQ(limit_of(claims), 250'000'000U);
  claims.data = DataAllowance{0, "month"};
  EXPECT_EQ(limit_of(claims), 0U) << "no data is an allowance too";
  claims.data = DataAllowance{250'000'000, "fortnight"};
  EXPECT_EQ(limit_of(claims), std::nullopt) << "shown, not enforced";
}

TEST(Allowance, NoticesAreReachedInTheirOrder) {
  EXPECT_EQ(reached_notice(0), 0);
  EXPECT_EQ(reached_notice(79), 0);
  EXPECT_EQ(reached_notice(80), 80);
  EXPECT_EQ(reached_notice(94), 80);
  EXPECT_EQ(reached_notice(95), 95);
  EXPECT_EQ(reached_notice(99), 95);
  EXPECT_EQ(reached_notice(100), 100);
  EXPECT_EQ(reached_notice(999), 100);
}

TEST(UsageStorage, ComesSoonerWithASmallAllowanceAndStaysRare) {
  EXPECT_EQ(store_after(std::nullopt), usage_store_bytes);
  EXPECT_EQ(store_after(1'000'000'000), usage_store_bytes);
  EXPECT_EQ(store_after(10'000'000), 312'500U);
  EXPECT_EQ(store_after(0), usage_store_least_bytes);
  // An idle year at 0.6 MB a month, at its worst: both rules, never meeting.
  constexpr std::uint64_t idle_year = 12 * 600'000;
  constexpr auto year = std::chrono::hours(24 * 366);
  EXPECT_LT(
      idle_year / usage_store_least_bytes + static_cast<std::uint64_t>(year / usage_store_interval),
      320U);
}

TEST(Uses, EachHasItsNameAndOnlyThreeCanBeHeldBack) {
  std::set<std::string_view> names;
  std::size_t held = 0;
  for (std::size_t use = 0; use < use_count; ++use) {
    names.insert(to_text(static_cast<Use>(use)));
    const auto capability = capability_of(static_cast<Use>(use));
    if (capability && when_used_up(Grant::yes, *capability) != Grant::yes) ++held;
  }
  EXPECT_EQ(names.size(), use_count);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(held, 3U);
}

}  // namespace
}  // namespace oobm::core
