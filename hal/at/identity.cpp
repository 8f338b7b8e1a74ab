#include "hal/at/identity.hpp"

#include <algorithm>
#include <array>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::string_view report_marks = "+%#!^*$";
constexpr std::array<std::string_view, 5> iccid_names{"+CCID", "%CCID", "+ICCID", "+QCCID",
                                                      "#CCID"};
constexpr std::size_t iccid_file_nibbles = 20;

// Status byte SW1 of a card command that was carried out (ETSI TS 102 221 section 10.2.1.1).
bool carried_out(int sw1) { return sw1 == 0x90 || sw1 == 0x91 || sw1 == 0x9f; }

std::string_view without_quotes(std::string_view text) {
  text = trim(text);
  while (text.starts_with('"')) text.remove_prefix(1);
  while (text.ends_with('"')) text.remove_suffix(1);
  return trim(text);
}

std::string_view without_name(std::string_view line, std::string_view name) {
  line = trim(line);
  return without_quotes(payload(line, name).value_or(line));
}

template <class T>
std::expected<T, ParseError> lift(std::expected<T, std::string> value) {
  if (value) return *std::move(value);
  return std::unexpected(ParseError{std::move(value).error()});
}

std::string swap_nibbles(std::string_view nibbles) {
  std::string digits(nibbles);
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) std::swap(digits[i], digits[i + 1]);
  std::ranges::transform(digits, digits.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return digits;
}

std::expected<core::Iccid, ParseError> iccid(std::string_view text) {
  std::string digits(text);
  std::ranges::replace(digits, 'f', 'F');
  return lift(core::Iccid::parse(digits));
}

}  // namespace

bool is_plain_answer(std::string_view line, std::string_view name) {
  line = trim(line);
  if (line.empty() || starts_with_text(line, "AT+")) return false;
  if (has_name(line, name)) return true;
  const bool report = report_marks.contains(line.front()) && line.contains(':');
  return !report;
}

std::expected<std::string, ParseError> parse_plain(std::string_view line, std::string_view name) {
  auto text = printable(without_name(line, name));
  if (text.empty()) return parse_error("answer", line, "holds no text");
  return text;
}

std::expected<core::Imei, ParseError> parse_imei(std::string_view line) {
  const auto digits = without_name(line, "+CGSN");
  if (digits.size() == 16) return lift(core::imei_from_imeisv(digits));
  return lift(core::Imei::parse(digits));
}

std::expected<Imsi, ParseError> parse_imsi(std::string_view line) {
  if (auto imsi = Imsi::parse(without_name(line, "+CIMI"))) return *imsi;
  // The text itself is not shown: it may be an IMSI with one digit too many.
  return std::unexpected(ParseError{"the answer to +CIMI is not 14 or 15 digits"});
}

std::expected<core::Iccid, ParseError> parse_iccid(std::string_view line) {
  for (const auto name : iccid_names)
    if (has_name(trim(line), name)) return iccid(without_name(line, name));
  return iccid(without_quotes(line));
}

std::expected<core::Iccid, ParseError> parse_iccid_file(std::string_view line) {
  const auto text = payload(line, "+CRSM");
  if (!text) return std::unexpected(text.error());
  const auto fields = Fields::split(*text);
  const auto sw1 = fields[0].number();
  const auto nibbles = fields[2].text;
  if (!sw1 || !carried_out(*sw1) || nibbles.empty())
    return parse_error("card answer", line, "says that the ICCID could not be read");
  if (nibbles.size() != iccid_file_nibbles)
    return parse_error("card answer", line, "does not hold 20 nibbles");
  return iccid(swap_nibbles(nibbles));
}

}  // namespace oobm::hal::at
