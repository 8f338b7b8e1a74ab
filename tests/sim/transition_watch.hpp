#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "agent/core/lifecycle.hpp"

namespace oobm::sim {

// From now on each row that fires in this thread is counted in `rows`.
void watch_transitions(std::map<std::size_t, std::uint64_t>& rows);

}  // namespace oobm::sim
