#include "agent/core/settings.hpp"

#include <algorithm>
#include <array>

namespace oobm::core {
namespace {

constexpr std::array rows{
    SettingRow{"oobm.heartbeat_period_s", &Settings::heartbeat_period_s, 300, 604'800},
    SettingRow{"oobm.telemetry_period_s", &Settings::telemetry_period_s, 60, 604'800},
};

std::unexpected<Refusal> refuse(std::string detail) {
  return std::unexpected(Refusal{Reason::bad_parameter, std::move(detail)});
}

}  // namespace

std::span<const SettingRow> setting_rows() { return rows; }

std::map<std::string, Value> setting_values(const Settings& settings) {
  std::map<std::string, Value> values;
  for (const auto& row : rows) values.emplace(row.id, settings.*row.field);
  return values;
}

std::expected<Settings, Refusal> write_settings(Settings settings,
                                                const std::map<std::string, Value>& written) {
  for (const auto& [id, value] : written) {
    const auto* found = std::ranges::find(rows, id, &SettingRow::id);
    if (found == rows.end()) return refuse("There is no setting " + id.substr(0, 64) + ".");
    const auto* number = std::get_if<std::int32_t>(&value);
    if (number == nullptr || *number < found->least || *number > found->most)
      return refuse(id + " takes a whole number of seconds from " + std::to_string(found->least) +
                    " to " + std::to_string(found->most) + ".");
    settings.*found->field = *number;
  }
  return settings;
}

}  // namespace oobm::core
