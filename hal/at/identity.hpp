// Who the module and its SIM say they are. Modules confuse IMEI and IMEISV, print either where the
// other was asked for, and label them as they like: fifteen digits with a right check digit are an
// IMEI, sixteen are an IMEISV from which the IMEI is computed (3GPP TS 23.003 section 6.2),
// anything else is refused. An ICCID read as a file of the card comes with its nibbles swapped
// (ETSI TS 102 221 section 13.2), and the answer is worth only as much as the card's status words.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "agent/core/identity.hpp"
#include "hal/at/text.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal::at {

// True for a line that can be the plain answer to a command such as +CGMI: nothing that begins like
// a report of another name, and for +CGSN and +CIMI something with a digit in it. `name` is the
// command's own ("+CGMR"), which some modules put in front of the answer.
bool is_plain_answer(std::string_view line, std::string_view name);

// The plain text without "<name>:" and quotes, printable. Error: nothing is left.
std::expected<std::string, ParseError> parse_plain(std::string_view line, std::string_view name);

// +CGSN (3GPP TS 27.007 section 5.4), with or without the name, quotes and <snt>.
std::expected<core::Imei, ParseError> parse_imei(std::string_view line);

// HL78xx +KGSN: the module's serial number, 1 to 32 letters and digits.
std::expected<std::string, ParseError> parse_kgsn(std::string_view line);

// +CIMI (section 5.6).
std::expected<Imsi, ParseError> parse_imsi(std::string_view line);

// "<name>: 89..." of the vendors' own commands, name being one of +CCID, %CCID, +ICCID, +QCCID,
// #CCID, ^SCID, %XICCID.
std::expected<core::Iccid, ParseError> parse_iccid(std::string_view line);

// +CRSM answer to the reading of EF_ICCID (section 8.18, ETSI TS 102 221 section 10.2.1.1).
std::expected<core::Iccid, ParseError> parse_iccid_file(std::string_view line);

}  // namespace oobm::hal::at
