// Settings: bounded, and a write is all or nothing.
#include "agent/core/settings.hpp"

#include <limits>

#include <gmock/gmock.h>

namespace oobm::core {
namespace {

using testing::HasSubstr;
using Written = std::map<std::string, Value>;

void expect_refused(const Written& written, const char* naming) {
  const auto outcome = write_settings({}, written);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, Reason::bad_parameter);
  EXPECT_THAT(outcome.error().detail, HasSubstr(naming));
  EXPECT_LE(outcome.error().detail.size(), 200U);
}

TEST(Settings, AnUnknownIdIsRefusedByName) {
  expect_refused({{"oobm.heartbeat", 600}}, "oobm.heartbeat");
  expect_refused({{std::string(5'000, 'x'), 600}}, "xxx");
}

TEST(Settings, OutOfBoundsIsRefusedWithTheBounds) {
  for (const auto& row : setting_rows()) {
    for (const auto value :
         {row.least - 1, row.most + 1, 0, -1, std::numeric_limits<std::int32_t>::max(),
          std::numeric_limits<std::int32_t>::min()})
      expect_refused({{std::string(row.id), value}}, std::to_string(row.least).c_str());
  }
}

TEST(Settings, AnotherTypeIsRefused) {
  for (const Value& value : {Value(true), Value(600.0), Value("600"), Value(Date{600})})
    expect_refused({{"oobm.heartbeat_period_s", value}}, "whole number");
}

TEST(Settings, OneBadValueLeavesAllAsTheyWere) {
  const auto outcome =
      write_settings({}, {{"oobm.heartbeat_period_s", 600}, {"oobm.telemetry_period_s", 1}});
  EXPECT_FALSE(outcome);
}

TEST(Settings, TheBoundsThemselvesAreAllowed) {
  for (const auto& row : setting_rows()) {
    for (const auto value : {row.least, row.most}) {
      const auto outcome = write_settings({}, {{std::string(row.id), value}});
      ASSERT_TRUE(outcome) << row.id;
      EXPECT_EQ((*outcome).*row.field, value);
    }
  }
}

TEST(Settings, WhatIsNotWrittenStays) {
  const auto outcome = write_settings({.heartbeat_period_s = 900, .telemetry_period_s = 120},
                                      {{"oobm.heartbeat_period_s", 600}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(*outcome, (Settings{.heartbeat_period_s = 600, .telemetry_period_s = 120}));
}

TEST(Settings, DefaultsAreWithinTheirOwnBounds) {
  const Settings defaults;
  for (const auto& row : setting_rows()) {
    EXPECT_GE(defaults.*row.field, row.least) << row.id;
    EXPECT_LE(defaults.*row.field, row.most) << row.id;
  }
}

TEST(Settings, ValuesNameEverySetting) {
  const auto values = setting_values({.heartbeat_period_s = 600, .telemetry_period_s = 60});
  EXPECT_EQ(values.size(), setting_rows().size());
  EXPECT_EQ(std::get<std::int32_t>(values.at("oobm.heartbeat_period_s")), 600);
  EXPECT_EQ(std::get<std::int32_t>(values.at("oobm.telemetry_period_s")), 60);
}

}  // namespace
}  // namespace oobm::core
