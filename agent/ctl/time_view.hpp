// What time the router believes it is, on what evidence, and what would make it surer. The words
// are the daemon's; here they are laid out.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

// "I believe it is ... because ... (level ...)."; the same line in the status. No line feed.
std::string time_sentence(const View& time);

// Ends with a line feed. `time` is the member of that name of the status (docs/cli.md).
std::string render_time(const View& time);

}  // namespace oobm::ctl
