// How often a program takes memory: linking allocations.cpp replaces operator new by one that
// counts its calls, so that what costs no allocation can be asserted and not only measured.
#pragma once

#include <cstdint>

namespace oobm::test {

// Calls of any form of operator new since the program began. One thread only.
std::uint64_t allocations();

}  // namespace oobm::test
