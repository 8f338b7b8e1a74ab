#include "agent/ctl/usage_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

json spent(int base) {
  return {{"payload_sent", base},
          {"payload_received", base + 1},
          {"wire_sent", base + 2},
          {"wire_received", base + 3}};
}

json usage() {
  return {{"bytes_sent", 900'000},
          {"bytes_received", 100'000},
          {"allowance_bytes", 10'000'000},
          {"percent", 10},
          {"used_up", false},
          {"period_begin", "2026-06-01T00:00:00Z"},
          {"period_end", "2026-07-01T00:00:00Z"},
          {"since", "2026-06-03T07:00:00Z"},
          {"wire_measured", true},
          {"uplinks",
           {{"oobm", {{"total", spent(100)}, {"uses", {{"dns", spent(10)}, {"other", spent(20)}}}}},
            {"main_wan", {{"total", spent(0)}, {"uses", json::object()}}}}}};
}

std::string shown(const json& value) { return render_usage(View(value)); }

TEST(UsageView, NothingKnownIsSaidAsSuch) {
  for (const auto& strange : {json::object(), json(3), json{{"uplinks", 7}, {"percent", "x"}},
                              json{{"allowance_bytes", -5}, {"bytes_sent", "many"}}}) {
    const auto text = shown(strange);
    EXPECT_THAT(text, HasSubstr("The month is not known yet"));
    EXPECT_THAT(text, HasSubstr("OOBM link"));
  }
  EXPECT_THAT(shown(json::object()), HasSubstr("No allowance is set; 0 B used."));
  EXPECT_THAT(shown(json::object()), HasSubstr("with headers estimated"));
}

TEST(UsageView, AUsedUpAllowanceSaysWhatWaits) {
  auto value = usage();
  value["used_up"] = true;
  value["percent"] = 104;
  EXPECT_THAT(shown(value), HasSubstr("104 % used (1.0 MB). Telemetry and files wait."));
}

TEST(UsageView, ShowsMonthAllowanceAndEachUse) {
  const auto text = shown(usage());
  EXPECT_THAT(text, HasSubstr("Allowance 10.0 MB: 10 % used (1.0 MB)."));
  EXPECT_THAT(text, HasSubstr("Month from 2026-06-01 until 2026-07-01 (UTC), counted since "
                              "2026-06-03T07:00:00Z"));
  EXPECT_THAT(text, HasSubstr("  DNS                           10 B        11 B        12 B"
                              "        13 B\n"));
  EXPECT_THAT(text, HasSubstr("  total                        100 B       101 B       102 B"
                              "       103 B\n"));
  EXPECT_THAT(text, Not(HasSubstr("telemetry ")));
  EXPECT_THAT(text, HasSubstr("as the OOBM interface counts it"));
}

}  // namespace
}  // namespace oobm::ctl
