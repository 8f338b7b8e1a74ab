#include "agent/core/text.hpp"

namespace oobm::core {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }
bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20U) || c == 0x7f; }

}  // namespace

std::string head(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && continues_character(text[most])) --most;
  return std::string(text.substr(0, most));
}

std::string clean(std::string_view text, std::size_t most) {
  auto result = head(text, most);
  for (auto& c : result)
    if (is_control(c)) c = '?';
  return result;
}

std::string clean_ascii(std::string_view text, std::size_t most) {
  auto result = clean(text, most);
  for (auto& c : result)
    if (static_cast<unsigned char>(c) >= 0x80U) c = '?';
  return result;
}

}  // namespace oobm::core
