// Every input of the core. An event is a fact that the daemon observed; what follows from it is
// decided in agent/core/agent.hpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "agent/core/capability.hpp"
#include "agent/core/message.hpp"
#include "agent/core/radio.hpp"
#include "agent/core/region.hpp"
#include "agent/core/task.hpp"
#include "agent/core/trusted_clock.hpp"
#include "agent/core/usage.hpp"

namespace oobm::core {

enum class TimerId : std::uint8_t {
  attempt,        // next connection attempt
  radio_wait,     // the radio had its time to register
  attempt_limit,  // an attempt's upper bound
  reply,          // the announcement's answer is late
  linger,         // end of a session that was opened by schedule
  term,           // next instant at which the term must be looked at
  renewal,        // ask for a fresh entitlement
  heartbeat,
  telemetry,
  usage,   // the billing period ends, or what was counted has to be stored
  attest,  // time was signed for this boot long ago: ask again
};
inline constexpr std::size_t timer_count = 11;
std::string_view to_text(TimerId id);

// Why a link does not carry: the layer and the code come from the uplink or the HAL.
struct LinkFault {
  Reason reason = Reason::uplink_failed;
  std::string code;      // "TLS_WRONG_HOST", "TCP_TIMEOUT", ...; empty when the reason says it all
  std::string sentence;  // for the technician
  friend bool operator==(const LinkFault&, const LinkFault&) = default;
};

struct Started {};  // the state was loaded; first event of a run
struct RegionInputsChanged {
  RegionInputs inputs;
};
struct RadioChanged {
  RadioView radio;
};
struct WanChanged {
  WanView wan;
};
struct TimeEvidence {
  TimeSource source;
  UnixTime value;
};
struct BearerUpDone {
  std::string interface;
  std::string address;
};
struct BearerFailed {
  LinkFault fault;
};
struct SessionReady {
  Uplink uplink = Uplink::oobm;
  std::string interface;
  std::string address;
  bool dates_ok = true;  // false: only certificate dates were wrong; lifecycle tasks alone
};
struct SessionClosed {
  LinkFault fault;
};  // also a connect that failed
struct TaskArrived {
  Task task;
  bool retained = false;
};
struct Unreadable {
  Refusal refusal;
};  // a task message without a usable uid
struct Published {
  std::uint64_t id = 0;
};
struct TaskFinished {
  Ack ack;
};
// What has passed this uplink since the last such event.
struct UsageCounted {
  Uplink uplink = Uplink::oobm;
  SpentByUse spent{};
};
struct TimerFired {
  TimerId id;
};
struct OperatorSync {};
// The technician wants to carry a request to ALMS: from now on Agent::state().request is there, or
// the router is blocked.
struct OperatorRequest {};
// ... and has brought a statement; answered by StatementJudged.
struct StatementCarried {
  StatementResult statement;
};
// How an earlier run ended, told once; `text` for the technician.
struct RunEndedBadly {
  ExitReport report;
  std::string text;
};
struct Stopping {};  // the daemon ends in good order; last event of a run

using Event =
    std::variant<Started, RegionInputsChanged, RadioChanged, WanChanged, TimeEvidence, BearerUpDone,
                 BearerFailed, SessionReady, SessionClosed, TaskArrived, Unreadable, Published,
                 TaskFinished, UsageCounted, TimerFired, OperatorSync, OperatorRequest,
                 StatementCarried, RunEndedBadly, Stopping>;

}  // namespace oobm::core
