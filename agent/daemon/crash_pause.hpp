// The pause before a run that follows abnormal ends in a row (exit_record.hpp). It is not silent:
// the log has a line, and whoever asks at the control socket is told what is waited for and how
// long.
#pragma once

#include <functional>
#include <string>

#include <asio/io_context.hpp>

#include "agent/core/time.hpp"
#include "agent/daemon/exit_record.hpp"
#include "agent/daemon/log.hpp"

namespace oobm::daemon {

// Returns when `pause` is over; at once where it is none. `alive` is called now and then. Without a
// control socket, which the log then says, it waits all the same. Runs `loop`, and leaves it to be
// run again.
void pause_after_crash(asio::io_context& loop, const std::string& control_socket,
                       const ExitRecord& record, core::Duration pause, const Log& log,
                       const std::function<void()>& alive);

}  // namespace oobm::daemon
