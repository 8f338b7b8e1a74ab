// A story for a link: lines "SECONDS: SETTING...", in order of time, with blank lines and lines
// that begin with '#' between them.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace oobm::netbench {

struct ScriptLine {
  std::chrono::milliseconds at{0};  // since the start
  std::string words;                // for Settings
};

// An error names the line. Settings are checked here, so that a story does not break off half way.
std::expected<std::vector<ScriptLine>, std::string> parse_script(std::string_view text);

}  // namespace oobm::netbench
