// The short answers about this router: one line for ALMS's diagnose command, and the light on the
// case for the person who stands before it.
#pragma once

#include <string>

#include "agent/core/status.hpp"
#include <oobm/hal/board.hpp>

namespace oobm::daemon {

// Layer by layer, at most 240 characters: "ACTIVE; radio home LTE-M -95 dBm; session online over
// oobm; ..."
std::string diagnosis(const core::Status& status);

// On: in service, over the OOBM link. Slow: in service, but the term is ending or has ended. Fast:
// blocked. Off: the rest.
hal::Led led_for(const core::Status& status);

}  // namespace oobm::daemon
