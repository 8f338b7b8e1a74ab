#include "hal/at/identity.hpp"

#include <algorithm>
#include <array>

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::array<std::string_view, 7> iccid_names{"+CCID", "%CCID", "+ICCID", "+QCCID",
                                                      "#CCID", "^SCID", "%XICCID"};
constexpr std::size_t iccid_file_nibbles = 20;

// Questions whose plain answer is a number: a line without any digit is something else, such as the
// report of a module that has just started.
constexpr std::array<std::string_view, 2> number_names{"+CGSN", "+CIMI"};
constexpr std::size_t longest_serial_number = 32;  // characters

// Status byte SW1 of a card command that was carried out (ETSI TS 102 221 section 10.2.1.1).
bool carried_out(int sw1) { return sw1 == 0x90 || sw1 == 0x91 || sw1 == 0x9f; }

bool letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
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
  return digits;
}

std::expected<core::Iccid, ParseError> iccid(std::string_view text) {
  std::string digits(text);
  std::ranges::transform(digits, digits.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return lift(core::Iccid::parse(digits));
}

}  // namespace

bool is_plain_answer(std::string_view line, std::string_view name) {
  line = trim(line);
  if (line.empty() || starts_with_text(line, "AT+")) return false;
  if (has_name(line, name)) return true;
  if (is_name_mark(line.front())) return false;
  const bool is_number = std::ranges::contains(number_names, name);
  return !is_number || std::ranges::any_of(line, [](char c) { return c >= '0' && c <= '9'; });
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

std::expected<std::string, ParseError> parse_kgsn(std::string_view line) {
  const auto fields = fields_of(line, "+KGSN");
  if (!fields) return std::unexpected(fields.error());
  const auto text = (*fields)[0].text;
  const bool fits = !text.empty() && text.size() <= longest_serial_number;
  if (!fits || !std::ranges::all_of(text, letter_or_digit))
    return parse_error("module serial number", line, "is not 1 to 32 letters and digits");
  return std::string(text);
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
  const auto fields = fields_of(line, "+CRSM");
  if (!fields) return std::unexpected(fields.error());
  const auto sw1 = (*fields)[0].number();
  const auto nibbles = (*fields)[2].text;
  if (!sw1 || !carried_out(*sw1) || nibbles.empty())
    return parse_error("card answer", line, "says that the ICCID could not be read");
  if (nibbles.size() != iccid_file_nibbles)
    return parse_error("card answer", line, "does not hold 20 nibbles");
  return iccid(swap_nibbles(nibbles));
}

}  // namespace oobm::hal::at
