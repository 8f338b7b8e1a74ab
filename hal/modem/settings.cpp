#include "hal/modem/settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace oobm::hal {
namespace {

constexpr std::size_t least_mask_digits = 20;
constexpr int bands_per_digit = 4;

struct Numbers {
  Technology technology;
  char in_order;  // +KSELACQ
  char in_bands;  // +KBNDCFG
};
constexpr std::array<Numbers, 3> numbers{
    {{Technology::lte_m, '1', '0'}, {Technology::nb_iot, '2', '1'}, {Technology::gsm, '3', '2'}}};

std::optional<Numbers> numbers_of(Technology technology) {
  const auto* found = std::ranges::find(numbers, technology, &Numbers::technology);
  return found == numbers.end() ? std::nullopt : std::optional(*found);
}

std::vector<int> sorted(std::vector<int> bands) {
  std::ranges::sort(bands);
  return bands;
}

bool has_bands(const RadioFacts& facts, const AllowedBands& wanted) {
  return std::ranges::any_of(facts.bands, [&](const AllowedBands& known) {
    return known.technology == wanted.technology && sorted(known.bands) == sorted(wanted.bands);
  });
}

std::string order_command(const std::vector<Technology>& technologies) {
  std::string text = "AT+KSELACQ=0";
  for (const auto technology : technologies)
    if (const auto known = numbers_of(technology)) text.append({',', known->in_order});
  return text;
}

}  // namespace

std::string band_mask(const std::vector<int>& bands) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::vector<unsigned> values(least_mask_digits);
  for (const int band : bands) {
    if (band < 1 || band > highest_band) continue;
    const auto digit = static_cast<std::size_t>((band - 1) / bands_per_digit);
    if (digit >= values.size()) values.resize(digit + 1);
    values[digit] |= 1U << static_cast<unsigned>((band - 1) % bands_per_digit);
  }
  std::string text;
  for (auto value = values.rbegin(); value != values.rend(); ++value) text += digits[*value];
  return text;
}

std::deque<std::string> setting_commands(const RadioSettings& wanted, const RadioFacts& facts) {
  std::deque<std::string> commands;
  if (!wanted.technologies.empty() && wanted.technologies != facts.technologies)
    commands.push_back(order_command(wanted.technologies));
  for (const auto& bands : wanted.bands) {
    const auto known = numbers_of(bands.technology);
    if (known && !has_bands(facts, bands))
      commands.push_back(std::string("AT+KBNDCFG=") + known->in_bands + "," +
                         band_mask(bands.bands));
  }
  return commands;
}

}  // namespace oobm::hal
