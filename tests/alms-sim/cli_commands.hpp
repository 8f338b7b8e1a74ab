// The command line as data: each verb of the control socket, its arguments and what it is for.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace oobm::alms_sim {

enum class ArgumentKind : std::uint8_t {
  text,
  number,
  flag,
  list,   // repeated texts
  pairs,  // repeated NAME=VALUE, VALUE read as JSON where it is JSON, else as text
  file,   // a file's contents, sent as base64url
};

struct ArgumentRow {
  std::string_view flag;  // "--months"; a name without dashes is positional
  std::string_view key;   // in the request
  ArgumentKind kind;
  std::string_view help;
  bool required = false;
};

struct CommandRow {
  std::string_view verb;
  std::string_view help;
  std::span<const ArgumentRow> arguments;
  bool gives_task = false;  // answers with a uid, so --wait makes sense
};

std::span<const CommandRow> commands();

}  // namespace oobm::alms_sim
