// The two lists that make a command's effect happen once and its result arrive: the ledger of task
// uids and the outbox of durable messages. Both live in the state document, so that "task done" and
// "result queued" are committed together; both are bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "agent/core/state.hpp"

namespace oobm::core {

// The record of this uid, or nothing.
const TaskRecord* find_task(const State& state, std::string_view uid);

// Whether this uid's acknowledgement waits in the outbox already.
bool ack_waits(const State& state, std::string_view uid);

// Whether one more task can be taken: its result must find room in the outbox.
bool has_room_for_task(const State& state);

// Whether this service task, whose uid is not in the ledger, is too old to be told from one that
// the ledger has forgotten.
bool is_stale(const State& state, const Task& task);

// Notes that the task begins; the oldest finished record makes room. Precondition:
// has_room_for_task().
void note_started(State& state, const Task& task, const std::string& boot_id);

// Notes the result and queues the acknowledgement. An unknown uid gets a record of its own, with
// this time of issue. One that is ahead of `time.latest` by more than the agreement window was
// stamped by a clock that was wrong, and counts as that time: else one task from next year would
// make every later one stale.
void note_done(State& state, std::string_view name, Ack ack, const TimeBelief& time,
               std::uint64_t issued_ms = 0);

// Queues a message. Where the outbox is full, the oldest report that a newer one of its kind
// replaces makes room; acknowledgements are never dropped (has_room_for_task() keeps places for
// reports, and a place for each of them). True when something made room.
bool queue(State& state, DurableMessage message, std::optional<UnixTime> at);

// What is to be sent next: acknowledgements before reports, each kind in its order, and nothing
// that is in `sent` already; nothing when all is. Whoever waits for an answer waits for the
// acknowledgement, and a flood of reports must not keep it back.
const OutboxItem* next_to_send(const State& state, const std::set<std::uint64_t>& sent);

// The broker holds this message: forget it. Unknown ids are ignored.
void delivered(State& state, std::uint64_t id);

}  // namespace oobm::core
