// What an operator reads: tables for lists, lines for one thing; --json gives the reply itself.
#pragma once

#include <string>
#include <string_view>

#include "tests/alms-sim/jose.hpp"

namespace oobm::alms_sim {

// The reply to `verb`, ready to print; ends with a line feed unless empty.
std::string printed(std::string_view verb, const Json& result);

}  // namespace oobm::alms_sim
