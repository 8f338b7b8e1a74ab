// Every output of the core. Effects are carried out in order; Persist completes before any effect
// that follows it in the same step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/event.hpp"

namespace oobm::core {

struct Persist {};  // commit Agent::state()
struct BearerUp {};
struct BearerDown {};
struct CycleRadio {};  // radio off and on: a subscription was just activated
struct Connect {
  std::string instance;
  Uplink uplink = Uplink::oobm;
  // Drop what the broker kept for this router: it holds a packet that cannot be taken, and would
  // send it at every connect for ever. ALMS says again what counts when it is asked.
  bool fresh_session = false;
};
struct Disconnect {};
// Publish over the open session. Durable messages bear their outbox id and are answered by
// Published; others have id 0 and may be lost.
struct Publish {
  std::uint64_t id = 0;
  Outgoing outgoing;
};
struct ArmTimer {
  TimerId id;
  BootTime at;
};  // replaces an earlier one of the same id
struct CancelTimer {
  TimerId id;
};
struct RunTask {
  std::string uid;
  TaskBody body;
};  // answered by TaskFinished
// PUBACK of the task message may leave now: what it asked for is stored.
struct ReleaseTask {
  std::string uid;
};
struct TrustChanged {};  // Agent::state().trust is newer: use its keys from now on
// What became of a statement that a person brought: nothing where it counts from now on.
struct StatementJudged {
  std::optional<Refusal> refusal;
};
// Something that a person may want to see: event log, LED. `event` is a stable name in snake_case.
struct Notify {
  std::string event;
  Reason reason = Reason::none;
  std::string text;
};

using Effect =
    std::variant<Persist, BearerUp, BearerDown, CycleRadio, Connect, Disconnect, Publish, ArmTimer,
                 CancelTimer, RunTask, ReleaseTask, TrustChanged, StatementJudged, Notify>;
using Effects = std::vector<Effect>;

}  // namespace oobm::core
