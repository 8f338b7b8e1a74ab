// Instants for people and programs: RFC 3339 section 5.6 in UTC, to the second.
#pragma once

#include <string>

#include "agent/core/time.hpp"

namespace oobm::daemon {

// "2027-03-01T00:00:00Z". Instants outside the years 1 to 9999 are given as the nearest within.
std::string rfc3339(core::UnixTime time);

}  // namespace oobm::daemon
