// State of the SIM card (3GPP TS 27.007 section 8.3). Some modules quote it. A state that is not in
// the specification is an error, not "ready".
#pragma once

#include <expected>
#include <string_view>

#include "hal/at/text.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal::at {

std::expected<SimState, ParseError> parse_cpin(std::string_view line);

// +CPINR: <code>,<retries>[,<default_retries>] (section 8.65), one line for each code.
struct PinAttempts {
  SimState asked_in = SimState::pin_required;  // the state in which this code is asked for
  int left = 0;
};
// Errors: as above; a code that is of no use here (PIN2, PUK2) is "not known" too.
std::expected<PinAttempts, ParseError> parse_cpinr(std::string_view line);

// +CLCK: <status>, the answer to the question about one facility (section 7.4): locked or not.
std::expected<bool, ParseError> parse_clck(std::string_view line);

// Functional level, +CFUN (section 8.2); further fields are ignored. Levels other than 0, 1 and 4
// are errors.
std::expected<RadioPower, ParseError> parse_cfun(std::string_view line);

}  // namespace oobm::hal::at
