// What uplinks have taught survives a restart, within its bounds, and costs the flash one write a
// day.
#include "agent/daemon/link_memory.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/daemon/courier.hpp"
#include "agent/daemon/private_folder.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using core::Keepalive;
using core::Uplink;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::int64_t day = 86'400;

class LinkMemories : public testing::Test {
 protected:
  LinkMemory memory(const std::string& boot = "boot-1") {
    return {folder / "", boot, [this] { return now; },
            [this](std::string text) { reports.push_back(std::move(text)); }};
  }
  // The generation of the newest stored document: how often was written.
  std::uint64_t writes() const {
    store::TwoSlotStore slots(folder / link_folder, link_schema);
    return slots.load().generation;
  }
  void pass(std::chrono::seconds time) {
    now.boot.since_boot += time;
    if (now.time) *now.time = *now.time + time;
  }

  TempFolder folder;
  LinkMoment now{.boot = {1h}, .time = core::UnixTime{1'800'000'000}};
  std::vector<std::string> reports;
};

TEST_F(LinkMemories, KnowNothingAtFirst) {
  const auto memory_now = memory();
  EXPECT_THAT(memory_now.addresses("na.example", Uplink::oobm), IsEmpty());
  EXPECT_EQ(memory_now.keepalive(Uplink::oobm, "apn", 900s), (Keepalive{900s, 0s}));
  EXPECT_THAT(reports, IsEmpty());
  EXPECT_EQ(writes(), 0U) << "and nothing is written";
}

TEST_F(LinkMemories, SurviveARestart) {
  {
    auto before = memory();
    before.reached("na.example", Uplink::oobm, "10.0.0.1");
    pass(24h);
    before.learn(Uplink::oobm, "apn", {600s, 900s});
  }
  const auto after = memory("boot-2");
  EXPECT_THAT(after.addresses("na.example", Uplink::oobm), ElementsAre("10.0.0.1"));
  EXPECT_EQ(after.keepalive(Uplink::oobm, "apn", 900s), (Keepalive{600s, 900s}));
  EXPECT_EQ(after.keepalive(Uplink::oobm, "other", 900s), (Keepalive{900s, 0s}));
  EXPECT_EQ(after.keepalive(Uplink::main_wan, "apn", 900s), (Keepalive{900s, 0s}));
  EXPECT_THAT(after.addresses("na.example", Uplink::main_wan), IsEmpty());
  EXPECT_THAT(after.addresses("eu.example", Uplink::oobm), IsEmpty());
  EXPECT_THAT(reports, IsEmpty());
}

TEST_F(LinkMemories, WriteOnChangeAlone) {
  auto memory_now = memory();
  for (int i = 0; i < 6; ++i) {
    memory_now.reached("na.example", Uplink::oobm, "10.0.0.1");
    memory_now.learn(Uplink::oobm, "", memory_now.keepalive(Uplink::oobm, "", 900s));
    pass(24h);
  }
  EXPECT_EQ(writes(), 2U) << "the address, and a day later the way";
  pass(24h * 2);
  memory_now.reached("na.example", Uplink::oobm, "10.0.0.1");
  EXPECT_EQ(writes(), 3U) << "that it still holds, once a week";
}

TEST_F(LinkMemories, WriteOnceADayHoweverOftenTheyChange) {
  auto memory_now = memory();
  for (int hour = 0; hour < 24 * 10; ++hour) {
    memory_now.reached("na.example", Uplink::oobm, "10.0.0." + std::to_string(hour % 7));
    pass(1h);
  }
  EXPECT_EQ(writes(), 10U);
}

TEST_F(LinkMemories, WriteOnceADayHoweverOftenTheyAreRestarted) {
  for (int hour = 0; hour < 72; ++hour) {
    auto memory_now = memory("boot-" + std::to_string(hour));
    memory_now.reached("na.example", Uplink::oobm, "10.0.0." + std::to_string(hour % 7));
    pass(1h);
    now.boot = {1min};
  }
  EXPECT_EQ(writes(), 3U);
}

TEST_F(LinkMemories, WhatWaitsIsWrittenWhenItsDayComes) {
  auto memory_now = memory();
  memory_now.reached("na.example", Uplink::oobm, "10.0.0.1");
  memory_now.reached("na.example", Uplink::oobm, "10.0.0.2");
  pass(24h - 1s);
  memory_now.save();
  EXPECT_EQ(writes(), 1U);
  pass(1s);
  memory_now.save();
  EXPECT_EQ(writes(), 2U);
  EXPECT_THAT(memory().addresses("na.example", Uplink::oobm), ElementsAre("10.0.0.2", "10.0.0.1"));
}

TEST_F(LinkMemories, AreBounded) {
  auto memory_now = memory();
  for (int i = 0; i < 20; ++i) {
    memory_now.reached("host" + std::to_string(i), Uplink::oobm, "10.0.0.1");
    memory_now.reached("host19", Uplink::main_wan, "10.0.1." + std::to_string(i));
    memory_now.learn(Uplink::oobm, "apn" + std::to_string(i), {600s, 0s});
  }
  pass(24h);
  memory_now.reached("host19", Uplink::main_wan, std::string(46, 'x'));
  memory_now.reached(std::string(254, 'h'), Uplink::oobm, "10.0.0.1");
  memory_now.save();
  const auto after = memory();
  EXPECT_THAT(after.addresses("host19", Uplink::main_wan),
              ElementsAre("10.0.1.19", "10.0.1.18", "10.0.1.17", "10.0.1.16"));
  EXPECT_THAT(after.addresses("host0", Uplink::oobm), IsEmpty()) << "the least recent one went";
  EXPECT_THAT(after.addresses("host19", Uplink::oobm), ElementsAre("10.0.0.1"));
  EXPECT_EQ(after.keepalive(Uplink::oobm, "apn19", 900s).interval, 600s);
  EXPECT_EQ(after.keepalive(Uplink::oobm, "apn0", 900s).interval, 900s);
}

TEST_F(LinkMemories, AnAddressThatWasNotSeenForLongIsNotTried) {
  auto memory_now = memory();
  memory_now.reached("na.example", Uplink::oobm, "10.0.0.1");
  pass(address_lives - 1s);
  EXPECT_THAT(memory_now.addresses("na.example", Uplink::oobm), ElementsAre("10.0.0.1"));
  pass(1s);
  EXPECT_THAT(memory_now.addresses("na.example", Uplink::oobm), IsEmpty());
  now.time.reset();
  EXPECT_THAT(memory_now.addresses("na.example", Uplink::oobm), ElementsAre("10.0.0.1"))
      << "without a trusted time nothing is too old";
}

TEST_F(LinkMemories, RubbishIsNothingAndSaidOnce) {
  store::TwoSlotStore slots(private_folder(folder / "", link_folder), link_schema);
  ASSERT_TRUE(slots.commit(R"({"boot_id":7})"));
  auto memory_now = memory();
  EXPECT_EQ(reports.size(), 1U);
  memory_now.reached("na.example", Uplink::oobm, "10.0.0.1");
  EXPECT_THAT(memory().addresses("na.example", Uplink::oobm), ElementsAre("10.0.0.1"));
}

TEST_F(LinkMemories, AMediumThatFailsIsSaidOnceAndTriedOnceADay) {
  auto memory_now = memory();
  std::filesystem::remove_all(folder / link_folder);
  for (int hour = 0; hour < 48; ++hour) {
    memory_now.reached("na.example", Uplink::oobm, "10.0.0." + std::to_string(hour % 7));
    pass(1h);
  }
  EXPECT_EQ(reports.size(), 1U);
  EXPECT_THAT(memory_now.addresses("na.example", Uplink::oobm), testing::Contains("10.0.0.5"));
}

TEST(SessionLives, OnlyAnEndWithoutAnAnswerIsALoss) {
  using enum uplink::Code;
  const uplink::SessionLife life{.was_ready = true, .silences = 3, .silent_for = 901'500ms};
  for (const auto& row : uplink::code_table()) {
    const bool lost =
        row.code == keepalive_lost || row.code == tcp_timeout || row.code == tcp_reset;
    const auto told = lived(900s, life, uplink::failure(row.code), true);
    EXPECT_EQ(told.lost, lost) << row.name;
    EXPECT_EQ(told.interval, 900s);
    EXPECT_EQ(told.silences, 3U);
    EXPECT_EQ(told.silent_at_end, 901s);
  }
  EXPECT_FALSE(lived(900s, life, uplink::failure(tcp_timeout), false).bearer_stood);
}

TEST(SessionLives, AResetThatNobodyAskedForIsNoLoss) {
  const uplink::SessionLife life{.was_ready = true, .silences = 3, .silent_for = 700s};
  EXPECT_FALSE(lived(900s, life, uplink::failure(uplink::Code::tcp_reset), true).lost);
  EXPECT_TRUE(lived(900s, life, uplink::failure(uplink::Code::tcp_timeout), true).lost);
}

TEST(LinkDocuments, RoundTrip) {
  const LinkDocument full{
      .boot_id = "b",
      .written = LinkMoment{{5ms}, core::UnixTime{7}},
      .hosts = {{"na.example", Uplink::main_wan, {{"fd00::1", {3}}, {"10.0.0.1", {0}}}}},
      .ways = {{Uplink::oobm, "apn", {450s, 600s}}}};
  EXPECT_EQ(link_from_json(to_json(full)), full);
  EXPECT_EQ(link_from_json(to_json(LinkDocument{})), LinkDocument{});
}

TEST(LinkDocuments, WhatIsNoneIsRefused) {
  for (
      const char* text :
      {"", "{", "[]", "7", R"({"hosts":[],"ways":[]})", R"({"boot_id":"b","hosts":[]})",
       R"({"boot_id":"b","hosts":{},"ways":[]})", R"({"boot_id":"b","hosts":[7],"ways":[]})",
       R"({"boot_id":"b","written_ms":"x","hosts":[],"ways":[]})",
       R"({"boot_id":"b","written_ms":-1,"hosts":[],"ways":[]})",
       R"({"boot_id":"b","written_ms":9223372036854775807,"hosts":[],"ways":[]})",
       R"({"boot_id":"b","hosts":[],"ways":[{"uplink":"dsl","apn":"","interval_s":1,"failed_s":0}]})",
       R"({"boot_id":"b","hosts":[],"ways":[{"uplink":"oobm","apn":"","interval_s":1.5,"failed_s":0}]})",
       R"({"boot_id":"b","hosts":[{"host":"h","uplink":"oobm","addresses":[{"address":7,"at":0}]}],"ways":[]})"})
    EXPECT_FALSE(link_from_json(text)) << text;
  LinkDocument many;
  many.ways.resize(max_learnt_ways + 1);
  EXPECT_FALSE(link_from_json(to_json(many)));
}

struct Due {
  const char* name;
  std::optional<LinkMoment> written;
  bool same_boot;
  LinkMoment now;
  bool due;
};

class Writing : public testing::TestWithParam<Due> {};

TEST_P(Writing, IsDueOnceADay) {
  const LinkDocument document{
      .boot_id = "boot-1", .written = GetParam().written, .hosts = {}, .ways = {}};
  EXPECT_EQ(may_write(document, GetParam().same_boot ? "boot-1" : "boot-2", GetParam().now),
            GetParam().due);
}

LinkMoment at(std::chrono::milliseconds boot, std::optional<std::int64_t> time = std::nullopt) {
  return {{boot}, time ? std::optional(core::UnixTime{*time}) : std::nullopt};
}

INSTANTIATE_TEST_SUITE_P(
    Table, Writing,
    testing::Values(Due{"never_written", std::nullopt, true, at(1s), true},
                    Due{"same_boot_soon", at(1h), true, at(24h), false},
                    Due{"same_boot_later", at(1h), true, at(25h), true},
                    Due{"same_boot_whatever_the_time", at(1h, 0), true, at(2h, 9 * day), false},
                    Due{"other_boot_soon", at(9h, day), false, at(1h, day + 5), false},
                    Due{"other_boot_later", at(9h, day), false, at(1h, 2 * day), true},
                    Due{"other_boot_time_ran_back", at(9h, day), false, at(1h, 5), true},
                    Due{"other_boot_no_time_now", at(9h, day), false, at(1h), true},
                    Due{"other_boot_no_time_then", at(9h), false, at(1h, day), true}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace oobm::daemon
