#include "hal/at/text.hpp"

#include <algorithm>

namespace oobm::hal::at {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool starts_with_text(std::string_view text, std::string_view prefix) {
  return same_text(text.substr(0, prefix.size()), prefix);
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_quotes(std::string_view text) {
  text = trim(text);
  while (text.starts_with('"')) text.remove_prefix(1);
  while (text.ends_with('"')) text.remove_suffix(1);
  return trim(text);
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string shown(trim(text).substr(0, limit));
  std::ranges::replace_if(shown, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return shown;
}

std::unexpected<ParseError> parse_error(std::string_view what, std::string_view offending,
                                        std::string_view why) {
  std::string sentence(what);
  sentence.append(" \"").append(printable(offending)).append("\" ").append(why);
  return std::unexpected(ParseError{std::move(sentence)});
}

}  // namespace oobm::hal::at
