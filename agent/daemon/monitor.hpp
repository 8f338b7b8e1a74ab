// A daemon that is started as root splits in two before it has read anything: the monitor stays
// root and stays small, the daemon proper becomes somebody else. The monitor does what its protocol
// lets it be asked (monitor_protocol.hpp) and watches: a daemon whose event loop no longer turns is
// killed, and however the daemon ends, the monitor ends the same way, so that the service manager,
// whose child it is, sees the truth. How a bad end came about is written down first
// (exit_record.hpp). One monitor, one daemon: the next run is a new program with new addresses.
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include <sys/types.h>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::daemon {

// The daemon says at least once a minute that its loop turns (environment_poll).
inline constexpr std::chrono::milliseconds hang_limit = std::chrono::minutes(3);

struct MonitorLink {
  uplink::UniqueFd socket;  // SOCK_SEQPACKET
  ::pid_t monitor = 0;
};

// Returns in the daemon to be, a new process in a session of its own, which still is root and is
// sent SIGTERM where the monitor is; never in the monitor. Errors: a sentence; nothing was split.
// Called by a process of one thread. `limit`: of silence, from the first moment on.
std::expected<MonitorLink, std::string> split(std::chrono::milliseconds limit = hang_limit);

}  // namespace oobm::daemon
