// The certificate by which ALMS knows this router, for people: whose, until when, and what has
// become of a new one.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

// Of oobmd's answer to "identity" (docs/cli.md). Ends with a line feed.
std::string render_identity(const View& identity);

}  // namespace oobm::ctl
