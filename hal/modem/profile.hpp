// What differs between kinds of modules, as data. A profile is chosen by what the module says it
// is; a module that nobody knows gets the generic one, which keeps to 3GPP TS 27.007. A new kind of
// module is a new row here and changes nothing elsewhere.
#pragma once

#include <span>
#include <string_view>

#include "hal/modem/time_limits.hpp"

namespace oobm::hal {

struct Profile {
  std::string_view name;
  std::string_view model_prefix;  // of the answer to +CGMM; empty: fits every module

  // Sent after every restart of the module, because it forgets them. A refusal is tolerated: the
  // feature is then absent.
  std::span<const std::string_view> settings;

  std::string_view iccid_command;     // the vendor's own question; empty: the card's file is read
  bool cell_measurement = false;      // +KCELLMEAS gives RSRP and SINR
  bool acquisition_settings = false;  // +KSELACQ and +KBNDCFG choose technologies and bands
  std::string_view band_command;      // tells the band in use; empty: none does
  bool lte_is_lte_m = false;          // <AcT> 7 means LTE-M, since the module has no other LTE

  std::span<const TimeLimit> limits;  // where the module is slower than others
};

const Profile& generic_profile();

// The profile for a +CGMM answer; the generic one when no other fits.
const Profile& profile_for(std::string_view model);

}  // namespace oobm::hal
