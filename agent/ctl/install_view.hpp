// The last installation that ALMS ordered: what runs, what was to run, how far it is or how it
// ended, and what to do.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

// Ends with a line feed. `install` is the answer to the request of that name (docs/cli.md).
std::string render_install(const View& install);

}  // namespace oobm::ctl
