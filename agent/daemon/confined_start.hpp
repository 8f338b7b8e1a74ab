// From root to a user with nothing but its own files, in the order that leaves no gap: what only
// root can prepare, the monitor's plan, the user, the bounds; then, before the first byte of
// somebody else's is read, the list of system calls.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "agent/daemon/config.hpp"
#include "agent/daemon/monitor.hpp"

namespace oobm::daemon {

// Private memory that the daemon may have, in bytes; many times of what it needs
// (docs/performance.md). Where it wants more, something is wrong: it ends and is begun anew.
inline constexpr std::uint64_t memory_ceiling = 96ULL * 1024 * 1024;

// What the configuration adds to the board helper's environment, NAME=value.
std::vector<std::string> added_environment(const BoardHelperConfig& config);

// Called as root after split(), with the configuration read; `version` is this agent's. Afterwards
// this process is the configured user, and the monitor has its plan. Errors: a sentence; the
// process must end then.
std::expected<void, std::string> give_up_root(const Config& config, const std::string& version,
                                              const MonitorLink& link);

// Binds this process to the daemon's system calls. What came of it, in words for the log: "on", or
// why there is no list. Errors: a sentence.
std::expected<std::string, std::string> bind_to_calls();

}  // namespace oobm::daemon
