#include "hal/modem/profile.hpp"

#include <gtest/gtest.h>

namespace oobm::hal {
namespace {

TEST(Profile, chosen_by_what_the_module_says) {
  EXPECT_EQ(profile_for("HL7802").name, "HL78xx");
  EXPECT_EQ(profile_for(" hl7800-M").name, "HL78xx");
  EXPECT_EQ(profile_for("WP7607").name, "generic");
  EXPECT_EQ(profile_for("").name, "generic");
}

}  // namespace
}  // namespace oobm::hal
