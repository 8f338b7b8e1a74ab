// When the agent tries again: every pause is jittered within stated bounds, from a source that is
// handed in.
#include "agent/core/schedule.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/core/support/seeded_random.hpp"

namespace oobm::core::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
constexpr int draws = 10'000;

struct Range {
  Duration least = Duration::max();
  Duration most = Duration::min();
  void add(Duration d) {
    least = std::min(least, d);
    most = std::max(most, d);
  }
};

TEST(Schedule, TheRegistrationLadderIsOneTwoFiveFifteenSixtyMinutesThenSixHours) {
  constexpr std::array<Duration, 9> ladder{minutes(1),  minutes(2),  minutes(5),
                                           minutes(15), minutes(60), hours(6),
                                           hours(6),    hours(6),    hours(6)};
  SeededRandom random(1);
  for (std::size_t step = 0; step < ladder.size(); ++step) {
    Range range;
    for (int i = 0; i < draws; ++i) range.add(registration_pause(step, random));
    EXPECT_GE(range.least, ladder[step] * 95 / 100) << step;
    EXPECT_LE(range.most, ladder[step] * 105 / 100) << step;
    EXPECT_LT(range.least, ladder[step] * 97 / 100) << "jittered, step " << step;
    EXPECT_GT(range.most, ladder[step] * 103 / 100) << "jittered, step " << step;
  }
}

TEST(Schedule, AStepBeyondAnyCountStaysAtSixHours) {
  ConstantRandom least(0);
  EXPECT_EQ(registration_pause(std::size_t(-1), least), Duration(hours(6)) * 95 / 100);
}

TEST(Schedule, TheBackOffDoublesFromFifteenSecondsToAnHourAndIsFullyJittered) {
  SeededRandom random(2);
  Duration most = back_off_first;
  for (std::size_t failures = 0; failures < 20; ++failures) {
    Range range;
    for (int i = 0; i < draws; ++i) range.add(back_off(failures, random));
    EXPECT_GE(range.least, Duration(0));
    EXPECT_LE(range.most, most) << failures;
    EXPECT_LT(range.least, most / 10) << failures;
    EXPECT_GT(range.most, most * 9 / 10) << failures;
    most = std::min<Duration>(most * 2, back_off_most);
  }
  EXPECT_LE(back_off(std::size_t(-1), random), back_off_most);
}

// Each router of a fleet has a seed of its own; what they draw must not crowd. The seeds are fixed,
// so this holds or does not, and never now and then.
TEST(Schedule, AFleetThatLostItsBrokerSpreadsItsReturnEvenly) {
  constexpr std::size_t routers = 10'000;
  constexpr std::size_t bins = 20;
  for (std::size_t failures = 0; failures < 10; ++failures) {
    const auto most = std::min<Duration>(back_off_first * (1 << failures), back_off_most);
    std::array<int, bins> count{};
    for (std::size_t seed = 0; seed < routers; ++seed) {
      SeededRandom random(seed * 1'000 + failures);
      const auto pause = back_off(failures, random);
      ++count[std::min(bins - 1, static_cast<std::size_t>(pause.count()) * bins /
                                     static_cast<std::size_t>(most.count()))];
    }
    double chi_square = 0;
    constexpr double expected = double{routers} / bins;
    for (const int n : count) chi_square += (n - expected) * (n - expected) / expected;
    // 19 degrees of freedom: an even spread stays below this in all but one case of a thousand.
    EXPECT_LT(chi_square, 43.82) << failures;
  }
}

TEST(Schedule, JitterStaysWithinItsPercentage) {
  SeededRandom random(3);
  Range range;
  for (int i = 0; i < draws; ++i) range.add(jittered(probe_interval, 20, random));
  EXPECT_GE(range.least, Duration(hours(24)) * 8 / 10);
  EXPECT_LE(range.most, Duration(hours(24)) * 12 / 10);
  EXPECT_LT(range.least, hours(20));
  EXPECT_GT(range.most, hours(28));
}

TEST(Schedule, JitterReachesBothItsBounds) {
  ConstantRandom least(0);
  EXPECT_EQ(jittered(seconds(100), 20, least), Duration(seconds(80)));
  ConstantRandom most(40'000);  // the span's last value: 2 * 20 s in milliseconds
  EXPECT_EQ(jittered(seconds(100), 20, most), Duration(seconds(120)));
}

TEST(Schedule, UniformCoversItsWholeRangeAndNoMore) {
  SeededRandom random(4);
  std::set<Duration> seen;
  for (int i = 0; i < draws; ++i) seen.insert(uniform(Duration(9), random));
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_EQ(*seen.begin(), Duration(0));
  EXPECT_EQ(*seen.rbegin(), Duration(9));
  EXPECT_EQ(uniform(Duration(0), random), Duration(0));
}

TEST(Schedule, ReplaysFromItsSeed) {
  SeededRandom one(5);
  SeededRandom two(5);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(back_off(9, one), back_off(9, two));
}

}  // namespace
}  // namespace oobm::core::test
