// Final result codes: the line that ends the answer to a command (ITU-T V.250 section 5.7.1; errors
// with a number or a text: 3GPP TS 27.007 section 9.2). Only a whole line is a result code, never
// the beginning of a longer one; letter case and blanks vary between modules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <oobm/hal/radio.hpp>

namespace oobm::hal::at {

enum class Final : std::uint8_t {
  ok,
  error,      // without a reason
  cme_error,  // mobile equipment error
  cms_error,  // message service error
  // Ends of a call; a result code only for a command that dials or hangs up.
  connect,
  no_carrier,
  busy,
  no_answer,
  no_dialtone,
};

struct ResultCode {
  Final kind = Final::ok;
  std::optional<int> number;  // of cme_error and cms_error, also when the module sent a known text
  std::string text;           // the line as received, printable

  [[nodiscard]] bool ok() const { return kind == Final::ok; }
};

// Nothing: the line is no result code.
std::optional<ResultCode> parse_result_code(std::string_view line);

// The same question without the answer; takes no memory.
bool is_result_code(std::string_view line);

constexpr bool ends_a_call(Final kind) { return kind >= Final::connect; }

// What the mobile equipment error means, in the words of 3GPP TS 27.007 section 9.2; empty: a
// vendor's own.
std::string_view cme_text(int number);

// What an error says about asking again.
enum class ErrorClass : std::uint8_t {
  transient,    // the same command may succeed later: busy, no network, time-out, unspecified
  unsupported,  // the module does not have this command: not before its firmware changes
  misused,      // the command was wrong, or not allowed in this state
  card,         // the SIM or its codes
  other,
};
ErrorClass error_class(const ResultCode& result);

// The SIM state that an error of a SIM command tells, if it does.
std::optional<SimState> sim_state_of(const ResultCode& result);

}  // namespace oobm::hal::at
