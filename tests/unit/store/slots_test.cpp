#include "agent/store/slots.hpp"

#include <cerrno>
#include <cstdint>
#include <format>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/store/crc32c.hpp"
#include "tests/support/power_cut_fs.hpp"

namespace oobm::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto slot_a = "/s/state-a.json";
constexpr auto slot_b = "/s/state-b.json";

Loaded load(const DiskImage& image, int schema = 1) {
  PowerCutFs files(image);
  return TwoSlotStore("/s", schema, files).load();
}

// What is on the medium after these payloads were committed one after the other.
DiskImage after_commits(const std::vector<std::string>& payloads, DiskImage image = {},
                        int schema = 1) {
  PowerCutFs files(image);
  TwoSlotStore store("/s", schema, files);
  for (const auto& payload : payloads) EXPECT_TRUE(store.commit(payload));
  return files.seen();
}

TEST(Slots, nothing_readable_is_not_an_empty_store) {
  const auto loaded = load({{slot_a, "rubbish"}, {slot_b, ""}});
  EXPECT_EQ(loaded.outcome, LoadOutcome::nothing_readable);
  EXPECT_EQ(loaded.payload, "");
  EXPECT_THAT(loaded.remarks, ElementsAre(HasSubstr("state-a.json"), HasSubstr("state-b.json")));
  EXPECT_EQ(load({}).outcome, LoadOutcome::empty);
}

TEST(Slots, every_flipped_bit_is_noticed) {
  const auto image = after_commits({R"({"n":1})"});
  const std::string whole = image.at(slot_a);
  for (std::size_t i = 0; i < whole.size() * 8; ++i) {
    std::string damaged = whole;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
    EXPECT_EQ(load({{slot_a, damaged}}).outcome, LoadOutcome::nothing_readable) << "bit " << i;
  }
}

TEST(Slots, every_cut_and_every_addition_is_noticed) {
  const std::string whole = after_commits({R"({"n":1})"}).at(slot_a);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(load({{slot_a, whole.substr(0, length)}}).outcome, LoadOutcome::nothing_readable);
  EXPECT_EQ(load({{slot_a, whole + "\n"}}).outcome, LoadOutcome::nothing_readable);
  EXPECT_EQ(load({{slot_a, whole}}).outcome, LoadOutcome::loaded);
}

TEST(Slots, a_file_beyond_the_bound_is_unreadable) {
  const auto loaded = load({{slot_a, std::string(max_document_bytes + 1, 'x')}});
  EXPECT_EQ(loaded.outcome, LoadOutcome::nothing_readable);
  EXPECT_THAT(loaded.remarks, ElementsAre(HasSubstr("File too large")));
}

// As the store would have written it; its checksum is right.
std::string document(std::uint64_t generation, const std::string& payload) {
  const auto head = R"({"format":"oobm-state","schema":1,"generation":)" +
                    std::to_string(generation) + R"(,"length":)" + std::to_string(payload.size());
  return head + R"(,"crc32c":")" + std::format("{:08x}", crc32c(payload, crc32c(head))) + "\"}\n" +
         payload + "\n";
}

TEST(Slots, a_generation_that_nobody_reaches_is_not_believed) {
  for (const auto impossible : {std::uint64_t{0}, last_generation + 1, UINT64_MAX}) {
    const auto loaded = load({{slot_a, document(impossible, "1")}, {slot_b, document(7, "2")}});
    EXPECT_EQ(loaded.outcome, LoadOutcome::fell_back) << impossible;
    EXPECT_EQ(loaded.payload, "2") << impossible;
  }
  // What is stored then counts at the next start.
  const auto image =
      after_commits({"3"}, {{slot_a, document(UINT64_MAX, "1")}, {slot_b, document(7, "2")}});
  EXPECT_EQ(load(image).payload, "3");
  EXPECT_EQ(load(image).generation, 8U);
}

