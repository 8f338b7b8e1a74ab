// Which access technologies and bands the owner wants the module to use. A module keeps them for
// good and takes them up only when it restarts, so they are written when they differ from what it
// has, once, and never again by this process: a module that does not keep them must not be
// restarted, and its flash memory not be written, over and over.
//
// The commands are HL78xx's: +KSELACQ (order of acquisition) and +KBNDCFG (allowed bands, as a
// hexadecimal mask in which bit n-1 is band n).
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <oobm/hal/radio_facts.hpp>

namespace oobm::hal {

struct RadioSettings {
  std::vector<Technology> technologies;  // LTE-M, NB-IoT, GSM; best first; empty: as it is
  std::vector<AllowedBands> bands;       // of a technology that is not named: as they are
  [[nodiscard]] bool empty() const { return technologies.empty() && bands.empty(); }
};

inline constexpr int highest_band = 256;

// The commands that make the module's technologies and bands the wanted ones; empty: they are.
std::deque<std::string> setting_commands(const RadioSettings& wanted, const RadioFacts& facts);

// "0000000000000000008E" for bands 2, 3, 4 and 8; at least twenty digits, as the module writes it.
std::string band_mask(const std::vector<int>& bands);

}  // namespace oobm::hal
