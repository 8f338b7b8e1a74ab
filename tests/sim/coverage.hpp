// A simulation in which something never happens says nothing about it: every fault, every act of an
// operator, every state and every row of the transition table has to come in the lives that are
// taken for a proof. What cannot come is listed with its reason.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/figures.hpp"

namespace oobm::sim {

// What never came, in words; empty: all did.
std::vector<std::string> gaps(const Figures& figures);

}  // namespace oobm::sim
