// Events, one line each: when, what, why.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

// "2027-03-01T10:00:00Z  suspended  LAPSED: ...", or the time since boot where no date was trusted.
// Ends with a line feed.
std::string render_event(const View& event);

}  // namespace oobm::ctl
