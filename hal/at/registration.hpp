// Registration in the evolved packet system (3GPP TS 27.007 section 10.1.22). The answer to
// AT+CEREG? and the unsolicited report share a name but not a form:
//
//   answer: +CEREG: <n>,<stat>[,<tac>,<ci>,<AcT>[,<cause_type>,<reject_cause>[,<Active-Time>,
//           <Periodic-TAU>]]]
//   report: the same without <n>
//
// "+CEREG: 5,2" is the answer "searching", "+CEREG: 5,"002F",..." the report "roaming". The second
// field tells: in an answer it is an unquoted number of one or two digits, in a report a quoted or
// unquoted hexadecimal area code, or nothing. Where both would fit, a third field too long for an
// area code is a report's cell. Only +CEREG is read: the circuit-switched +CREG says
// "denied" on data-only subscriptions that work.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "hal/at/power_saving.hpp"
#include "hal/at/text.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal::at {

enum class RegistrationForm : std::uint8_t { answer, report };

struct RegistrationReport {
  std::optional<int> n;  // of an answer: how much the module reports by itself
  Registration status = Registration::unknown;
  std::optional<std::uint32_t> tac;
  std::optional<std::uint32_t> cell_id;
  std::optional<Technology> technology;
  std::optional<int> cause_type;  // 0: EMM cause, 1: the vendor's own
  std::optional<int> cause;
  std::optional<NetworkTimer> active_time;      // granted; nothing: not told
  std::optional<NetworkTimer> periodic_update;  // likewise
};

// Which of the two forms a "+CEREG:" line has (or "+CREG:", "+CGREG:", whose forms are the same).
// `configured_n` is what was set with AT+CEREG=<n>, when known: an answer with another n (the
// module has lost its settings) is believed only where its other fields cannot be a report's.
// Nothing: no such line, or neither form.
std::optional<RegistrationForm> registration_form(std::string_view line,
                                                  std::optional<int> configured_n);

std::expected<RegistrationReport, ParseError> parse_registration(std::string_view line,
                                                                 RegistrationForm form);

// <AcT> (section 7.3). The specification's 8, extended-coverage GSM, was never built; Quectel's
// BG95 and Telit's ME910 say 8 for LTE-M (their AT command manuals, +COPS).
std::optional<Technology> technology_of(int access_technology);

// +COPS? (section 7.3). Without a registration only the mode is given.
struct OperatorReport {
  int mode = 0;          // 0 automatic, 1 manual, 2 none, 4 manual then automatic
  bool numeric = false;  // the name is MCC and MNC digits
  std::string name;      // empty: none
  std::optional<Technology> technology;
};
std::expected<OperatorReport, ParseError> parse_cops(std::string_view line);

}  // namespace oobm::hal::at
