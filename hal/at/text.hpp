// Text handling shared by the AT parsers. AT text is ASCII whose case, blanks and quotes vary from
// module to module (ITU-T V.250 section 5.4), so that comparisons ignore case and blanks are
// trimmed.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::hal::at {

// Longest text that a parser passes on, in characters; longer ones are cut.
inline constexpr std::size_t max_text_chars = 64;

struct ParseError {
  std::string text;  // a sentence that quotes the offending text, printable and cut
};

std::string_view trim(std::string_view text);  // blanks, tabs, CR, LF at both ends
bool same_text(std::string_view a, std::string_view b);
bool starts_with_text(std::string_view text, std::string_view prefix);
bool all_digits(std::string_view text);  // false for an empty text

// Without the quotes at both ends, also when one of them is missing, and trimmed.
std::string_view without_quotes(std::string_view text);

// Printable ASCII only (others become '?'), trimmed, at most `limit` characters.
std::string printable(std::string_view text, std::size_t limit = max_text_chars);

// `what` is the kind of text: "signal report" gives: signal report "..." <why>.
std::unexpected<ParseError> parse_error(std::string_view what, std::string_view offending,
                                        std::string_view why);

// The whole text as a number: a sign and leading zeros are allowed, anything else is not.
template <std::integral Int = int>
std::optional<Int> to_number(std::string_view text, int base = 10) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace oobm::hal::at
