// What every earlier agent has stored is read.
#include "agent/store/migration.hpp"

#include <array>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace oobm::store {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string vector(int schema) {
  std::ifstream file(OOBM_SOURCE_DIR "/tests/vectors/store/schema-" + std::to_string(schema) +
                     ".json");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::expected<void, std::string> rename_it(json& document) {
  document["renamed"] = document["old"];
  document.erase("old");
  return {};
}
std::expected<void, std::string> double_it(json& document) {
  document["renamed"] = document["renamed"].get<int>() * 2;
  return {};
}
std::expected<void, std::string> give_up(json&) { return std::unexpected("it has no sense"); }

constexpr std::array steps{MigrationStep{1, rename_it}, MigrationStep{2, double_it}};

TEST(Migration, AMissingStepIsAnErrorAndNoGuess) {
  const std::array only_the_second{steps[1]};
  EXPECT_THAT(migrated(R"({"old":1})", 1, 3, only_the_second).error().sentence,
              HasSubstr("nothing leads on from schema 1"));
  EXPECT_FALSE(migrated(R"({"old":1})", 4, 3, steps)) << "newer";
  EXPECT_FALSE(migrated(R"({"old":1})", 0, 3, steps));
}

TEST(Migration, WhatCannotBeCarriedOverIsSaid) {
  const std::array bad{MigrationStep{1, give_up}};
  EXPECT_EQ(migrated("{}", 1, 2, bad).error().sentence, "from schema 1: it has no sense");
  EXPECT_EQ(migrated("{", 1, 3, steps).error().sentence, "not JSON");
  EXPECT_EQ(migrated(std::string_view("{}\0{}", 5), 1, 3, steps).error().sentence, "not JSON");
}

TEST(Migration, GoesStepByStepFromAnyEarlierSchema) {
  EXPECT_EQ(migrated(R"({"old":21})", 1, 3, steps), R"({"renamed":42})");
  EXPECT_EQ(migrated(R"({"renamed":21})", 2, 3, steps), R"({"renamed":42})");
  EXPECT_EQ(migrated("any text", 3, 3, steps), "any text") << "the present one is not touched";
}

TEST(Migration, ADocumentOfEverySchemaLoads) {
  for (int schema = 1; schema <= state_schema; ++schema) {
    const auto text = vector(schema);
    ASSERT_FALSE(text.empty()) << "tests/vectors/store lacks schema " << schema;
    const auto document = migrated(text, schema);
    ASSERT_TRUE(document) << document.error().sentence;
    const auto loaded = state_from_json(*document);
    ASSERT_TRUE(loaded) << loaded.error().where << ": " << loaded.error().sentence;
    EXPECT_EQ(loaded->state.lifecycle, core::Lifecycle::grace) << schema;
    EXPECT_EQ(loaded->state.registration->sequence, 9U) << schema;
    EXPECT_EQ(loaded->state.ledger.size(), 2U) << schema;
    EXPECT_EQ(loaded->state.outbox.size(), 3U) << schema;
    EXPECT_EQ(loaded->entitlement_text, "e.y.J") << schema;
  }
}

}  // namespace
}  // namespace oobm::store
