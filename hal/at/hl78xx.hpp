// What only HL78xx modules say, by their AT command reference: bands, access technologies, carrier
// configuration, and the state in which they start. Band masks are hexadecimal numbers of up to 64
// digits, bit n-1 standing for band n; they are computed, because published tables of them are
// wrong from band 25 on.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "hal/at/text.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal::at {

// State of the card as the module starts, +KSUP.
enum class StartState : std::uint8_t {
  ready,
  access_code_wanted,
  sim_absent,
  sim_locked,
  unrecoverable,
  unknown,
  sim_inactive,
};
std::expected<StartState, ParseError> parse_ksup(std::string_view line);

// The technology by its number in +KSRAT, +KBND and +KBNDCFG: 0 LTE-M, 1 NB-IoT, 2 GSM, 3 NB-IoT
// over satellites.
std::optional<Technology> technology_of_rat(int rat);

struct Bands {
  int rat = 0;             // as above
  std::vector<int> bands;  // 1..256, ascending; empty: none, the module is not registered
};

// +KBND: the band in use. +KBNDCFG: the bands allowed, one line for each technology.
std::expected<Bands, ParseError> parse_kbnd(std::string_view line);
std::expected<Bands, ParseError> parse_kbndcfg(std::string_view line);

// +KSRAT: the technology number.
std::expected<int, ParseError> parse_ksrat(std::string_view line);

// +KSELACQ: technologies in the order in which they are tried; empty: the order is not set.
std::expected<std::vector<Technology>, ParseError> parse_kselacq(std::string_view line);

// +KCARRIERCFG: number of the carrier's configuration, which also decides the context numbers.
std::expected<int, ParseError> parse_kcarriercfg(std::string_view line);

}  // namespace oobm::hal::at
