#include "hal/at/power_saving.hpp"

#include <algorithm>
#include <array>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t timer_bits = 8;
constexpr unsigned value_bits = 5;
constexpr unsigned unit_count = 8;

// The length of one step by the three bits of unit; zero: deactivated. What is not in the
// specification counts as the one minute or one hour that it says to assume.
using Units = std::array<std::chrono::seconds, unit_count>;
constexpr Units active_time_units{2s, 1min, 6min, 1min, 1min, 1min, 1min, 0s};
constexpr Units periodic_update_units{10min, 1h, 10h, 2s, 30s, 1min, 320h, 0s};

std::expected<NetworkTimer, ParseError> parse_timer(std::string_view bits, const Units& units) {
  const auto binary = [](char c) { return c == '0' || c == '1'; };
  const auto value = to_number<unsigned>(bits, 2);
  if (bits.size() != timer_bits || !std::ranges::all_of(bits, binary) || !value)
    return parse_error("timer", bits, "is not eight binary digits");
  const auto unit = units[*value >> value_bits];
  if (unit == 0s) return NetworkTimer{};
  return NetworkTimer{unit * static_cast<int>(*value & ((1U << value_bits) - 1))};
}

}  // namespace

std::expected<NetworkTimer, ParseError> parse_active_time(std::string_view bits) {
  return parse_timer(bits, active_time_units);
}

std::expected<NetworkTimer, ParseError> parse_periodic_update(std::string_view bits) {
  return parse_timer(bits, periodic_update_units);
}

std::expected<PowerSavingWish, ParseError> parse_cpsms(std::string_view line) {
  const auto mode = parse_number(line, "+CPSMS", 0, 1);
  if (!mode) return std::unexpected(mode.error());
  const auto fields = fields_of(line, "+CPSMS").value_or(Fields{});
  PowerSavingWish wish{.wanted = *mode == 1, .periodic_update = {}, .active_time = {}};
  if (const auto timer = parse_periodic_update(fields[3].text)) wish.periodic_update = *timer;
  if (const auto timer = parse_active_time(fields[4].text)) wish.active_time = *timer;
  return wish;
}

}  // namespace oobm::hal::at
