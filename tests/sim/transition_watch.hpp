#pragma once

#include <cstddef>
#include <set>

#include "agent/core/lifecycle.hpp"

namespace oobm::sim {

// From now on each row that fires in this thread is put into `rows`.
void watch_transitions(std::set<std::size_t>& rows);

}  // namespace oobm::sim
