// The settings that ALMS may write, with their bounds: one table, from which the codec, the
// documentation and the application model take them. A write is all or nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "agent/core/reason.hpp"
#include "agent/core/state.hpp"

namespace oobm::core {

struct SettingRow {
  std::string_view id;  // data id on the wire
  std::int32_t Settings::* field;
  std::int32_t least;  // seconds
  std::int32_t most;   // seconds
};

std::span<const SettingRow> setting_rows();

// The present values by data id, as a `read` task wants them.
std::map<std::string, Value> setting_values(const Settings& settings);

// The settings with these written into them. Errors: bad_parameter, naming the id and its bounds;
// then nothing is changed.
std::expected<Settings, Refusal> write_settings(Settings settings,
                                                const std::map<std::string, Value>& written);

}  // namespace oobm::core
