// What a technician wants to know of the OOBM radio, beyond what the core decides by: module and
// port, card, cell, the last refusal with its meaning, the data context, restarts and why. Taken
// from the facts of the hardware layer as they are; what is not known is absent. The IMSI is
// masked.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "agent/core/time.hpp"
#include <oobm/hal/radio_facts.hpp>

namespace oobm::daemon {

// Adds its members to the object `radio` of the status (docs/cli.md). Ages are counted to `now`.
void add_radio_facts(nlohmann::ordered_json& radio, const hal::RadioFacts& facts,
                     core::BootTime now);

}  // namespace oobm::daemon
