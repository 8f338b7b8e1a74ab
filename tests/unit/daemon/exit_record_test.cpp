#include "agent/daemon/exit_record.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using namespace std::chrono_literals;
using Cause = ExitRecord::Cause;

const ExitRecord crash{.in_a_row = 3,
                       .cause = Cause::signal,
                       .number = 11,
                       .ran = 512s,
                       .boot_id = "this boot",
                       .version = "0.2.0",
                       .told = false};

TEST(ExitRecord, WhatIsNoRecordIsNone) {
  for (const char* text :
       {"", "[]", "{}", R"({"in_a_row":0,"cause":"signal","number":1,"ran_s":1,"boot_id":"b"})",
        R"({"in_a_row":1,"cause":"magic","number":1,"ran_s":1,"boot_id":"b"})",
        R"({"in_a_row":1,"cause":"hung","number":256,"ran_s":1,"boot_id":"b"})",
        R"({"in_a_row":1,"cause":"hung","number":9,"ran_s":-1,"boot_id":"b"})",
        R"({"in_a_row":1,"cause":"hung","number":9,"ran_s":1,"boot_id":7})"})
    EXPECT_FALSE(exit_record_from_json(text)) << text;
  EXPECT_FALSE(exit_record_from_json(std::string(max_exit_record_bytes + 1, ' ')));
}

TEST(ExitRecord, ReadsAsItself) {
  for (const auto cause : {Cause::status, Cause::signal, Cause::hung}) {
    auto record = crash;
    record.cause = cause;
    record.told = cause == Cause::hung;
    EXPECT_EQ(exit_record_from_json(to_json(record)), record);
  }
}

TEST(ExitRecord, PausesGrowInARowAndEndWithTheBoot) {
  auto record = crash;
  core::Duration before{0};
  for (const std::uint32_t count : {1U, 2U, 3U, 4U, 5U, 6U, 1000U}) {
    record.in_a_row = count;
    const auto pause = pause_after(record, "this boot", "0.2.0");
    EXPECT_EQ(pause == 0s, count == 1) << count;
    EXPECT_GE(pause, before) << count;
    EXPECT_LE(pause, 15min) << count;
    before = pause;
  }
  EXPECT_EQ(pause_after(record, "another boot", "0.2.0"), 0s);
}

TEST(ExitRecord, ARowIsItsVersionsAlone) {
  EXPECT_EQ(ends_of(crash, "0.2.0"), 3U);
  EXPECT_EQ(ends_of(crash, "0.1.0"), 0U);
  EXPECT_EQ(pause_after(crash, "this boot", "0.1.0"), 0s);
}

TEST(ExitRecord, ARowOfNoVersionHasEnded) {
  const auto record = exit_record_from_json(
      R"({"in_a_row":6,"cause":"signal","number":11,"ran_s":1,"boot_id":"b","told":false})");
  ASSERT_TRUE(record);
  for (const char* version : {"", "0.2.0"}) {
    EXPECT_EQ(ends_of(*record, version), 0U);
    EXPECT_EQ(pause_after(*record, "b", version), 0s);
  }
}

TEST(ExitRecord, SaysWhatHappened) {
  EXPECT_EQ(sentence(crash),
            "it was ended by signal 11 (Segmentation fault) after 512 s, the 3. time in a row");
  auto record = crash;
  record.in_a_row = 1;
  record.cause = Cause::status;
  EXPECT_EQ(sentence(record), "it ended with exit status 11 after 512 s");
  record.cause = Cause::hung;
  EXPECT_EQ(sentence(record), "it did nothing any more and was ended after 512 s");
}

TEST(ExitRecord, TellsAlmsTheCause) {
  auto record = crash;
  EXPECT_EQ(cause_text(record), "signal 11");
  record.cause = Cause::status;
  EXPECT_EQ(cause_text(record), "status 11");
  record.cause = Cause::hung;
  EXPECT_EQ(cause_text(record), "hung");
}

TEST(ExitRecord, LivesInItsFolder) {
  const TempFolder folder;
  EXPECT_FALSE(load_exit_record(folder / "."));
  ASSERT_TRUE(save_exit_record(folder / ".", crash));
  EXPECT_EQ(load_exit_record(folder / "."), crash);
  end_row(folder / ".");
  auto ended = crash;
  ended.version = "";
  EXPECT_EQ(load_exit_record(folder / "."), ended) << "what is to be told is kept";
  forget_exit_record(folder / ".");
  end_row(folder / ".");
  EXPECT_FALSE(load_exit_record(folder / "."));
  EXPECT_FALSE(save_exit_record(folder / "nowhere", crash));
}

}  // namespace
}  // namespace oobm::daemon
