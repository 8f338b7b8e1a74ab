// Rule: what was ordered outlives the agent, whole or as it was before.
#include "agent/daemon/install_journal.hpp"

#include <gtest/gtest.h>

#include "tests/support/power_cut_fs.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

InstallRecord record() {
  return {.phase = InstallRecord::Phase::installing,
          .uid = "u1",
          .order = {"oobm-agent", "0.2.0", "https://files.example/x.ipk"},
          .starts = 3,
          .manifest_time = {1'790'000'000},
          .outcome = core::Reason::none,
          .detail = "",
          .floor = "0.1.0",
          .floor_time = {1'780'000'000}};
}

TEST(InstallJournal, WhatIsNoRecordIsNone) {
  for (const char* text : {"", "{}", "[]", "null", "7", R"({"phase":"dancing"})", R"({"phase":7})",
                           R"({"phase":"ended","starts":"3"})", R"({"phase":"ended","uid":[]})",
                           R"({"phase":"ended")"})
    EXPECT_EQ(install_record_from_json(text), std::nullopt) << text;
  const auto followed = to_json(record()) + std::string(1, '\0') + "rubbish";
  EXPECT_EQ(install_record_from_json(followed), std::nullopt)
      << "the parser alone would believe it";
}

TEST(InstallJournal, ARecordComesBackAsItWas) {
  EXPECT_EQ(install_record_from_json(to_json(record())), record());
  auto ended = record();
  ended.phase = InstallRecord::Phase::ended;
  ended.outcome = core::Reason::install_rolled_back;
  ended.detail = "0.2.0 was not confirmed in 3 starts";
  EXPECT_EQ(install_record_from_json(to_json(ended)), ended);
  EXPECT_EQ(install_record_from_json(to_json({})), InstallRecord{});
}

TEST(InstallJournal, AnOutcomeOfALaterAgentIsAFailure) {
  const auto read = install_record_from_json(R"({"phase":"ended","outcome":"SOMETHING_NEW"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->outcome, core::Reason::install_failed);
}

TEST(InstallJournal, IsEmptyAtFirstAndThenWhatWasSaved) {
  const TempFolder folder;
  const auto folder_path = folder / "state";
  std::filesystem::create_directory(folder_path);
  InstallJournal first(folder_path);
  EXPECT_EQ(first.load(), InstallRecord{});
  ASSERT_TRUE(first.save(record()));
  InstallJournal second(folder_path);
  EXPECT_EQ(second.load(), record());
  EXPECT_TRUE(second.remarks().empty());
}

// The power goes after the K-th call that changes the medium, for every K.
TEST(InstallJournal, APowerCutLeavesTheRecordFromBeforeOrTheNewOne) {
  const TempFolder folder;
  auto later = record();
  later.phase = InstallRecord::Phase::ended;
  store::PowerCutFs whole;
  InstallJournal journal(folder / "state", whole);
  ASSERT_TRUE(journal.save(record()));
  const auto before = whole.seen();
  std::size_t cuts = 0;
  for (bool more = true; more; ++cuts) {
    store::PowerCutFs disk(before);
    disk.fail_at(cuts, true);
    InstallJournal writing(folder / "state", disk);
    EXPECT_EQ(writing.load(), record());
    more = !writing.save(later);
    for (const auto& image : disk.after_power_cut()) {
      store::PowerCutFs left(image);
      const auto found = InstallJournal(folder / "state", left).load();
      EXPECT_TRUE(found == record() || found == later) << "cut " << cuts;
      if (!more) {
        EXPECT_EQ(found, later);
      }
    }
  }
  EXPECT_GT(cuts, 3U) << "cuts were tried";
}

}  // namespace
}  // namespace oobm::daemon