TEST(Slots, nothing_is_stored_beyond_the_last_generation) {
  const DiskImage image{{slot_a, document(last_generation - 1, "1")}};
  PowerCutFs files(image);
  TwoSlotStore store("/s", 1, files);
  EXPECT_EQ(store.load().payload, "1");
  EXPECT_TRUE(store.commit("2"));
  const auto refused = store.commit("3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreCode::io);
  EXPECT_THAT(refused.error().sentence, HasSubstr("no generation is left"));
  EXPECT_EQ(load(files.seen()).payload, "2") << "what was stored is not lost";
}

TEST(Slots, damage_to_the_newest_falls_back_and_says_so) {
  auto image = after_commits({"1", "2", "3"});
  image.at(slot_a).back() = 'x';  // generation 3
  const auto loaded = load(image);
  EXPECT_EQ(loaded.outcome, LoadOutcome::fell_back);
  EXPECT_EQ(loaded.payload, "2");
  EXPECT_THAT(loaded.remarks, ElementsAre(HasSubstr("state-a.json cannot be used")));
}

TEST(Slots, damaged_files_are_kept_under_another_name) {
  const auto image = after_commits({"1", "2"}, {{slot_a, "torn a"}, {slot_b, "torn b"}});
  EXPECT_EQ(image.at("/s/state-a.json.unreadable"), "torn a");
  EXPECT_EQ(image.at("/s/state-b.json.unreadable"), "torn b");
  EXPECT_EQ(load(image).payload, "2");
}

TEST(Slots, the_first_commit_after_a_total_loss_is_loaded_without_remark) {
  const auto image = after_commits({"1"}, {{slot_a, "torn a"}, {slot_b, "torn b"}});
  EXPECT_EQ(load(image).outcome, LoadOutcome::loaded);
  EXPECT_THAT(load(image).remarks, IsEmpty());
}

TEST(Slots, a_newer_schema_is_left_intact_and_reported) {
  const auto image = after_commits({"new"}, after_commits({"old"}), 2);
  PowerCutFs files(image);
  TwoSlotStore store("/s", 1, files);
  const auto loaded = store.load();
  EXPECT_EQ(loaded.outcome, LoadOutcome::newer_schema);
  EXPECT_EQ(loaded.payload, "") << "the older agent's own document is out of date";
  EXPECT_EQ(loaded.schema, 2);
  EXPECT_THAT(loaded.remarks, ElementsAre(HasSubstr("schema 2, this one knows 1")));

  const auto refused = store.commit("x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreCode::newer_schema);
  EXPECT_EQ(files.seen(), image);
}

TEST(Slots, beginning_anew_sets_the_newer_document_aside_unchanged) {
  const auto before = after_commits({"new"}, after_commits({"old"}), 2);
  PowerCutFs files(before);
  TwoSlotStore store("/s", 1, files);
  store.load();
  store.begin_anew();
  ASSERT_TRUE(store.commit("mine"));
  EXPECT_EQ(files.seen().at(slot_b), before.at(slot_b)) << "its turn has not come";
  EXPECT_EQ(load(files.seen()).payload, "mine");
  ASSERT_TRUE(store.commit("mine too"));
  EXPECT_EQ(files.seen().at("/s/state-b.json.schema-2"), before.at(slot_b));
  EXPECT_EQ(load(files.seen()).payload, "mine too");
}

TEST(Slots, an_older_schema_is_read_and_named) {
  const auto loaded = load(after_commits({"old"}), 2);
  EXPECT_EQ(loaded.outcome, LoadOutcome::loaded);
  EXPECT_EQ(loaded.schema, 1);
}

TEST(Slots, too_large_a_document_is_refused_and_the_old_one_stays) {
  PowerCutFs files;
  TwoSlotStore store("/s", 1, files);
  ASSERT_TRUE(store.commit("kept"));
  const auto refused = store.commit(std::string(max_document_bytes, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreCode::too_large);
  EXPECT_EQ(load(files.seen()).payload, "kept");
}

TEST(Slots, an_error_names_the_file_and_the_cause) {
  PowerCutFs files;
  TwoSlotStore store("/s", 1, files);
  files.fail_at(1, false, ENOSPC);
  const auto failed = store.commit("x");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, StoreCode::io);
  EXPECT_EQ(failed.error().sentence,
            "cannot write /s/state.tmp: No space left on device (errno 28)");
}

TEST(Slots, commits_alternate_and_generations_rise) {
  PowerCutFs files;
  TwoSlotStore store("/s", 1, files);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(store.commit(std::to_string(i)));
    EXPECT_EQ(store.generation(), i);
    const auto loaded = load(files.seen());
    EXPECT_EQ(loaded.payload, std::to_string(i));
    EXPECT_EQ(loaded.generation, i);
    EXPECT_EQ(loaded.outcome, LoadOutcome::loaded);
  }
  EXPECT_THAT(files.seen(), testing::SizeIs(2)) << "no temporary file stays";
}

TEST(Slots, the_form_on_the_medium_is_the_documented_one) {
  EXPECT_EQ(after_commits({R"({"n":1})"}).at(slot_a),
            R"({"format":"oobm-state","schema":1,"generation":1,"length":7,"crc32c":")"
            "ccbc9ef1\"}\n"
            R"({"n":1})"
            "\n");
}

}  // namespace
}  // namespace oobm::store
