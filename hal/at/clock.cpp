#include "hal/at/clock.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr int max_zone_quarters = 96;
constexpr int quarter_minutes = 15;
constexpr int pivot_year = 70;  // two-digit years from here on belong to the twentieth century
constexpr int first_year = 1970;
constexpr int last_year = 2099;

// Year, month, day, hour, minute, second; each number but the last ends with its separator.
constexpr std::string_view separators = "//,::";
using Parts = std::array<int, separators.size() + 1>;

// Takes the digits at the front, one to `most` of them.
std::optional<int> take_digits(std::string_view& text, std::size_t most) {
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  if (count == 0 || count > most) return std::nullopt;
  const auto value = to_number<int>(text.substr(0, count));
  text.remove_prefix(count);
  return value;
}

std::optional<int> take_year(std::string_view& text) {
  constexpr std::size_t year_digits = 4;
  const auto before = text.size();
  const auto year = take_digits(text, year_digits);
  const auto digits = before - text.size();
  if (!year || digits == 3) return std::nullopt;
  if (digits == year_digits) return *year >= first_year && *year <= last_year ? year : std::nullopt;
  return *year < pivot_year ? 2000 + *year : 1900 + *year;
}

std::optional<Parts> take_parts(std::string_view& text) {
  constexpr std::size_t part_digits = 2;
  Parts parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = i == 0 ? take_year(text) : take_digits(text, part_digits);
    if (!part) return std::nullopt;
    parts[i] = *part;
    if (i == separators.size()) break;
    if (!text.starts_with(separators[i])) return std::nullopt;
    text.remove_prefix(1);
  }
  return parts;
}

std::optional<std::chrono::minutes> zone_offset(std::string_view zone) {
  if (!zone.starts_with('+') && !zone.starts_with('-')) return std::nullopt;
  const auto quarters = to_number<int>(zone);
  if (!quarters || *quarters < -max_zone_quarters || *quarters > max_zone_quarters)
    return std::nullopt;
  return std::chrono::minutes(quarter_minutes * *quarters);
}

std::optional<std::chrono::sys_seconds> instant_of(const Parts& parts) {
  const auto [year, month, day, hour, minute, second] = parts;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

std::expected<core::UnixTime, ParseError> parse_cclk(std::string_view line) {
  const auto found = payload(line, "+CCLK");
  if (!found) return std::unexpected(found.error());
  auto text = without_quotes(*found);
  const auto parts = take_parts(text);
  if (!parts) return parse_error("clock", line, "is not of the form yy/MM/dd,hh:mm:ss+zz");
  const auto zone = zone_offset(without_quotes(text.substr(0, text.find(','))));
  if (!zone) return parse_error("clock", line, "has no time zone in quarters of an hour");
  const auto local = instant_of(*parts);
  if (!local) return parse_error("clock", line, "names no existing date and time");
  return core::UnixTime{(local->time_since_epoch() - *zone).count()};
}

std::expected<std::chrono::minutes, ParseError> parse_time_zone(std::string_view line) {
  const auto fields = fields_of(line, has_name(trim(line), "+CTZE") ? "+CTZE" : "+CTZV");
  if (!fields) return std::unexpected(fields.error());
  const auto zone = zone_offset((*fields)[0].text);
  if (!zone) return parse_error("time zone", line, "is not in quarters of an hour");
  return *zone;
}

}  // namespace oobm::hal::at
