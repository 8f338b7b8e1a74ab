// Ten thousand random events to a router's life, from a seed: tests/unit/core/support/life.hpp says
// which. After each step the invariants of support/watch.hpp hold; and when the faults are gone the
// router comes back.
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/core/support/life.hpp"

namespace oobm::core::test {
namespace {

constexpr int events_per_life = 10'000;

Life<SeededRandom> life_of(std::uint64_t seed) { return Life(seed, SeededRandom(seed)); }

// The states that it saw.
std::set<Lifecycle> live(Life<SeededRandom>& life, int events) {
  std::set<Lifecycle> visited;
  for (int i = 0; i < events && !testing::Test::HasFailure(); ++i) {
    life.one_event();
    visited.insert(life.router().state().lifecycle);
  }
  return visited;
}

class RandomLife : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomLife, BreaksNoInvariantAndEndsInServiceWhenTheFaultsAreGone) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  auto life = life_of(GetParam());
  EXPECT_EQ(live(life, events_per_life).size(), all_lifecycles().size())
      << "a life that saw every state";
  EXPECT_GT(life.connects(), 100U);
  const auto way_back = life.way_back();
  life.heal();
  life.router().advance(way_back);
  EXPECT_EQ(life.router().state().lifecycle, Lifecycle::active);
  EXPECT_TRUE(life.router().online());
  EXPECT_TRUE(life.router().state().outbox.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLife, testing::Range<std::uint64_t>(1, 6),
                         [](const auto& row) { return "seed" + std::to_string(row.param); });

TEST(RandomLife, ReplaysFromItsSeed) {
  auto one = life_of(42);
  auto two = life_of(42);
  (void)live(one, 500);
  (void)live(two, 500);
  EXPECT_EQ(one.router().state(), two.router().state());
}

}  // namespace
}  // namespace oobm::core::test
