#include "agent/daemon/event_log.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

EventRecord event(std::string name) { return {.event = std::move(name)}; }

TEST(EventLog, drops_the_oldest_and_counts_them) {
  EventLog log(3);
  for (int i = 0; i < 5; ++i) log.add(event("e" + std::to_string(i)));
  ASSERT_EQ(log.records().size(), 3u);
  EXPECT_EQ(log.records().front().event, "e2");
  EXPECT_EQ(log.records().front().sequence, 3u);
  EXPECT_EQ(log.records().back().sequence, 5u);
  EXPECT_EQ(log.dropped(), 2u);
}

TEST(EventLog, cuts_an_endless_text) {
  EventLog log;
  EXPECT_EQ(log.add({.text = std::string(10'000, 'x')}).text.size(), max_event_text_bytes);
}

TEST(EventLog, says_no_date_that_nobody_believes) {
  EventRecord record{.sequence = 9, .at = {core::Duration(61'000)}, .event = "lapsed"};
  EXPECT_EQ(to_json(record), R"({"seq":9,"at_ms":61000,"event":"lapsed"})");
  record.time = core::UnixTime{1'798'761'600};
  EXPECT_THAT(to_json(record), testing::HasSubstr(R"("time":"2027-01-01T00:00:00Z")"));
}

TEST(EventLog, a_reason_comes_with_its_sentence) {
  const auto json = to_json({.event = "suspended", .reason = core::Reason::lapsed, .text = "a\nb"});
  EXPECT_THAT(json, testing::HasSubstr(R"("code":"LAPSED")"));
  EXPECT_THAT(json, testing::HasSubstr(core::row(core::Reason::lapsed).sentence));
  EXPECT_THAT(json, testing::HasSubstr(R"("text":"a\nb")"));
}

TEST(EventLog, tells_the_listener_until_it_is_removed) {
  EventLog log;
  std::vector<std::uint64_t> heard;
  log.set_listener([&](const EventRecord& record) { heard.push_back(record.sequence); });
  log.add(event("a"));
  log.add(event("b"));
  log.set_listener({});
  log.add(event("c"));
  EXPECT_THAT(heard, testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace oobm::daemon
