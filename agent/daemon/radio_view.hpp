// From the facts of the hardware layer to what the core decides by. No judgement here: what the
// core does not need is left out, what is not known stays unknown.
#pragma once

#include "agent/core/radio.hpp"
#include "agent/core/region.hpp"
#include <oobm/hal/board.hpp>
#include <oobm/hal/radio.hpp>

namespace oobm::daemon {

core::RadioView radio_view(const hal::RadioFacts& facts);
core::WanView wan_view(const hal::WanStatus& status);
core::BoardClaim board_claim(const hal::BoardIdentity& identity);

}  // namespace oobm::daemon
