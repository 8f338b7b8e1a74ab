// The failure that no AT command shows, number 22 of docs/radio-failures.md, in a whole router's
// world: the module is registered and has an address, and no packet gets through.
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/hal/recovery_world.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using modem_sim::FaultId;

// The number of the mildest step that helps.
class FailureModeLink : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Cure, FailureModeLink, testing::Values(1, 2, 3, 4, 5));

TEST_P(FailureModeLink, m22_half_dead_link_is_cured_by_the_mildest_step_that_helps) {
  const auto cure = static_cast<std::size_t>(GetParam());
  RecoveryWorld world(7);
  ASSERT_TRUE(world.until_online(30min)) << world.state();
  world.sim.apply({FaultId::half_dead, GetParam()}, world.time);
  world.pass(1h);  // the session is found dead
  EXPECT_TRUE(world.until_online(24h)) << world.state();
  EXPECT_TRUE(world.registered_now());
  for (std::size_t step = 0; step < world.steps_taken.size(); ++step) {
    if (step >= cure) {
      EXPECT_TRUE(world.steps_taken[step].empty()) << "harder than needed: " << step;
    }
  }
  EXPECT_FALSE(world.steps_taken[cure - 1].empty());
  EXPECT_TRUE(world.violations.empty());
}

TEST(FailureModeDays, m22_link_that_nothing_cures_is_not_hammered) {
  RecoveryWorld world(7);
  ASSERT_TRUE(world.until_online(30min));
  for (int hour = 0; hour < 48; ++hour) {
    world.sim.apply({FaultId::half_dead, 5}, world.time);
    world.pass(1h);
  }
  EXPECT_TRUE(world.violations.empty()) << world.violations.front();
  world.sim.behave(world.time);
  EXPECT_TRUE(world.until_online(72h)) << world.state();
}

}  // namespace
}  // namespace oobm::hal
