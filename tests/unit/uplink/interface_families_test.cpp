// Which families an interface has an address of.
#include "agent/uplink/interface_families.hpp"

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

TEST(InterfaceFamilies, AnInterfaceThatDoesNotExistHasNone) {
  for (const char* name : {"", "no-such-if0", "l", "lo0000"}) {
    const auto families = interface_families(name);
    EXPECT_FALSE(families.v4) << name;
    EXPECT_FALSE(families.v6) << name;
  }
}

TEST(InterfaceFamilies, TheLoopbackHasIPv4) { EXPECT_TRUE(interface_families("lo").v4); }

}  // namespace
}  // namespace oobm::uplink
