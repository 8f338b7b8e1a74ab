// An agent reads what every earlier one has stored. A schema number stands for one meaning of the
// document; adding a member with a default does not change it (agent/store/state_codec.hpp), any
// other change raises it and adds one step here, from each schema to the next. The steps are a
// table, so that none can be forgotten: the build fails while one is missing.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "agent/store/state_codec.hpp"

namespace oobm::store {

// From schema `from` to the next.
struct MigrationStep {
  int from = 0;
  // Errors: what cannot be carried over, in words.
  std::expected<void, std::string> (*apply)(nlohmann::json& document);
};

// In rising order, the first from schema 1.
std::span<const MigrationStep> migration_steps();

// A stored document of `schema` as one of state_schema. Errors: no JSON, a schema that no step
// leads on from, or what a step could not carry over.
std::expected<std::string, CodecError> migrated(std::string_view text, int schema);

// The same with other steps, up to schema `to`.
std::expected<std::string, CodecError> migrated(std::string_view text, int schema, int to,
                                                std::span<const MigrationStep> steps);

}  // namespace oobm::store
