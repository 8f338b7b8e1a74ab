#include "agent/store/json_text.hpp"

#include <nlohmann/json.hpp>

namespace oobm::store {
namespace {

constexpr std::string_view all_digits = "0123456789abcdef";

}  // namespace

std::string one_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

std::string hex(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    digits += all_digits[byte >> 4U];
    digits += all_digits[byte & 0x0fU];
  }
  return digits;
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = all_digits.find(digits[i]);
    const auto low = all_digits.find(digits[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace oobm::store
