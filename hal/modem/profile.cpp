#include "hal/modem/profile.hpp"

#include <array>

#include "hal/at/text.hpp"

namespace oobm::hal {
namespace {

// The link must be reachable at any time: power saving and extended paging cycles off.
constexpr std::array<std::string_view, 3> generic_settings{"AT+CTZU=1", "AT+CPSMS=0",
                                                           "AT+CEDRXS=0"};

// Boot report on, so that a restart shows; never asleep, else the first command after a pause is
// lost.
constexpr std::array<std::string_view, 5> hl78xx_settings{"AT+KSREP=1", "AT+CTZU=1", "AT+CPSMS=0",
                                                          "AT+CEDRXS=0", "AT+KSLEEP=2"};

const std::array<Profile, 2> all_profiles{{
    {
        .name = "HL78xx",
        .model_prefix = "HL78",
        .settings = hl78xx_settings,
        .iccid_command = "AT+CCID?",
        .cell_measurement = true,
        .acquisition_settings = true,
        .band_command = "AT+KBND?",
        .lte_is_lte_m = true,
        .limits = hl78xx_limits(),
    },
    {
        .name = "generic",
        .model_prefix = "",
        .settings = generic_settings,
        .iccid_command = "",
        .cell_measurement = false,
        .acquisition_settings = false,
        .band_command = "",
        .lte_is_lte_m = false,
        .limits = {},
    },
}};

}  // namespace

const Profile& generic_profile() { return all_profiles.back(); }

const Profile& profile_for(std::string_view model) {
  for (const auto& profile : all_profiles)
    if (at::starts_with_text(at::trim(model), profile.model_prefix)) return profile;
  return generic_profile();
}

}  // namespace oobm::hal
