// What a board helper prints: lines "key=value". The helper runs with the firmware's rights and may
// be anybody's shell script, so its output is foreign input: few keys, short values, printable
// ASCII, and whatever does not fit is refused whole, never half believed. Keys that the reader does
// not know are allowed, so that a newer helper serves an older agent.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oobm::hal {

class KeyValues {
 public:
  static constexpr std::size_t max_bytes = 8192;  // of the whole output
  static constexpr std::size_t max_lines = 64;
  static constexpr std::size_t max_key_chars = 32;     // a-z, 0-9, '_' and '-'
  static constexpr std::size_t max_value_chars = 256;  // printable ASCII

  // "address" and "dns" may occur several times, other keys once. Empty lines are skipped.
  // Error: a sentence with the number of the offending line.
  static std::expected<KeyValues, std::string> parse(std::string_view output);

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view key) const;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace oobm::hal
