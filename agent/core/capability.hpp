// Rights, by state. The gate, the runner of tasks and the handling of the bearer all ask this table
// and nothing else, so a suspended router is held back in one place.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/core/lifecycle.hpp"

namespace oobm::core {

enum class Capability : std::uint8_t {
  connect,         // connect and announce
  lifecycle_task,  // register_result, entitle, deregister, trust_update, sync
  service_task,    // every other task
  heartbeat,
  telemetry,
  file_transfer,
  bearer,  // the OOBM bearer
  local_cli,
};

enum class Grant : std::uint8_t {
  no,
  yes,
  by_schedule,       // connect: on the registration schedule
  probe,             // connect: once a day and on the occasions that the schedule names
  rare_probe,        // connect: once a week
  while_connecting,  // bearer: from an attempt's begin to its session's end
  during_probe,      // bearer: for the length of a probe
  at_least,          // heartbeat: no more often than least_heartbeat
};

// `blocked` overrides the state's column.
Grant grant(Lifecycle state, bool blocked, Capability capability);

// What is left of a grant once the data allowance is used up: telemetry, files and all but the
// slowest heartbeat wait for the next period. Whatever leads back, and whatever the router can be
// managed by, stays: connecting, lifecycle tasks, service tasks and their acknowledgements.
Grant when_used_up(Grant granted, Capability capability);

// Why a service task is refused in this state; nothing where it is served.
std::optional<Reason> service_refusal(Lifecycle state, bool blocked);

enum class Uplink : std::uint8_t { oobm, main_wan };
std::string_view to_text(Uplink uplink);

struct UplinkPolicy {
  bool main_wan_for_registration = true;  // registration and suspended probes
  bool main_wan_for_service = false;      // fallback in service
};

// Whether this state's session may use this uplink now. Off means off.
bool uplink_allowed(Lifecycle state, bool blocked, Uplink uplink, const UplinkPolicy& policy);

std::string_view to_text(Capability capability);
std::string_view to_text(Grant grant);

}  // namespace oobm::core
