#include "agent/store/migration.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace oobm::store {
namespace {

// Schema 1 is the first.
constexpr std::array<MigrationStep, 0> steps{};
static_assert(steps.size() + 1 == state_schema, "each schema needs a step to the next");

}  // namespace

std::span<const MigrationStep> migration_steps() { return steps; }

std::expected<std::string, CodecError> migrated(std::string_view text, int schema) {
  return migrated(text, schema, state_schema, steps);
}

std::expected<std::string, CodecError> migrated(std::string_view text, int schema, int to,
                                                std::span<const MigrationStep> table) {
  if (schema == to) return std::string(text);
  auto document = nlohmann::json::parse(text, nullptr, false);
  // The parser takes a NUL for the end of its input, and would believe what stands before it.
  if (document.is_discarded() || text.contains('\0'))
    return std::unexpected(CodecError{"", "not JSON"});
  for (; schema < to; ++schema) {
    const auto step = std::ranges::find(table, schema, &MigrationStep::from);
    if (step == table.end())
      return std::unexpected(
          CodecError{"", "nothing leads on from schema " + std::to_string(schema)});
    if (const auto done = step->apply(document); !done)
      return std::unexpected(
          CodecError{"", "from schema " + std::to_string(schema) + ": " + done.error()});
  }
  if (schema != to)
    return std::unexpected(CodecError{"", "schema " + std::to_string(schema) + " is newer"});
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace oobm::store
