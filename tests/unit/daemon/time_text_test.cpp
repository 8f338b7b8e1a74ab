#include "agent/daemon/time_text.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

// The expected values come from `date -u -d @N +%FT%TZ`.
TEST(TimeText, is_rfc_3339_in_utc) {
  EXPECT_EQ(rfc3339({INT64_MAX}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339({INT64_MIN}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339({-1}), "1969-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339({951'782'400}), "2000-02-29T00:00:00Z");
  EXPECT_EQ(rfc3339({1'803'859'201}), "2027-03-01T00:00:01Z");
}

}  // namespace
}  // namespace oobm::daemon
