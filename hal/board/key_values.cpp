#include "hal/board/key_values.hpp"

#include <algorithm>
#include <array>

namespace oobm::hal {
namespace {

constexpr std::array<std::string_view, 2> repeatable{"address", "dns"};

bool key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= KeyValues::max_key_chars &&
         std::ranges::all_of(text, key_character);
}

bool is_value(std::string_view text) {
  return text.size() <= KeyValues::max_value_chars &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

std::unexpected<std::string> refuse(std::size_t line, std::string_view why) {
  return std::unexpected("line " + std::to_string(line) + " " + std::string(why));
}

}  // namespace

std::expected<KeyValues, std::string> KeyValues::parse(std::string_view output) {
  if (output.size() > max_bytes) return std::unexpected("it is longer than 8192 bytes");
  KeyValues result;
  for (std::size_t number = 1; !output.empty(); ++number) {
    if (number > max_lines) return refuse(number, "is one too many");
    const auto end = std::min(output.find('\n'), output.size());
    const auto line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (line.empty()) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return refuse(number, "is not of the form key=value");
    const auto key = line.substr(0, equals);
    const auto value = line.substr(equals + 1);
    if (!is_key(key)) return refuse(number, "has a malformed key");
    if (!is_value(value)) return refuse(number, "has a value that is too long or not printable");
    if (!std::ranges::contains(repeatable, key) && result.get(key))
      return refuse(number, "repeats the key " + std::string(key));
    result.entries_.emplace_back(key, value);
  }
  return result;
}

std::optional<std::string> KeyValues::get(std::string_view key) const {
  const auto found = std::ranges::find_if(entries_, [&](const auto& e) { return e.first == key; });
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> KeyValues::all(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : entries_)
    if (name == key) values.push_back(value);
  return values;
}

}  // namespace oobm::hal
