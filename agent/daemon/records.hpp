// What the daemon hands a technician to take away: the request for an entitlement that a person
// carries to ALMS, the stored state without its secrets, and the bundle for support, which is all
// that explains this router in one bounded document.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/core/state.hpp"
#include "agent/core/status.hpp"
#include "agent/daemon/event_log.hpp"
#include "agent/daemon/redaction.hpp"

namespace oobm::daemon {

inline constexpr int record_schema = 1;
// Events of the bundle, the newest.
inline constexpr std::size_t bundle_events = 128;
// Largest bundle, in bytes of JSON; where it would be larger the oldest events are left out, then
// the stored state.
inline constexpr std::size_t max_bundle_bytes = 160 * 1024;

// Precondition: the status has an identity with an IMEI, and the state a request.
std::string request_json(const core::Status& status, const core::State& state);

// What must not leave: the nonces and cards that this router knows. (An IMSI is never given out
// unmasked by the radio's facts.)
Secrets secrets_of(const core::State& state, const core::Status& status);

// As stored, without its secrets and with what its signed texts say.
std::string state_json(const core::State& state, const core::Status& status,
                       const Secrets& secrets);

struct BundleInputs {
  std::string_view version;
  std::string_view status_json;  // as status_json() makes it
  const core::State& state;
  const core::Status& status;
  const EventLog& events;
  const Secrets& secrets;
};
std::string bundle_json(const BundleInputs& inputs);

}  // namespace oobm::daemon
