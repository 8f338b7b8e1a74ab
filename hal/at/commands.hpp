// Which lines belong to which command, and which reports modules send unasked. One command stands
// on one line: modules answer joined commands in an order of their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/at/channel.hpp"

namespace oobm::hal::at {

// A setting: the answer is a final result code alone.
Command setting(std::string text, core::Duration time_limit);

// A question answered by lines "<name>: ...".
Command question(std::string text, std::string name, core::Duration time_limit);

// A question answered by free text; `name` may stand before it.
Command plain_question(std::string text, std::string name, core::Duration time_limit);

// AT+CEREG?, AT+CREG?, AT+CGREG?: reports of the same name are kept out (registration.hpp).
Command registration_question(std::string name, std::optional<int> configured_n,
                              core::Duration time_limit);

// Reports known from 3GPP modules in general and HL78xx. Unknown ones are noise, which harms
// nobody.
std::vector<ReportName> known_reports();

// A report that modules send only when they have just started: +KSUP, RDY and the like.
bool is_boot_report(std::string_view line);

}  // namespace oobm::hal::at
