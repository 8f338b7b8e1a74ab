// One screen that answers a technician's question: the verdict, why, what to do next, and then
// everything that speaks for it, layer by layer.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

// Ends with a line feed. `status` is the object of docs/cli.md.
std::string render_status(const View& status);

}  // namespace oobm::ctl
