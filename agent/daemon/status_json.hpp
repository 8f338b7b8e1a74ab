// The status as one JSON object: the whole truth of one moment, in a stable form that scripts and
// oobmctl read alike (docs/cli.md). Reasons come with code, sentence and next step, so that no
// reader needs the table. Absent means unknown; an unknown value never looks like a known one.
// Nonces are left out: they are secrets until used. The core's own view decides; the facts of the
// hardware layer add what only people want to know.
#pragma once

#include <string>

#include "agent/core/status.hpp"
#include "agent/core/time.hpp"
#include "hal/recovery/recovery.hpp"
#include <oobm/hal/radio_facts.hpp>

namespace oobm::daemon {

// Rises when a member changes its meaning or goes; members may be added at any time.
inline constexpr int status_schema = 1;

// True when the router gives the service that was paid for: lifecycle in service, not blocked, and
// the session open over the OOBM link, and ALMS's certificate judged by trusted time. Anything less
// is not to be called in service.
bool in_service(const core::Status& status);

// One line, no line feed. `recovery`: what was done to the radio; nullptr: not told.
std::string status_json(const core::Status& status, const hal::RadioFacts& facts,
                        core::BootTime now, const hal::RecoveryView* recovery = nullptr);

}  // namespace oobm::daemon
