// What a session teaches about how long its uplink may be silent.
#include "agent/core/keepalive.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/support/seeded_random.hpp"

namespace oobm::core::test {
namespace {

using std::chrono::seconds;
using namespace std::chrono_literals;

struct Row {
  const char* name;
  Keepalive known;
  SessionLife life;
  Keepalive learnt;
};

// A session with the interval that is known, which outlived `silences` and ended in good order.
SessionLife outlived(seconds interval, std::uint32_t silences) {
  return {.interval = interval, .silences = silences};
}

SessionLife lost(seconds interval, seconds silent, std::uint32_t silences = 0) {
  return {.interval = interval, .silences = silences, .silent_at_end = silent, .lost = true};
}

SessionLife lost_with_its_bearer(seconds interval, seconds silent) {
  auto life = lost(interval, silent);
  life.bearer_stood = false;
  return life;
}

class Learning : public testing::TestWithParam<Row> {};

TEST_P(Learning, FollowsTheTable) {
  EXPECT_EQ(learn(GetParam().known, GetParam().life), GetParam().learnt);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Learning,
    testing::Values(
        // Dies in silence: two thirds, and the failure is remembered.
        Row{"silent_death", {900s, 0s}, lost(900s, 900s), {600s, 900s}},
        Row{"found_by_a_report", {900s, 0s}, lost(900s, 450s), {600s, 900s}},
        Row{"twice", {600s, 900s}, lost(600s, 700s), {400s, 600s}},
        Row{"not_below_the_least", {350s, 0s}, lost(350s, 400s), {300s, 350s}},
        Row{"at_the_least", {300s, 0s}, lost(300s, 400s), {300s, 300s}},
        Row{"even_after_a_long_life", {900s, 0s}, lost(900s, 990s, 500), {600s, 900s}},
        Row{"of_an_older_interval", {400s, 600s}, lost(900s, 990s), {400s, 600s}},
        // Lost, but not for its silence.
        Row{"lost_while_talking", {900s, 0s}, lost(900s, 299s), {900s, 0s}},
        Row{"radio_lost", {900s, 0s}, lost_with_its_bearer(900s, 990s), {900s, 0s}},
        // Lives through silences: half as long again.
        Row{"not_enough", {900s, 0s}, outlived(900s, 7), {900s, 0s}},
        Row{"enough", {900s, 0s}, outlived(900s, 8), {1350s, 0s}},
        Row{"not_above_the_most", {1350s, 0s}, outlived(1350s, 20), {1740s, 0s}},
        Row{"at_the_most", {1740s, 0s}, outlived(1740s, 20), {1740s, 0s}},
        Row{"many_grow_it_once", {300s, 0s}, outlived(300s, 4'000'000'000), {450s, 0s}},
        Row{"lost_at_last_while_talking", {900s, 0s}, lost(900s, 10s, 8), {1350s, 0s}},
        Row{"a_shorter_one_shows_nothing", {900s, 0s}, outlived(600s, 500), {900s, 0s}},
        // What failed once is tried again late.
        Row{"failed_before", {600s, 900s}, outlived(600s, 1007), {600s, 900s}},
        Row{"failed_above", {400s, 900s}, outlived(400s, 18), {600s, 900s}},
        Row{"proven_at_length", {600s, 900s}, outlived(600s, 1008), {900s, 0s}},
        // A file may hold anything.
        Row{"too_small", {1s, 0s}, {}, {300s, 0s}},
        Row{"too_large", {9'000'000s, 0s}, {}, {1740s, 0s}},
        Row{"negative", {-5s, 0s}, outlived(-5s, 0), {300s, 0s}}),
    [](const auto& row) { return std::string(row.param.name); });

// A NAT that forgets after `forgets`: what a year of sessions makes of it, each of which ends for
// other reasons after `lasts` if it does not die before.
struct Year {
  int lost = 0;
  Keepalive learnt;
};

Year year_behind(seconds forgets, std::chrono::hours lasts) {
  Year year;
  for (seconds now{0}; now < std::chrono::hours(24 * 365);) {
    const auto interval = year.learnt.interval;
    const bool dies = interval >= forgets;
    const auto lived = dies ? interval : seconds(lasts);
    const auto silences = dies ? 0 : static_cast<std::uint32_t>(lived / interval);
    now += lived;
    year.lost += dies ? 1 : 0;
    year.learnt =
        learn(year.learnt, dies ? lost(interval, interval) : outlived(interval, silences));
  }
  return year;
}

TEST(Keepalive, FindsWhatANatAllowsAndLosesLittleOnTheWay) {
  for (const seconds forgets : {360s, 610s, 901s, 1200s, 1700s}) {
    const auto year = year_behind(forgets, 72h);
    EXPECT_LT(year.learnt.interval, forgets);
    EXPECT_GE(year.learnt.interval * 3 / 2, std::min(forgets, most_keepalive) * 9 / 10)
        << "as long as it may be, nearly, where it forgets after " << forgets.count();
    EXPECT_LE(year.lost, 4) << forgets.count();
    EXPECT_LE(year_behind(forgets, 24h * 30).lost, 16) << forgets.count() << ", one a session";
  }
}

TEST(Keepalive, GrowsToTheMostWhereNothingForgets) {
  const auto year = year_behind(7200s, 6h);
  EXPECT_EQ(year.learnt.interval, most_keepalive);
  EXPECT_EQ(year.lost, 0);
}

TEST(Keepalive, StaysWithinItsBoundsWhateverHappens) {
  SeededRandom random(7);
  Keepalive known;
  for (int i = 0; i < 100'000; ++i) {
    const auto any = [&] { return seconds(static_cast<std::int64_t>(random.below(4000)) - 1000); };
    known = learn(known, {.interval = random.one_in(2) ? known.interval : any(),
                          .silences = static_cast<std::uint32_t>(random.below(200)),
                          .silent_at_end = any(),
                          .lost = random.one_in(3),
                          .bearer_stood = random.one_in(2)});
    ASSERT_GE(known.interval, least_keepalive);
    ASSERT_LE(known.interval, most_keepalive);
  }
}

TEST(Keepalive, NearlyAWholeIntervalCounts) { EXPECT_EQ(silence_that_counts(900s), 810s); }

}  // namespace
}  // namespace oobm::core::test
