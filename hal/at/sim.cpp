#include "hal/at/sim.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

// PIN2 and PUK2 guard functions that the agent does not use: the card is in service.
constexpr std::array<std::pair<std::string_view, SimState>, 7> card_states{{
    {"READY", SimState::ready},
    {"SIM PIN", SimState::pin_required},
    {"SIM PUK", SimState::puk_required},
    {"SIM PIN2", SimState::ready},
    {"SIM PUK2", SimState::ready},
    {"NOT INSERTED", SimState::absent},
    {"NOT READY", SimState::busy},
}};
constexpr std::string_view personalisation_lock = "PH-";
constexpr int most_attempts = 99;

}  // namespace

std::expected<SimState, ParseError> parse_cpin(std::string_view line) {
  const auto fields = fields_of(line, "+CPIN");
  if (!fields) return std::unexpected(fields.error());
  const auto state = (*fields)[0].text;
  const auto known = std::ranges::find_if(
      card_states, [&](const auto& row) { return same_text(row.first, state); });
  if (known != card_states.end()) return known->second;
  if (starts_with_text(state, personalisation_lock)) return SimState::network_locked;
  return parse_error("SIM state", line, "is not known");
}

std::expected<PinAttempts, ParseError> parse_cpinr(std::string_view line) {
  const auto fields = fields_of(line, "+CPINR");
  if (!fields) return std::unexpected(fields.error());
  const auto code = (*fields)[0].text;
  const auto left = (*fields)[1].number();
  const bool pin = same_text(code, "SIM PIN");
  if (!pin && !same_text(code, "SIM PUK")) return parse_error("code", line, "is not known");
  if (!left || *left < 0 || *left > most_attempts)
    return parse_error("code", line, "has no number of attempts");
  return PinAttempts{pin ? SimState::pin_required : SimState::puk_required, *left};
}

std::expected<bool, ParseError> parse_clck(std::string_view line) {
  return parse_number(line, "+CLCK", 0, 1).transform([](int status) { return status == 1; });
}

std::expected<RadioPower, ParseError> parse_cfun(std::string_view line) {
  const auto fields = fields_of(line, "+CFUN");
  if (!fields) return std::unexpected(fields.error());
  switch ((*fields)[0].number().value_or(-1)) {
    case 0:
      return RadioPower::off;
    case 1:
      return RadioPower::on;
    case 4:
      return RadioPower::airplane;
    default:
      return parse_error("functional level", line, "is not known");
  }
}

}  // namespace oobm::hal::at
