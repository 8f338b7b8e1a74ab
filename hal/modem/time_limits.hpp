// How long each class of AT command may take, from sending to the final result code. Modules answer
// questions about themselves within three seconds; what involves the card, the network or flash
// memory takes longer, up to minutes. Too short a limit makes the answer of one command look like
// that of the next; too long a one hides a dead module. The values are those with which widely used
// hosts get along (ModemManager, Zephyr's HL7800 driver), and HL78xx's own where it is slower.
#pragma once

#include <span>
#include <string_view>

#include "agent/core/time.hpp"

namespace oobm::hal {

struct TimeLimit {
  std::string_view prefix;  // of the command line; the first row that fits decides
  core::Duration limit{};
};

// For a command of the agent's own that is in no table.
inline constexpr core::Duration own_limit = std::chrono::seconds(3);
// For a technician's: nobody knows what it does.
inline constexpr core::Duration raw_limit = std::chrono::seconds(40);

// HL78xx: slow to switch its radio, to take a PIN and to write its configuration.
std::span<const TimeLimit> hl78xx_limits();

// `own`, a profile's table, comes before the general one. Letter case does not matter.
core::Duration time_limit(std::span<const TimeLimit> own, std::string_view text,
                          core::Duration otherwise = own_limit);

}  // namespace oobm::hal
