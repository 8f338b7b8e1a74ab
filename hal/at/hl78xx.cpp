#include "hal/at/hl78xx.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::size_t longest_mask = 64;  // hexadecimal digits
constexpr int bits_of_digit = 4;
constexpr int highest_rat = 3;
constexpr int highest_carrier = 99;

// By number, from +KSUP's reference.
constexpr std::array start_states{StartState::ready,         StartState::access_code_wanted,
                                  StartState::sim_absent,    StartState::sim_locked,
                                  StartState::unrecoverable, StartState::unknown,
                                  StartState::sim_inactive};

// +KSELACQ numbers technologies otherwise than +KSRAT.
constexpr std::array<std::pair<int, Technology>, 3> acquisition_numbers{
    {{1, Technology::lte_m}, {2, Technology::nb_iot}, {3, Technology::gsm}}};

void add_bands(std::vector<int>& bands, int digit, int lowest_band) {
  for (int bit = 0; bit < bits_of_digit; ++bit)
    if (digit >> bit & 1) bands.push_back(lowest_band + bit);
}

// From the lowest digit, at the end of the text. Nothing: not a mask.
std::optional<std::vector<int>> bands_of(std::string_view mask) {
  if (mask.empty() || mask.size() > longest_mask) return std::nullopt;
  std::vector<int> bands;
  for (int lowest_band = 1; !mask.empty(); lowest_band += bits_of_digit) {
    const auto digit = to_number<int>(mask.substr(mask.size() - 1), 16);
    if (!digit) return std::nullopt;
    add_bands(bands, *digit, lowest_band);
    mask.remove_suffix(1);
  }
  return bands;
}

std::expected<Bands, ParseError> parse_bands(std::string_view line, std::string_view name) {
  const auto rat = parse_number(line, name, 0, highest_rat);
  if (!rat) return std::unexpected(rat.error());
  auto bands = bands_of(fields_of(line, name).value_or(Fields{})[1].text);
  if (!bands) return parse_error("bands", line, "are not a hexadecimal number of 1 to 64 digits");
  return Bands{*rat, *std::move(bands)};
}

std::optional<Technology> acquired(std::optional<int> number) {
  const auto* found = std::ranges::find_if(acquisition_numbers,
                                           [&](const auto& row) { return number == row.first; });
  if (found == acquisition_numbers.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::expected<StartState, ParseError> parse_ksup(std::string_view line) {
  constexpr int last = static_cast<int>(start_states.size()) - 1;
  return parse_number(line, "+KSUP", 0, last).transform([](int state) {
    return start_states[static_cast<std::size_t>(state)];
  });
}

std::optional<Technology> technology_of_rat(int rat) {
  switch (rat) {
    case 0:
      return Technology::lte_m;
    case 1:
    case 3:
      return Technology::nb_iot;
    case 2:
      return Technology::gsm;
    default:
      return std::nullopt;
  }
}

std::expected<Bands, ParseError> parse_kbnd(std::string_view line) {
  return parse_bands(line, "+KBND");
}

std::expected<Bands, ParseError> parse_kbndcfg(std::string_view line) {
  return parse_bands(line, "+KBNDCFG");
}

std::expected<int, ParseError> parse_ksrat(std::string_view line) {
  return parse_number(line, "+KSRAT", 0, highest_rat);
}

std::expected<std::vector<Technology>, ParseError> parse_kselacq(std::string_view line) {
  const auto fields = fields_of(line, "+KSELACQ");
  if (!fields) return std::unexpected(fields.error());
  if (!(*fields)[0].number())
    return parse_error("acquisition order", line, "does not begin with a number");
  std::vector<Technology> order;
  for (std::size_t i = 1; i < fields->size(); ++i)
    if (const auto technology = acquired((*fields)[i].number())) order.push_back(*technology);
  return order;
}

std::expected<int, ParseError> parse_kcarriercfg(std::string_view line) {
  return parse_number(line, "+KCARRIERCFG", 0, highest_carrier);
}

}  // namespace oobm::hal::at
