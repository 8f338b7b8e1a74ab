// Where the month's data has gone: the allowance first, then each uplink with what its bytes were
// spent on, as said and as carried.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

// Ends with a line feed. `usage` is the member of that name of the status (docs/cli.md).
std::string render_usage(const View& usage);

}  // namespace oobm::ctl
