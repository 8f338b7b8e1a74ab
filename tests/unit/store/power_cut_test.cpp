// The power goes after each operation in turn, and every image that the medium may then hold is
// loaded: it gives the last document that was committed or the one whose commit was under way.

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/store/slots.hpp"
#include "tests/support/power_cut_fs.hpp"

namespace oobm::store {
namespace {

struct Case {
  const char* name;
  DiskImage image;
  LoadOutcome start;    // what load() says of the image
  std::string payload;  // and gives
};

DiskImage committed(const std::vector<std::string>& payloads, int schema = 1,
                    const DiskImage& image = {}) {
  PowerCutFs files(image);
  TwoSlotStore store("/s", schema, files);
  for (const auto& payload : payloads) EXPECT_TRUE(store.commit(payload));
  return files.seen();
}

std::vector<Case> cases() {
  auto torn = committed({"p1", "p2", "p3"});
  torn["/s/state-a.json"].resize(20);
  const auto upgraded = committed({"q3"}, 2, committed({"p1", "p2"}));
  return {
      {"nothing_readable",
       {{"/s/state-a.json", "x"}, {"/s/state-b.json", "y"}},
       LoadOutcome::nothing_readable,
       ""},
      {"torn_newest", torn, LoadOutcome::fell_back, "p2"},
      {"newer_schema", upgraded, LoadOutcome::newer_schema, ""},
      {"empty", {}, LoadOutcome::empty, ""},
      {"one_slot", committed({"p1"}), LoadOutcome::loaded, "p1"},
      {"two_slots", committed({"p1", "p2"}), LoadOutcome::loaded, "p2"},
  };
}

struct Run {
  bool finished = true;  // all commits succeeded
  std::string last;      // last document that is promised; empty: that of the start
  std::string under_way;
};

// Three commits, until one fails.
Run run(PowerCutFs& files) {
  TwoSlotStore store("/s", 1, files);
  store.load();
  store.begin_anew();
  Run result;
  for (const std::string payload : {"d1", "d2", "d3"}) {
    result.under_way = payload;
    if (!store.commit(payload)) {
      result.finished = false;
      return result;
    }
    result.last = payload;
  }
  return result;
}

// Empty when the image is as promised, else what is wrong.
std::string judge(const DiskImage& image, const Case& start, const Run& run) {
  PowerCutFs files(image);
  const auto loaded = TwoSlotStore("/s", 1, files).load();
  const bool has_document =
      loaded.outcome == LoadOutcome::loaded || loaded.outcome == LoadOutcome::fell_back;
  if (has_document && loaded.payload == run.under_way) return {};
  if (!run.last.empty())
    return has_document && loaded.payload == run.last ? "" : "lost " + run.last;
  // Once the torn file is set aside, what the store fell back to is simply the newest.
  const bool fallen_back = start.start == LoadOutcome::fell_back && has_document;
  const bool as_at_start =
      (loaded.outcome == start.start || fallen_back) && loaded.payload == start.payload;
  return as_at_start ? std::string() : "start is now " + std::string(to_text(loaded.outcome));
}

// Cuts after each operation; gives the number of images judged and the first thing wrong.
std::string sweep(const Case& start, bool ignore_syncs, std::size_t& judged) {
  for (std::size_t cut = 0;; ++cut) {
    PowerCutFs files(start.image);
    if (ignore_syncs) files.ignore_syncs();
    files.fail_at(cut, true);
    const Run result = run(files);
    for (const auto& image : files.after_power_cut()) {
      ++judged;
      if (const auto wrong = judge(image, start, result); !wrong.empty())
        return "cut at operation " + std::to_string(cut) + ": " + wrong;
    }
    if (result.finished) return {};
  }
}

TEST(PowerCut, gives_the_old_document_or_the_new_one_at_every_operation) {
  for (const auto& start : cases()) {
    std::size_t judged = 0;
    EXPECT_EQ(sweep(start, false, judged), "") << start.name;
    EXPECT_GT(judged, 50u) << start.name;
  }
}

// Without syncs the same sweep must find a loss, or it would prove nothing.
TEST(PowerCut, the_sweep_notices_a_store_that_does_not_sync) {
  for (const auto& start : cases()) {
    std::size_t judged = 0;
    EXPECT_NE(sweep(start, true, judged), "") << start.name;
  }
}

// An operation that fails while the program lives on: the next commit succeeds and outnumbers
// whatever the failed one has left.
TEST(PowerCut, a_commit_after_a_failed_one_is_never_outnumbered) {
  for (const auto& start : cases()) {
    PowerCutFs probe(start.image);
    ASSERT_TRUE(run(probe).finished);
    for (std::size_t failing = 0; failing < probe.operations(); ++failing) {
      PowerCutFs files(start.image);
      files.fail_at(failing, false);
      TwoSlotStore store("/s", 1, files);
      store.load();
      store.begin_anew();
      // Setting a damaged neighbour aside may fail without failing its commit, so no count of
      // failures is expected, only that what was promised is there.
      for (const std::string payload : {"d1", "d2", "d3"})
        EXPECT_TRUE(store.commit(payload) || store.commit(payload)) << start.name;
      for (const auto& image : files.after_power_cut()) {
        PowerCutFs left(image);
        EXPECT_EQ(TwoSlotStore("/s", 1, left).load().payload, "d3") << start.name << failing;
      }
    }
  }
}

}  // namespace
}  // namespace oobm::store
