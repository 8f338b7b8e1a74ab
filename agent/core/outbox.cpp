#include "agent/core/outbox.hpp"

#include <algorithm>
#include <utility>

#include "agent/core/trusted_clock.hpp"

namespace oobm::core {
namespace {

// Places that tasks leave to reports, so that a flood of tasks cannot hide a suspension.
constexpr std::size_t places_for_reports = 8;

std::size_t running(const State& state) {
  return static_cast<std::size_t>(std::ranges::count_if(
      state.ledger, [](const TaskRecord& r) { return r.status == TaskRecord::Status::started; }));
}

void make_room_in_ledger(State& state) {
  if (state.ledger.size() < max_ledger_records) return;
  const auto done = std::ranges::find(state.ledger, TaskRecord::Status::done, &TaskRecord::status);
  const auto forgotten = done == state.ledger.end() ? state.ledger.begin() : done;
  // A lifecycle task that comes again does no harm: the order of statements sees to that.
  if (!is_lifecycle_task(forgotten->name))
    state.ledger_horizon_ms = std::max(state.ledger_horizon_ms, forgotten->issued_ms);
  state.ledger.erase(forgotten);
}

std::size_t waiting_acks(const State& state) {
  return static_cast<std::size_t>(std::ranges::count_if(
      state.outbox, [](const OutboxItem& i) { return std::holds_alternative<Ack>(i.message); }));
}

// Whether ALMS loses nothing but history when this report is dropped.
bool is_replaced(const State& state, const OutboxItem& item) {
  if (std::holds_alternative<Ack>(item.message)) return false;
  return std::ranges::any_of(state.outbox, [&](const OutboxItem& other) {
    return other.id > item.id && other.message.index() == item.message.index();
  });
}

bool make_room_in_outbox(State& state) {
  if (state.outbox.size() < max_outbox_items) return false;
  const auto found = std::ranges::find_if(
      state.outbox, [&](const OutboxItem& item) { return is_replaced(state, item); });
  state.outbox.erase(found == state.outbox.end() ? state.outbox.begin() : found);
  return true;
}

}  // namespace

const TaskRecord* find_task(const State& state, std::string_view uid) {
  const auto found = std::ranges::find(state.ledger, uid, &TaskRecord::uid);
  return found == state.ledger.end() ? nullptr : &*found;
}

bool ack_waits(const State& state, std::string_view uid) {
  return std::ranges::any_of(state.outbox, [&](const OutboxItem& item) {
    const auto* ack = std::get_if<Ack>(&item.message);
    return ack != nullptr && ack->uid == uid;
  });
}

bool has_room_for_task(const State& state) {
  return waiting_acks(state) + running(state) + places_for_reports < max_outbox_items;
}

bool is_stale(const State& state, const Task& task) {
  return state.ledger_horizon_ms != 0 && task.issued_ms <= state.ledger_horizon_ms;
}

void note_started(State& state, const Task& task, const std::string& boot_id) {
  make_room_in_ledger(state);
  state.ledger.push_back({.uid = task.uid,
                          .name = std::string(task_name(task.body)),
                          .status = TaskRecord::Status::started,
                          .boot_id = boot_id,
                          .ack = {},
                          .issued_ms = task.issued_ms});
}

void note_done(State& state, std::string_view name, Ack ack, const TimeBelief& time,
               std::uint64_t issued_ms) {
  auto record = std::ranges::find(state.ledger, ack.uid, &TaskRecord::uid);
  if (record == state.ledger.end()) {
    make_room_in_ledger(state);
    state.ledger.push_back({.uid = ack.uid,
                            .name = std::string(name),
                            .status = TaskRecord::Status::done,
                            .boot_id = {},
                            .ack = {},
                            .issued_ms = issued_ms});
    record = std::prev(state.ledger.end());
  }
  if (time.latest) {
    const auto latest =
        static_cast<std::uint64_t>((*time.latest + agreement_window).seconds) * 1000;
    record->issued_ms = std::min(record->issued_ms, latest);
  }
  record->status = TaskRecord::Status::done;
  record->ack = ack;
  queue(state, std::move(ack), told(time));
}

bool queue(State& state, DurableMessage message, std::optional<UnixTime> at) {
  const bool dropped = make_room_in_outbox(state);
  state.outbox.push_back({.id = state.next_outbox_id++, .message = std::move(message), .at = at});
  return dropped;
}

const OutboxItem* next_to_send(const State& state, const std::set<std::uint64_t>& sent) {
  const OutboxItem* report = nullptr;
  for (const auto& item : state.outbox) {
    if (sent.contains(item.id)) continue;
    if (std::holds_alternative<Ack>(item.message)) return &item;
    if (report == nullptr) report = &item;
  }
  return report;
}

void delivered(State& state, std::uint64_t id) {
  std::erase_if(state.outbox, [id](const OutboxItem& item) { return item.id == id; });
}

}  // namespace oobm::core
