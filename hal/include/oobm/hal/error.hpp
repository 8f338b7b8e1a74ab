// An error of the hardware layer: a code that never changes its meaning, for programs and for
// documentation, and a sentence for the technician that says what happened, to what, and what to
// do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace oobm::hal {

enum class ErrorCode : std::uint8_t {
  helper_missing,  // the board helper does not exist or is not executable
  helper_timeout,  // the verb exceeded its time limit; the helper's whole process group was killed
  helper_failed,   // the helper ended with an error or by a signal
  helper_output,   // the helper printed something that its contract does not allow
  helper_unsupported,  // the helper says that this board has no such function
  helper_busy,         // too many verbs are waiting already
  port_absent,         // there is no such serial port (now)
  port_busy,           // another process holds the serial port
  modem_silent,        // the module does not answer
  modem_refused,       // the module answered with an error
  modem_answer,        // the module's answer makes no sense
  command_invalid,     // not one AT command on one line; never sent
  command_refused,     // an AT command that may cut the agent's own link; sent only when forced
  queue_full,          // too many requests wait already, or one has waited too long
  limit_reached,       // it was done so often that it may not be done again today
  stopped,             // the object was stopped before the request was carried out
};

// The stable name used in logs, JSON and documentation.
constexpr std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::helper_missing:
      return "HELPER_MISSING";
    case ErrorCode::helper_timeout:
      return "HELPER_TIMEOUT";
    case ErrorCode::helper_failed:
      return "HELPER_FAILED";
    case ErrorCode::helper_output:
      return "HELPER_OUTPUT";
    case ErrorCode::helper_unsupported:
      return "HELPER_UNSUPPORTED";
    case ErrorCode::helper_busy:
      return "HELPER_BUSY";
    case ErrorCode::port_absent:
      return "PORT_ABSENT";
    case ErrorCode::port_busy:
      return "PORT_BUSY";
    case ErrorCode::modem_silent:
      return "MODEM_SILENT";
    case ErrorCode::modem_refused:
      return "MODEM_REFUSED";
    case ErrorCode::modem_answer:
      return "MODEM_ANSWER";
    case ErrorCode::command_invalid:
      return "COMMAND_INVALID";
    case ErrorCode::command_refused:
      return "COMMAND_REFUSED";
    case ErrorCode::queue_full:
      return "QUEUE_FULL";
    case ErrorCode::limit_reached:
      return "LIMIT_REACHED";
    case ErrorCode::stopped:
      return "STOPPED";
  }
  return "UNKNOWN";
}

struct Error {
  ErrorCode code{};
  std::string text;  // one sentence, no line break
};

}  // namespace oobm::hal
