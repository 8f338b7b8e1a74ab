// The system calls that the daemon makes once it has begun to read what others have written; any
// other one is somebody else's work and ends the process. It starts no program, opens no socket
// but local ones, routing and IP, makes no memory executable and signals nobody but itself.
#pragma once

#include <span>

#include "agent/confinement/call_filter.hpp"

namespace oobm::daemon {

std::span<const confinement::CallRule> daemon_calls();

}  // namespace oobm::daemon
