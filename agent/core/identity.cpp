#include "agent/core/identity.hpp"

#include <algorithm>

namespace oobm::core {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_hex_upper(char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); }

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::unexpected<std::string> refuse(std::string_view what, std::string_view text,
                                    std::string_view why) {
  constexpr std::size_t shown = 40;
  std::string sentence(what);
  sentence += " \"";
  for (char c : text.substr(0, shown)) sentence += (c >= 0x20 && c < 0x7f) ? c : '?';
  if (text.size() > shown) sentence += "...";
  return std::unexpected(sentence.append("\" ").append(why));
}

bool all(std::string_view text, auto predicate) { return std::ranges::all_of(text, predicate); }

}  // namespace

char luhn_check_digit(std::string_view digits) {
  int sum = 0;
  bool doubled = true;
  for (auto it = digits.rbegin(); it != digits.rend(); ++it, doubled = !doubled) {
    int value = *it - '0';
    if (doubled) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

template <>
std::expected<Serial, std::string> Serial::parse(std::string_view raw) {
  const auto text = trim(raw);
  if (text.size() < 6 || text.size() > 32)
    return refuse("serial number", text, "must have 6 to 32 characters");
  if (!all(text, [](char c) { return is_upper(c) || is_digit(c) || c == '-'; }))
    return refuse("serial number", text, "may hold upper-case letters, digits and '-' only");
  return Serial(std::string(text));
}

template <>
std::expected<Imei, std::string> Imei::parse(std::string_view raw) {
  const auto text = trim(raw);
  if (!all(text, is_digit)) return refuse("IMEI", text, "may hold digits only");
  if (text.size() == 16) return refuse("IMEI", text, "has 16 digits: that is an IMEISV");
  if (text.size() != 15) return refuse("IMEI", text, "must have 15 digits");
  if (luhn_check_digit(text.substr(0, 14)) != text[14])
    return refuse("IMEI", text, "has a wrong check digit");
  return Imei(std::string(text));
}

template <>
std::expected<Iccid, std::string> Iccid::parse(std::string_view raw) {
  auto text = trim(raw);
  if (text.size() > 18 && text.back() == 'F') text.remove_suffix(1);
  if (text.size() < 18 || text.size() > 20)
    return refuse("ICCID", text, "must have 18 to 20 digits");
  if (!text.starts_with("89")) return refuse("ICCID", text, "must begin with 89");
  if (!all(text.substr(0, 6), is_digit) || !all(text.substr(6), is_hex_upper))
    return refuse("ICCID", text, "holds a character that is no digit");
  return Iccid(std::string(text));
}

template <>
std::expected<SkuCode, std::string> SkuCode::parse(std::string_view raw) {
  const auto text = trim(raw);
  if (text.size() < 4 || text.size() > 32)
    return refuse("SKU", text, "must have 4 to 32 characters");
  const auto allowed = [](char c) {
    return is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  if (!all(text, allowed))
    return refuse("SKU", text, "may hold upper-case letters, digits, '-', '_' and '.' only");
  return SkuCode(std::string(text));
}

std::expected<Imei, std::string> imei_from_imeisv(std::string_view raw) {
  const auto text = trim(raw);
  if (text.size() != 16 || !all(text, is_digit))
    return refuse("IMEISV", text, "must have 16 digits");
  std::string digits(text.substr(0, 14));
  digits += luhn_check_digit(digits);
  return Imei::parse(digits);
}

}  // namespace oobm::core
