// Small files, written so that a reader sees the old text or the new one and never half of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/alms-sim/error.hpp"

namespace oobm::alms_sim {

// The whole file; nothing when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

// A temporary file in the same folder, synchronised, then renamed over `path`. Errors: FILE.
Result<void> write_file(const std::string& path, std::string_view text);

// With its parents, where they are missing. Errors: FILE.
Result<void> make_folder(const std::string& path);

}  // namespace oobm::alms_sim
