#include "agent/ctl/time_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json agreed() {
  return json::parse(R"json({
    "utc": "2026-11-22T10:00:00Z", "level": "agreed", "because": "two clocks agree",
    "to_raise": "an answer of ALMS", "not_before": "2026-11-01T00:00:00Z",
    "sources": {
      "modem": {"name": "network time (NITZ)", "utc": "2026-11-22T10:00:00Z", "age_ms": 60000,
                "difference_s": 0},
      "system": {"name": "system clock", "utc": "2026-11-22T10:00:02Z", "age_ms": 1000,
                 "difference_s": 2}}})json");
}

std::string shown(const json& value) { return render_time(View(value)); }

TEST(TimeView, NothingKnownIsSaidAsSuch) {
  for (const auto& strange : {json::object(), json(3), json{{"sources", 7}, {"utc", 5}},
                              json{{"sources", {{"modem", "x"}, {"system", {{"name", 1}}}}}}})
    EXPECT_THAT(shown(strange),
                HasSubstr("I believe it is unknown because unknown (level unknown)"))
        << strange;
}

TEST(TimeView, WhatAStrangerWroteSteersNoTerminal) {
  auto time = agreed();
  time["because"] = "\x1b[2J";
  time["sources"]["modem"]["name"] = "\x1b[2J";
  EXPECT_THAT(shown(time), testing::Not(HasSubstr("\x1b")));
}

TEST(TimeView, SaysWhatIsBelievedAndWhatWouldRaiseIt) {
  EXPECT_EQ(
      shown(agreed()),
      "I believe it is 2026-11-22T10:00:00Z because two clocks agree (level agreed).\n"
      "\n"
      "Sources\n"
      "  network time (NITZ)             2026-11-22T10:00:00Z, read 1 min ago, as believed\n"
      "  system clock                    2026-11-22T10:00:02Z, read 1 s ago, 2 s ahead of it\n"
      "\n"
      "Certain: not before 2026-11-01T00:00:00Z.\n"
      "To raise the level: an answer of ALMS.\n");
}

TEST(TimeView, ASourceMayBeSilentOrRefused) {
  auto time = agreed();
  auto& sources = time["sources"];
  const json refused{{"utc", "1980-01-06T00:00:00Z"},
                     {"age_ms", 5000},
                     {"because", "earlier than what is certain"}};
  sources["modem"] = {{"name", "network time (NITZ)"}, {"refused", refused}};
  sources["system"]["difference_s"] = -90;
  sources["alms"] = {{"name", "signed by ALMS"}};
  EXPECT_THAT(
      shown(time),
      HasSubstr(
          "  signed by ALMS                  silent in this boot\n"
          "  network time (NITZ)             said 1980-01-06T00:00:00Z 5 s ago, refused: earlier "
          "than what is certain\n"
          "  system clock                    2026-11-22T10:00:02Z, read 1 s ago, 1 min behind "
          "it\n"));
}

}  // namespace
}  // namespace oobm::ctl
