#include "agent/daemon/account.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Account : public testing::Test {
 protected:
  Account() : files_{folder_ / "passwd", folder_ / "group"} {
    std::ofstream(files_.users) << "root:x:0:0:root:/root:/bin/ash\n"
                                   "broken\n"
                                   "half:x:12\n"
                                   "word:x:twelve:12::/:\n"
                                   "oobm:x:977:978:agent:/var/lib/oobm:/bin/false\n"
                                   "oobm:x:1:1:a second one:/:\n"
                                   "last:x:5:6::/:/bin/false";
    std::ofstream(files_.groups) << "root:x:0:oobm\n"
                                    "dialout:x:20:\n"
                                    "other:x:30:somebody,oobm\n"
                                    "oobms:x:31:oobmx,xoobm\n";
  }

  std::expected<confinement::Ids, std::string> find(const std::string& name) const {
    return find_account(name, files_);
  }

  TempFolder folder_;
  AccountFiles files_;
};

TEST_F(Account, AMissingUserIsNamed) {
  const auto found = find("nobody-here");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error(), HasSubstr("\"nobody-here\""));
}

TEST_F(Account, LinesThatAreNoAccountsAreNone) {
  for (const char* name : {"", "broken", "half", "word", "1:", ":1", "1:x", "4294967295:1"})
    EXPECT_FALSE(find(name)) << name;
}

TEST_F(Account, ItsGroupsAreThoseThatNameItAndThatOfSerialPorts) {
  const auto found = find("oobm");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->user, 977U);
  EXPECT_EQ(found->group, 978U);
  EXPECT_THAT(found->groups, ElementsAre(20, 30)) << "and root's group never";
}

TEST_F(Account, NumbersNeedNoFile) {
  const auto found = find("1200:1300");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->user, 1200U);
  EXPECT_EQ(found->group, 1300U);
  EXPECT_THAT(found->groups, ElementsAre(20));
}

TEST_F(Account, ALastLineNeedsNoEnd) { EXPECT_EQ(find("last")->user, 5U); }

TEST_F(Account, NoFilesAreNoGroups) {
  const auto found = find_account("7:8", {"/nonexistent/passwd", "/nonexistent/group"});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->groups, IsEmpty());
}

}  // namespace
}  // namespace oobm::daemon
