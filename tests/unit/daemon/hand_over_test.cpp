#include "agent/daemon/hand_over.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <tuple>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using testing::HasSubstr;

constexpr Owner to{.user = 977, .group = 978};
constexpr ::mode_t closed = 0700;
constexpr ::mode_t open_to_others = 0755;

::uid_t owner(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_uid;
}

::mode_t mode(const std::string& path) {
  struct stat info{};
  ::lstat(path.c_str(), &info);
  return info.st_mode & 07777U;
}

class HandOver : public testing::Test {
 protected:
  HandOver() : state_(folder_ / "state") { ::mkdir(state_.c_str(), closed); }

  std::expected<void, std::string> give() const { return hand_over_folder(state_, closed, to); }

  TempFolder folder_;
  std::string state_;
};

TEST_F(HandOver, AFolderThatOthersUseIsNotGivenAway) {
  const auto file = folder_.file("shared/passwd", "root");
  ::chmod((folder_ / "shared").c_str(), open_to_others);
  const auto given = hand_over_folder(folder_ / "shared", open_to_others, to);
  ASSERT_FALSE(given);
  EXPECT_THAT(given.error(), HasSubstr("did not put"));
  EXPECT_EQ(owner(folder_ / "shared"), 0U);
  EXPECT_EQ(owner(file), 0U);
}

TEST_F(HandOver, SomebodyElsesFolderIsAnError) {
  ASSERT_EQ(::chown(state_.c_str(), 1234, 1234), 0);
  EXPECT_FALSE(give());
}

TEST_F(HandOver, AFolderThatIsALinkIsAnError) {
  std::filesystem::create_directory_symlink(state_, folder_ / "link");
  EXPECT_FALSE(hand_over_folder(folder_ / "link", closed, to));
}

TEST_F(HandOver, NoLinkIsFollowedAndNoFileWithTwoNamesGiven) {
  const auto outside = folder_.file("outside", "root's");
  std::filesystem::create_symlink(outside, state_ + "/symbolic");
  std::filesystem::create_hard_link(outside, state_ + "/hard");
  std::filesystem::create_directory_symlink(folder_ / ".", state_ + "/folder");
  ASSERT_TRUE(give());
  EXPECT_EQ(owner(outside), 0U);
  EXPECT_EQ(owner(folder_ / "."), 0U);
  EXPECT_EQ(owner(state_), to.user);
}

TEST_F(HandOver, EverythingInItBecomesTheOwners) {
  const auto file = folder_.file("state/tickets/na/main", "ticket");
  ASSERT_TRUE(give());
  for (const auto& path : {state_, state_ + "/tickets", state_ + "/tickets/na", file})
    EXPECT_EQ(owner(path), to.user) << path;
}

TEST_F(HandOver, WhatIsTheOwnersAlreadyIsLeftAlone) {
  ASSERT_TRUE(give());
  const auto file = folder_.file("state/roots", "put there later");
  ASSERT_TRUE(give());
  EXPECT_EQ(owner(file), 0U);
}

TEST_F(HandOver, AFolderTooDeepIsAnError) {
  std::ignore = folder_.file("state/a/b/c/d/e/f", "");
  EXPECT_FALSE(give());
  EXPECT_EQ(owner(state_), 0U) << "begins anew at the next start";
}

TEST_F(HandOver, ANewFolderIsMade) {
  ASSERT_TRUE(hand_over_folder(folder_ / "new", closed, to));
  EXPECT_EQ(owner(folder_ / "new"), to.user);
  EXPECT_EQ(mode(folder_ / "new"), closed);
}

TEST_F(HandOver, AnOpenFolderWithWhatTheAgentPutsThereIsGiven) {
  constexpr std::array<std::string_view, 1> known{"tickets"};
  const auto file = folder_.file("run/tickets/na", "ticket");
  ::chmod((folder_ / "run").c_str(), open_to_others);
  ASSERT_TRUE(hand_over_folder(folder_ / "run", open_to_others, to, known));
  EXPECT_EQ(owner(file), to.user);
}

TEST_F(HandOver, OnlyAClosedPlainFileOfRootsIsGiven) {
  const auto key = folder_.file("key", "secret");
  const auto open = folder_.file("open", "for all");
  ::chmod(key.c_str(), 0600);
  ::chmod(open.c_str(), 0644);
  std::filesystem::create_symlink(key, folder_ / "link");
  for (const auto& path : {open, folder_ / "link", folder_ / "nothing"}) hand_over_file(path, to);
  EXPECT_EQ(owner(key), 0U);
  EXPECT_EQ(owner(open), 0U);
  hand_over_file(key, to);
  EXPECT_EQ(owner(key), to.user);
  EXPECT_EQ(mode(key), 0600U);
}

TEST_F(HandOver, OnlyADeviceIsGivenAsAPort) {
  const auto file = folder_.file("ttyUSB0", "no device");
  hand_over_device(file, to.user);
  EXPECT_EQ(owner(file), 0U);
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_EQ(::grantpt(master), 0);
  const std::string port = ::ptsname(master);
  std::filesystem::create_symlink(port, folder_ / "modem");
  hand_over_device(folder_ / "modem", to.user);
  EXPECT_EQ(owner(port), to.user);
  EXPECT_EQ(mode(port) & 0600U, 0600U);
  ::close(master);
}

}  // namespace
}  // namespace oobm::daemon
