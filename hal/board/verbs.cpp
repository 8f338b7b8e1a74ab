#include "hal/board/verbs.hpp"

#include <algorithm>
#include <array>

#include <oobm/hal/board.hpp>

namespace oobm::hal {
namespace {

using enum VerbArguments;

constexpr std::array verb_table{
    VerbRow{"identity", none},
    VerbRow{"bearer-up", apn},
    VerbRow{"bearer-down", none},
    VerbRow{"bearer-status", none},
    VerbRow{"wan-status", none},
    VerbRow{"led", light},
    VerbRow{"reboot", none},
    VerbRow{"modem-power-cycle", none},
    VerbRow{"install", package},
    VerbRow{"install-status", none},
    VerbRow{"install-commit", version},
};

constexpr std::array lights{Led::off, Led::on, Led::slow, Led::fast};
constexpr std::string_view apn_key = "apn=";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_apn_argument(std::string_view text) {
  return text.starts_with(apn_key) && is_apn(text.substr(apn_key.size()));
}

bool is_light(std::string_view text) {
  return std::ranges::any_of(lights, [&](Led led) { return to_string(led) == text; });
}

bool is_version(std::string_view text) {
  return !text.empty() && text.size() <= max_version_chars &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_package_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= max_package_path && !text.contains("/../") &&
         !text.ends_with("/..") &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool fit(VerbArguments kind, std::span<const std::string> given) {
  switch (kind) {
    case none:
      return given.empty();
    case apn:
      return given.empty() || (given.size() == 1 && is_apn_argument(given[0]));
    case light:
      return given.size() == 1 && is_light(given[0]);
    case package:
      return given.size() == 2 && is_package_path(given[0]) && is_version(given[1]);
    case version:
      return given.size() == 1 && is_version(given[0]);
  }
  return false;
}

}  // namespace

bool is_apn(std::string_view text) {
  return text.size() <= max_apn_chars && std::ranges::all_of(text, [](char c) {
           return is_letter(c) || is_digit(c) || c == '.' || c == '-';
         });
}

std::span<const VerbRow> verbs() { return verb_table; }

bool is_board_request(std::string_view verb, std::span<const std::string> arguments) {
  const auto* found = std::ranges::find(verb_table, verb, &VerbRow::name);
  return found != verb_table.end() && fit(found->arguments, arguments);
}

}  // namespace oobm::hal
