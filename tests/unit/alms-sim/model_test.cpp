#include "tests/alms-sim/model.hpp"

#include <fstream>

#include "tests/alms-sim/files.hpp"
#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

class ModelTest : public AlmsTest {};

TEST_F(ModelTest, AnotherShapeIsRefusedInWords) {
  const auto world = world_from(Json{{"accounts", 3}});
  ASSERT_FALSE(world);
  EXPECT_EQ(world.error().code, "STATE_FILE");
}

TEST_F(ModelTest, EverythingComesBackFromTheDocument) {
  announce();
  enrol("old");
  enrol();
  on_system("purchase-order", {{"term_seconds", 60}});
  on_system("suspend");
  const Json document = as_json(platform_.world());
  const auto world = world_from(Json::parse(document.dump()));
  ASSERT_TRUE(world);
  EXPECT_EQ(as_json(*world), document);
  EXPECT_EQ(world->systems.at(test_serial).state, SystemState::suspended);
  EXPECT_EQ(world->systems.at(test_serial).suspend_cause, SuspendCause::by_operator);
}

TEST_F(ModelTest, ADocumentThatLacksMembersIsRead) {
  const auto world = world_from(Json{{"systems", {{"A", {{"serial", "A"}, {"state", "ACTIVE"}}}}}});
  ASSERT_TRUE(world);
  EXPECT_EQ(world->systems.at("A").state, SystemState::active);
}

TEST_F(ModelTest, JournalsAndTasksAreBounded) {
  for (std::size_t i = 0; i < max_tasks_kept + 5; ++i) on_system("command", {{"id", "oobm.sync"}});
  EXPECT_EQ(platform_.world().tasks.size(), max_tasks_kept);
  EXPECT_EQ(platform_.world().routers.at(test_serial).journal.size(), max_journal_entries);
}

TEST_F(ModelTest, DataIdsAreBounded) {
  Json data = Json::object();
  for (std::size_t i = 0; i < max_data_ids + 5; ++i) data["id" + std::to_string(i)] = i;
  say(data);
  EXPECT_EQ(platform_.world().routers.at(test_serial).data.size(), max_data_ids);
}

TEST(Files, AreReplacedAsAWhole) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a/b.json";
  EXPECT_FALSE(write_file(path, "x"));
  ASSERT_TRUE(make_folder(folder.path() + "/a"));
  ASSERT_TRUE(write_file(path, "a longer text"));
  ASSERT_TRUE(write_file(path, "short"));
  EXPECT_EQ(read_file(path), "short");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  EXPECT_FALSE(read_file(folder.path() + "/none"));
}

}  // namespace
}  // namespace oobm::alms_sim
