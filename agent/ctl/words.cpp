#include "agent/ctl/words.hpp"

#include <array>
#include <cmath>

namespace oobm::ctl {
namespace {

constexpr std::int64_t second = 1000;  // milliseconds
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

std::string two_units(std::string large, std::int64_t small, std::string_view unit) {
  if (small > 0) large.append(" ").append(std::to_string(small)).append(unit);
  return large;
}

}  // namespace

std::string count_words(std::int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string duration_words(std::int64_t ms) {
  if (ms < second) return std::to_string(ms < 0 ? 0 : ms) + " ms";
  if (ms < minute) return std::to_string(ms / second) + " s";
  if (ms < hour) return std::to_string(ms / minute) + " min";
  if (ms < day) return two_units(std::to_string(ms / hour) + " h", ms % hour / minute, " min");
  return two_units(count_words(ms / day, "day"), ms % day / hour, " h");
}

std::string decimal(double value) {
  const auto tenths = std::llround(value * 10);
  std::string text = tenths < 0 ? "-" : "";
  const auto magnitude = std::abs(tenths);
  text += std::to_string(magnitude / 10);
  if (magnitude % 10 != 0) text.append(".").append(std::to_string(magnitude % 10));
  return text;
}

std::string byte_words(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{" B", " kB", " MB", " GB", " TB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.95 would be shown as 1000.0 of the smaller unit.
  while (value >= 999.95 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  const auto tenths = std::llround(value * 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + std::string(units[unit]);
}

std::string_view date_of(std::string_view instant) {
  const auto mark = instant.find('T');
  return mark == std::string_view::npos ? instant : instant.substr(0, mark);
}

}  // namespace oobm::ctl
