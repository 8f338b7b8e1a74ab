// The comma-separated values of an information response (3GPP TS 27.007 section 3, ITU-T V.250
// section 5.4.2). A comma inside quotes belongs to the value. Modules add fields, leave fields
// empty and forget quotes: an absent field reads as an empty one, extra fields are harmless.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "hal/at/text.hpp"

namespace oobm::hal::at {

struct Field {
  std::string_view text;  // without quotes and outer blanks; a view into the parsed line
  bool quoted = false;

  [[nodiscard]] bool empty() const { return text.empty(); }
  [[nodiscard]] std::optional<int> number() const { return to_number<int>(text); }
  [[nodiscard]] std::optional<std::uint32_t> hex() const {
    return to_number<std::uint32_t>(text, 16);
  }
};

class Fields {
 public:
  static constexpr std::size_t max_fields = 32;  // further ones are not looked at

  // Total. The result refers to `list`, which must outlive it.
  static Fields split(std::string_view list);

  [[nodiscard]] std::size_t size() const { return size_; }
  // An empty field when there are fewer.
  [[nodiscard]] Field operator[](std::size_t i) const { return i < size_ ? fields_[i] : Field{}; }

 private:
  std::array<Field, max_fields> fields_{};
  std::size_t size_ = 0;
};

// True for the beginning of an answer or report of whatever name: a mark such as '+' or '%', a
// name, and ':'.
bool names_an_answer(std::string_view line);

// True for the marks that names of answers and reports begin with: + % # ! ^ * $.
bool is_name_mark(char c);

// True when the line is "<name>:" followed by anything; blanks before ':' are tolerated.
bool has_name(std::string_view line, std::string_view name);

// What follows "<name>:", trimmed. Error: the line does not begin so.
std::expected<std::string_view, ParseError> payload(std::string_view line, std::string_view name);

// The values behind "<name>:". Error: as above. The result refers to `line`.
std::expected<Fields, ParseError> fields_of(std::string_view line, std::string_view name);

// The first value, which must be a number from `low` to `high`.
std::expected<int, ParseError> parse_number(std::string_view line, std::string_view name, int low,
                                            int high);

}  // namespace oobm::hal::at
