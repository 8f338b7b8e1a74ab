// Which of two versions of this agent is the later one. A version is one to four numbers with dots
// between them, as this project gives them ("0.2.0"); a missing number counts as zero. Anything
// else has no order here, and what has no order is not installed.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::core {

inline constexpr std::size_t version_numbers = 4;
inline constexpr std::uint32_t max_version_number = 999'999;

class Version {
 public:
  // "0": before every other.
  Version() = default;

  // Nothing for any other text; leading zeros are none of ours.
  static std::optional<Version> parse(std::string_view text);

  // As it was written.
  [[nodiscard]] const std::string& str() const { return text_; }

  friend std::strong_ordering operator<=>(const Version& a, const Version& b) {
    return a.numbers_ <=> b.numbers_;
  }
  // "0.2" and "0.2.0" are one version.
  friend bool operator==(const Version& a, const Version& b) { return a.numbers_ == b.numbers_; }

 private:
  std::string text_ = "0";
  std::array<std::uint32_t, version_numbers> numbers_{};
};

}  // namespace oobm::core
