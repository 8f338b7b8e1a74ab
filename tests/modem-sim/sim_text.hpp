// Small helpers for the text of commands and answers.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace oobm::modem_sim {

// The number at the beginning of the text.
inline int leading_number(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

inline std::string in_quotes(std::string_view text) {
  return std::string("\"").append(text).append("\"");
}

// The value between the n-th comma and the next, without quotes.
inline std::string argument(std::string_view list, std::size_t index) {
  for (; index > 0; --index) {
    const auto comma = list.find(',');
    if (comma == std::string_view::npos) return {};
    list.remove_prefix(comma + 1);
  }
  std::string value(list.substr(0, list.find(',')));
  std::erase(value, '"');
  return value;
}

// The first word and the rest, blanks and line ends at the end removed.
inline std::pair<std::string_view, std::string_view> first_word(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").contains(text.back())) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto blank = std::min(text.find(' '), text.size());
  auto rest = text.substr(std::min(blank + 1, text.size()));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  return {text.substr(0, blank), rest};
}

}  // namespace oobm::modem_sim
