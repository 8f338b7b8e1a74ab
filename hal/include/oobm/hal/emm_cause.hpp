// What a network means by its refusal, in a technician's words (EPS mobility management causes,
// 3GPP TS 24.301 section 9.9.3.9 and annex A).
#pragma once

#include <array>
#include <string_view>

namespace oobm::hal {

struct EmmCause {
  int value = 0;
  std::string_view meaning;
};

inline constexpr auto emm_causes = std::to_array<EmmCause>({
    {2, "the network does not know this SIM"},
    {3, "the network does not accept this device (illegal UE)"},
    {5, "the network does not accept this IMEI"},
    {6, "the network does not accept this module (illegal ME)"},
    {7, "the subscription has no LTE data service; it may be dormant, or lack LTE-M or NB-IoT"},
    {8, "the subscription has neither data nor voice service"},
    {9, "the network has lost this device's identity; the module attaches again by itself"},
    {10, "the network has detached this device; the module attaches again by itself"},
    {11, "this network does not serve the SIM; the module looks for another"},
    {12, "this area does not serve the SIM"},
    {13, "roaming is not allowed in this area"},
    {14, "this network gives the SIM no data service; the module looks for another"},
    {15, "no cell of this area serves the SIM"},
    {17, "the network has failed; the module tries again later"},
    {19, "the data session was refused; look at the APN and the subscription"},
    {22, "the network is congested; the module tries again later"},
});

// Empty: not known.
constexpr std::string_view emm_meaning(int cause) {
  for (const auto& row : emm_causes)
    if (row.value == cause) return row.meaning;
  return {};
}

}  // namespace oobm::hal
