// How other makers' modules talk. The dialogues are made by hand after the makers' public AT
// command manuals, each line showing a habit that differs from the next maker's; identities are
// made up.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/hal/scripted_module.hpp"

namespace oobm::hal {

// All of them are registered at home with this identity.
inline constexpr std::string_view dialect_imei = "359459090001236";
inline constexpr std::string_view dialect_iccid = "89014103211118510720";

// Quectel BG95: RDY and APP RDY, AcT 8 for LTE-M, +QCCID, registration with all power-saving
// fields.
Dialect quectel_bg95();
// Quectel EG25: ^-free reports, hexadecimal digits of a cell in upper case without leading zeros.
Dialect quectel_eg25();
// u-blox SARA-R5: context 0, +UU reports, lower-case hexadecimal, native IPv6 forms.
Dialect ublox_sara_r5();
// Telit ME910: #CCID, # reports, AcT 8.
Dialect telit_me910();
// SIMCom SIM7080: the names of +CGMI and +CGMM with underscores, "Revision:" in the firmware, a
// clock of 1980, reports without any mark.
Dialect simcom_sim7080();
// Nordic nRF91: no +CSQ, no +CTZU, the only context is 0, numeric operator.
Dialect nordic_nrf91();
// Sequans Monarch: +SYSSTART, blanks behind commas, trailing blanks.
Dialect sequans_gm02s();
// Cinterion (Telit, formerly Thales, Gemalto): ^SYSSTART, errors as text.
Dialect cinterion_exs82();
// Altair ALT1250: % reports at any moment, unquoted hexadecimal areas and cells.
Dialect altair_alt1250();
// Sierra Wireless WP: UCS2 names, name before each answer.
Dialect sierra_wp76();

std::vector<Dialect> all_dialects();

inline void PrintTo(const Dialect& dialect, std::ostream* out) { *out << dialect.name; }

}  // namespace oobm::hal
