// The same store on the real file system.

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/store/slots.hpp"

namespace oobm::store {
namespace {

class Posix : public testing::Test {
 protected:
  Posix() {
    std::string pattern = testing::TempDir() + "oobm-store-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Posix() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(Posix, a_missing_folder_is_named) {
  TwoSlotStore store(folder_ + "/none", 1);
  EXPECT_EQ(store.load().outcome, LoadOutcome::empty);
  const auto failed = store.commit("x");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().sentence,
            "cannot create " + folder_ + "/none/state.tmp: No such file or directory (errno 2)");
}

TEST_F(Posix, a_slot_that_is_a_folder_is_unreadable_and_set_aside) {
  std::filesystem::create_directory(folder_ + "/state-a.json");
  TwoSlotStore store(folder_, 1);
  EXPECT_EQ(store.load().outcome, LoadOutcome::nothing_readable);
  ASSERT_TRUE(store.commit("x"));
  EXPECT_TRUE(std::filesystem::is_directory(folder_ + "/state-a.json.unreadable"));
}

TEST_F(Posix, a_symbolic_link_in_the_temporary_files_place_is_not_followed) {
  std::filesystem::create_symlink(folder_ + "/elsewhere", folder_ + "/state.tmp");
  TwoSlotStore store(folder_, 1);
  EXPECT_FALSE(store.commit("x"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/elsewhere"));
}

TEST_F(Posix, survives_the_program_and_is_readable_by_its_owner_alone) {
  {
    std::ofstream(folder_ + "/state.tmp") << "left behind";
    std::filesystem::permissions(folder_ + "/state.tmp", std::filesystem::perms::all);
    TwoSlotStore store(folder_, 1);
    ASSERT_TRUE(store.commit("one"));
    ASSERT_TRUE(store.commit("two"));
  }
  const auto loaded = TwoSlotStore(folder_, 1).load();
  EXPECT_EQ(loaded.outcome, LoadOutcome::loaded);
  EXPECT_EQ(loaded.payload, "two");
  struct stat status{};
  ASSERT_EQ(::stat((folder_ + "/state-a.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace oobm::store
