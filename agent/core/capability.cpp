#include "agent/core/capability.hpp"

#include <array>

namespace oobm::core {
namespace {

// clang-format off
constexpr std::size_t blocked_column = 7;
using enum Grant;
// Columns:   Unregistered      Inventory         Activating  Active  Grace  Suspended     Retired       Blocked
constexpr std::array<std::array<Grant, 8>, 8> grants{{
    /* connect        */ {by_schedule,      by_schedule,      yes, yes, yes, probe,        rare_probe,   no},
    /* lifecycle_task */ {yes,              yes,              yes, yes, yes, yes,          yes,          no},
    /* service_task   */ {no,               no,               no,  yes, yes, no,           no,           no},
    /* heartbeat      */ {no,               yes,              yes, yes, yes, no,           no,           no},
    /* telemetry      */ {no,               no,               no,  yes, yes, no,           no,           no},
    /* file_transfer  */ {no,               no,               no,  yes, yes, no,           no,           no},
    /* bearer         */ {while_connecting, while_connecting, yes, yes, yes, during_probe, during_probe, no},
    /* local_cli      */ {yes,              yes,              yes, yes, yes, yes,          yes,          yes},
}};
// The same rights once the data allowance is used up: all that was granted, a heartbeat at its slowest, or nothing.
enum class Left : std::uint8_t { all, least, none };
constexpr std::array<Left, 8> left_when_used_up{
    /* connect        */ Left::all,
    /* lifecycle_task */ Left::all,
    /* service_task   */ Left::all,
    /* heartbeat      */ Left::least,
    /* telemetry      */ Left::none,
    /* file_transfer  */ Left::none,
    /* bearer         */ Left::all,
    /* local_cli      */ Left::all,
};
// What a service task is answered with where it is not served.
constexpr std::array<Reason, 8> refusals{
    Reason::unregistered, Reason::inventory, Reason::activating, Reason::none,
    Reason::none,         Reason::suspended, Reason::retired,    Reason::blocked};
// clang-format on

std::size_t column(Lifecycle state, bool blocked) {
  return blocked ? blocked_column : static_cast<std::size_t>(state);
}

constexpr std::array<std::string_view, 8> capability_names{
    "connect",   "lifecycle tasks", "service tasks", "heartbeat",
    "telemetry", "file transfer",   "OOBM bearer",   "local CLI"};
constexpr std::array<std::string_view, 8> grant_names{
    "no",        "yes", "by schedule", "probe", "rare probe", "while connecting", "during a probe",
    "once a day"};

}  // namespace

Grant grant(Lifecycle state, bool blocked, Capability capability) {
  return grants[static_cast<std::size_t>(capability)][column(state, blocked)];
}

Grant when_used_up(Grant granted, Capability capability) {
  switch (left_when_used_up[static_cast<std::size_t>(capability)]) {
    case Left::least:
      return granted == no ? no : at_least;
    case Left::none:
      return no;
    default:
      return granted;
  }
}

std::optional<Reason> service_refusal(Lifecycle state, bool blocked) {
  if (grant(state, blocked, Capability::service_task) == Grant::yes) return std::nullopt;
  return refusals[column(state, blocked)];
}

std::string_view to_text(Uplink uplink) { return uplink == Uplink::oobm ? "oobm" : "main-wan"; }
std::string_view to_text(Capability capability) {
  return capability_names[static_cast<std::size_t>(capability)];
}
std::string_view to_text(Grant value) { return grant_names[static_cast<std::size_t>(value)]; }

bool uplink_allowed(Lifecycle state, bool blocked, Uplink uplink, const UplinkPolicy& policy) {
  if (grant(state, blocked, Capability::connect) == Grant::no) return false;
  if (uplink == Uplink::oobm) return true;
  const bool in_service = grant(state, blocked, Capability::service_task) == Grant::yes;
  return in_service ? policy.main_wan_for_service : policy.main_wan_for_registration;
}

}  // namespace oobm::core
