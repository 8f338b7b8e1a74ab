// Every verb of the board contract and the arguments that it takes. Whoever runs a board helper
// with more rights than the one who asks for it looks here first, so that a request can never be
// more than the contract allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace oobm::hal {

inline constexpr std::size_t max_apn_chars = 100;      // 3GPP TS 23.003 section 9.1
inline constexpr std::size_t max_version_chars = 64;   // of a package
inline constexpr std::size_t max_package_path = 1024;  // bytes

// Letters, digits, '.' and '-'; may be empty.
bool is_apn(std::string_view text);

enum class VerbArguments : std::uint8_t {
  none,
  apn,      // nothing, or "apn=NAME"
  light,    // "off", "on", "slow" or "fast"
  package,  // an absolute path without ".." and a version of digits and dots
  version,
};

struct VerbRow {
  std::string_view name;
  VerbArguments arguments;
};

std::span<const VerbRow> verbs();

// Whether the contract has this verb with these arguments.
bool is_board_request(std::string_view verb, std::span<const std::string> arguments);

}  // namespace oobm::hal
