// The serial port to the module, for this process alone: two readers of one port each get half of
// every answer. An advisory lock keeps out processes that ask for it, exclusive mode the others.
// The line is raw, modem control lines are ignored, and closing it does not drop DTR, which would
// put some modules to sleep.
#pragma once

#include <expected>
#include <string>

#include <oobm/hal/radio.hpp>

namespace oobm::hal {

struct PortProblem {
  PortState state = PortState::absent;  // absent or busy
  std::string text;                     // a sentence for the technician
  std::string denied{};                 // the path that this user may not open; else empty
};

// An open, non-blocking, close-on-exec descriptor that the caller owns. `baud` is one of the usual
// rates from 9600 to 921600, else 115200 is taken; USB modules ignore it.
std::expected<int, PortProblem> open_serial_port(const std::string& path, int baud,
                                                 bool hardware_flow_control);

}  // namespace oobm::hal
