#include "agent/alms/words.hpp"

#include <algorithm>
#include <cstdint>

namespace oobm::alms {
namespace {

unsigned char byte(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_continuation(unsigned char c) { return (c & 0xc0U) == 0x80U; }

// Length of the control character that begins at `at`; 0 when there is none. U+0080..U+009F are C2
// 80..9F in UTF-8.
std::size_t control_at(std::string_view text, std::size_t at) {
  const auto c = byte(text, at);
  if (c < 0x20 || c == 0x7f) return 1;
  const auto next = byte(text, at + 1);
  return c == 0xc2 && next >= 0x80 && next <= 0x9f ? 2 : 0;
}

}  // namespace

bool is_printable(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size(); ++at)
    if (control_at(utf8, at) != 0) return false;
  return true;
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view cut(std::string_view utf8, std::size_t most) {
  if (utf8.size() <= most) return utf8;
  while (most > 0 && is_continuation(byte(utf8, most))) --most;
  return utf8.substr(0, most);
}

std::string clean(std::string_view utf8, std::size_t most) {
  std::string result(cut(utf8, most));
  for (std::size_t at = 0; at < result.size(); ++at)
    if (const auto length = control_at(result, at); length != 0)
      result.replace(at, length, length, ' ');
  return result;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string result = "\"";
  for (char c : text.substr(0, shown)) result += c >= 0x20 && c < 0x7f ? c : '?';
  if (text.size() > shown) result += "...";
  return result += '"';
}

}  // namespace oobm::alms
