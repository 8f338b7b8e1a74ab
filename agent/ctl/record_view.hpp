// The request for an entitlement, as a person can read it out, write it down or send it on: it is
// the one thing that must reach ALMS when no link of the router does.
#pragma once

#include <string>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

std::string render_request(const View& request);

}  // namespace oobm::ctl
