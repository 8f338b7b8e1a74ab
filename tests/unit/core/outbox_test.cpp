// Ledger and outbox: bounded, in order, and no acknowledgement is ever lost.
#include "agent/core/outbox.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/core/support/seeded_random.hpp"

namespace oobm::core {
namespace {

Task reboot(const std::string& uid) { return {.uid = uid, .body = Reboot{}}; }
Ack ack(const std::string& uid) { return {.uid = uid, .ok = true, .message = {}}; }
LifecycleReport report(Lifecycle state) { return {.state = state}; }

std::size_t acks_in(const State& state) {
  return static_cast<std::size_t>(std::ranges::count_if(
      state.outbox, [](const OutboxItem& i) { return std::holds_alternative<Ack>(i.message); }));
}

TEST(Outbox, IsBoundedWhateverIsQueued) {
  State state;
  for (int i = 0; i < 1'000; ++i) queue(state, report(Lifecycle::active), std::nullopt);
  EXPECT_EQ(state.outbox.size(), max_outbox_items);
}

TEST(Outbox, AFullOneDropsTheOldestReportOfAKindThatANewerOneReplaces) {
  State state;
  queue(state, ActivationReport{.proven = true}, std::nullopt);
  for (std::size_t i = 1; i < max_outbox_items; ++i)
    queue(state, report(Lifecycle::grace), std::nullopt);
  queue(state, report(Lifecycle::suspended), std::nullopt);
  EXPECT_EQ(state.outbox.size(), max_outbox_items);
  EXPECT_TRUE(std::holds_alternative<ActivationReport>(state.outbox.front().message));
  EXPECT_EQ(std::get<LifecycleReport>(state.outbox.back().message).state, Lifecycle::suspended);
}

TEST(Outbox, ReportsMakeRoomForAcknowledgementsAndNeverTheOtherWayRound) {
  State state;
  for (int i = 0; i < 40; ++i) note_done(state, "read", ack("t" + std::to_string(i)), TimeBelief{});
  for (int i = 0; i < 200; ++i) queue(state, report(Lifecycle::active), std::nullopt);
  EXPECT_EQ(acks_in(state), 40U);
}

TEST(Outbox, KeepsTheOrderOfQueueing) {
  State state;
  for (int i = 0; i < 10; ++i) queue(state, ack("t" + std::to_string(i)), std::nullopt);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(std::get<Ack>(state.outbox[i].message).uid, "t" + std::to_string(i));
    EXPECT_EQ(state.outbox[i].id, i + 1);
  }
}

TEST(Outbox, AnIdIsNeverUsedTwice) {
  State state;
  queue(state, ack("a"), std::nullopt);
  delivered(state, 1);
  queue(state, ack("b"), std::nullopt);
  EXPECT_EQ(state.outbox.front().id, 2U);
}

TEST(Outbox, ADeliveredMessageIsForgottenAndAnUnknownIdIgnored) {
  State state;
  queue(state, ack("a"), std::nullopt);
  queue(state, ack("b"), std::nullopt);
  delivered(state, 0);
  delivered(state, 99);
  EXPECT_EQ(state.outbox.size(), 2U);
  delivered(state, 1);
  ASSERT_EQ(state.outbox.size(), 1U);
  EXPECT_EQ(std::get<Ack>(state.outbox.front().message).uid, "b");
}

// A router that was long without a link, with many reports waiting, must still hear of its renewal.
TEST(Outbox, WaitingReportsDoNotKeepTasksOut) {
  State state;
  for (int i = 0; i < 200; ++i) queue(state, report(Lifecycle::active), std::nullopt);
  EXPECT_TRUE(has_room_for_task(state));
}

TEST(Outbox, EveryTaskThatIsTakenFindsRoomForItsResultAndItsReports) {
  State state;
  std::size_t taken = 0;
  while (has_room_for_task(state)) {
    note_started(state, reboot("t" + std::to_string(taken++)), "boot-1");
    for (int i = 0; i < 5; ++i) queue(state, report(Lifecycle::active), std::nullopt);
    ASSERT_LE(taken, max_outbox_items);
  }
  for (std::size_t i = 0; i < taken; ++i)
    note_done(state, "reboot", ack("t" + std::to_string(i)), TimeBelief{});
  EXPECT_EQ(acks_in(state), taken);
  EXPECT_GE(taken, 40U);
  queue(state, report(Lifecycle::suspended), std::nullopt);
  EXPECT_EQ(acks_in(state), taken) << "the last report displaces no acknowledgement";
}

TEST(Ledger, IsBoundedAndForgetsTheOldestFinishedTask) {
  State state;
  note_started(state, reboot("running"), "boot-1");
  for (int i = 0; i < 200; ++i) {
    note_done(state, "read", ack("t" + std::to_string(i)), TimeBelief{});
    state.outbox.clear();
  }
  EXPECT_EQ(state.ledger.size(), max_ledger_records);
  EXPECT_NE(find_task(state, "running"), nullptr) << "a running task is not forgotten";
  EXPECT_NE(find_task(state, "t199"), nullptr);
  EXPECT_EQ(find_task(state, "t0"), nullptr);
}

TEST(Ledger, TheResultTakesTheRecordOfItsTask) {
  State state;
  note_started(state, reboot("a"), "boot-1");
  const auto* record = find_task(state, "a");
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->status, TaskRecord::Status::started);
  EXPECT_EQ(record->name, "reboot");
  EXPECT_EQ(record->boot_id, "boot-1");
  note_done(state, "reboot", {.uid = "a", .ok = false, .message = "FAILED: x"}, TimeBelief{});
  record = find_task(state, "a");
  EXPECT_EQ(record->status, TaskRecord::Status::done);
  EXPECT_EQ(record->ack.message, "FAILED: x");
  EXPECT_EQ(state.ledger.size(), 1U);
  EXPECT_EQ(acks_in(state), 1U);
}

TEST(Ledger, AnUnknownUidIsNotFound) {
  const State state;
  EXPECT_EQ(find_task(state, ""), nullptr);
  EXPECT_EQ(find_task(state, "x"), nullptr);
}

// Whatever order of work: bounds hold and each acknowledgement of a task that was let in is queued
// exactly once.
TEST(Outbox, NothingIsLostInRandomWork) {
  test::SeededRandom random(77);
  State state;
  std::size_t next = 0;
  std::size_t finished = 0;
  std::size_t seen = 0;
  std::vector<std::string> running;
  for (int step = 0; step < 6'000; ++step) {
    switch (random.below(4)) {
      case 0:
        if (running.size() < 4 && has_room_for_task(state)) {
          running.push_back("t" + std::to_string(next++));
          note_started(state, reboot(running.back()), "b");
        }
        break;
      case 1:
        if (!running.empty()) {
          note_done(state, "reboot", ack(running.back()), TimeBelief{});
          running.pop_back();
          ++finished;
        }
        break;
      case 2:
        queue(state, report(Lifecycle::active), std::nullopt);
        break;
      default:
        if (!state.outbox.empty() && random.one_in(2)) {
          seen += std::holds_alternative<Ack>(state.outbox.front().message) ? 1U : 0U;
          delivered(state, state.outbox.front().id);
        }
    }
    ASSERT_LE(state.outbox.size(), max_outbox_items);
    ASSERT_LE(state.ledger.size(), max_ledger_records);
    ASSERT_TRUE(std::ranges::is_sorted(state.outbox, {}, &OutboxItem::id));
    for (const auto& uid : running) ASSERT_NE(find_task(state, uid), nullptr);
  }
  EXPECT_EQ(seen + acks_in(state), finished);
  EXPECT_GT(finished, 300U);
}

}  // namespace
}  // namespace oobm::core
