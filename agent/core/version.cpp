#include "agent/core/version.hpp"

#include <charconv>

namespace oobm::core {
namespace {

std::optional<std::uint32_t> number(std::string_view digits) {
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::uint32_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stopped != end || value > max_version_number) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  Version version;
  version.text_ = text;
  for (auto& place : version.numbers_) {
    const auto dot = text.find('.');
    const auto value = number(text.substr(0, dot));
    if (!value) return std::nullopt;
    place = *value;
    if (dot == std::string_view::npos) return version;
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

}  // namespace oobm::core
