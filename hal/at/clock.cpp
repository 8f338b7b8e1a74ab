#include "hal/at/clock.hpp"

#include <chrono>
#include <optional>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr int max_zone_quarters = 96;
constexpr int pivot_year = 70;  // two-digit years from here on belong to the twentieth century

// "yy/MM/dd,hh:mm:ss" with the separators at their places; -1 where a digit is missing.
constexpr std::string_view clock_form = "00/00/00,00:00:00";

std::optional<int> two_digits(std::string_view text, std::size_t at) {
  const auto pair = text.substr(at, 2);
  return all_digits(pair) ? to_number<int>(pair) : std::nullopt;
}

bool has_form(std::string_view text) {
  if (text.size() < clock_form.size()) return false;
  for (std::size_t i = 0; i < clock_form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (clock_form[i] == '0' ? !digit : text[i] != clock_form[i]) return false;
  }
  return true;
}

std::optional<std::chrono::seconds> zone_offset(std::string_view zone) {
  if (!zone.starts_with('+') && !zone.starts_with('-')) return std::nullopt;
  const auto quarters = to_number<int>(zone);
  if (!quarters || *quarters < -max_zone_quarters || *quarters > max_zone_quarters)
    return std::nullopt;
  return std::chrono::minutes(15 * *quarters);
}

std::string_view without_quotes(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

std::optional<std::chrono::sys_seconds> local_time(std::string_view text) {
  const auto part = [&](std::size_t at) { return two_digits(text, at).value_or(0); };
  const int year = part(0) < pivot_year ? 2000 + part(0) : 1900 + part(0);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(part(3))),
                                         std::chrono::day(static_cast<unsigned>(part(6)))};
  if (!date.ok() || part(9) > 23 || part(12) > 59 || part(15) > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(part(9)) +
         std::chrono::minutes(part(12)) + std::chrono::seconds(part(15));
}

}  // namespace

std::expected<core::UnixTime, ParseError> parse_cclk(std::string_view line) {
  const auto found = payload(line, "+CCLK");
  if (!found) return std::unexpected(found.error());
  const auto text = without_quotes(*found);
  if (!has_form(text)) return parse_error("clock", line, "is not of the form yy/MM/dd,hh:mm:ss+zz");
  const auto zone = zone_offset(text.substr(clock_form.size()));
  if (!zone) return parse_error("clock", line, "has no time zone in quarters of an hour");
  const auto local = local_time(text);
  if (!local) return parse_error("clock", line, "names no existing date and time");
  return core::UnixTime{(local->time_since_epoch() - *zone).count()};
}

}  // namespace oobm::hal::at
