// Rule: root gives the board nothing that it has not verified itself, from a place that only root
// can change.
#include "agent/daemon/package_guard.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "agent/core/package.hpp"
#include "agent/daemon/install_journal.hpp"
#include "agent/daemon/roots_own.hpp"
#include "tests/unit/daemon/package_bench.hpp"

namespace oobm::daemon::test {
namespace {

namespace fs = std::filesystem;
using core::Reason;
using testing::HasSubstr;

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class PackageGuard : public PackageBench {
 protected:
  [[nodiscard]] Reason outcome(const std::string& version = "0.6.0") const {
    const auto taken = take_package(plan(), version);
    if (taken) return Reason::none;
    EXPECT_FALSE(fs::exists(copied())) << "nothing of a refused package is left";
    return taken.error().reason;
  }
  [[nodiscard]] Reason with_claim(std::string_view name, const Json& value) const {
    hold_manifest(with(name, value));
    return outcome();
  }
  [[nodiscard]] std::string complaint() const {
    const auto taken = take_package(plan(), "0.6.0");
    return taken ? "" : taken.error().detail;
  }
  [[nodiscard]] InstallRecord remembered() const {
    return InstallJournal(folder_ / "state-root").load();
  }
  // As far as the board's confirmation.
  void install(std::string_view version, std::int64_t made, bool downgrade = false) const {
    auto said = with("version", version);
    said["iat"] = made;
    said["downgrade"] = downgrade;
    hold_manifest(said);
    ASSERT_EQ(outcome(std::string(version)), Reason::none);
    release_package(plan(), true);
    confirm_package(plan(), std::string(version));
  }
};

TEST_F(PackageGuard, AManifestThatIsNotThereIsNone) {
  fs::remove(manifest());
  EXPECT_EQ(outcome(), Reason::install_failed);
}

TEST_F(PackageGuard, AnotherKeyIsNotBelieved) {
  const Signer stranger("na-package");
  hold_text(stranger.sign("oobm-package", claims()));
  EXPECT_EQ(outcome(), Reason::package_signature);
}

TEST_F(PackageGuard, AKeyThatSignsStatementsSignsNoPackage) {
  hold_text(authority_.key_1.sign("oobm-package", claims()));
  EXPECT_EQ(outcome(), Reason::package_signature);
  write_instances(Json::array({authority_.root_1.jwk()}));
  hold_text(authority_.root_1.sign("oobm-package", claims()));
  EXPECT_EQ(outcome(), Reason::package_signature);
}

TEST_F(PackageGuard, AManifestThatWasChangedIsNotBelieved) {
  auto text = read(manifest());
  text[text.find('.') + 10] ^= 1;
  hold_text(text);
  EXPECT_EQ(outcome(), Reason::package_signature);
  hold_text(std::string(5000, 'e'));
  EXPECT_EQ(outcome(), Reason::package_signature);
  hold_text("");
  EXPECT_EQ(outcome(), Reason::package_signature);
}

TEST_F(PackageGuard, AnotherThingThatTheKeySignedIsNoManifest) {
  hold_text(package_.sign("oobm-trust", claims()));
  EXPECT_EQ(outcome(), Reason::package_manifest);
  EXPECT_EQ(with_claim("aud", "somebody"), Reason::package_manifest);
  EXPECT_EQ(with_claim("iss", "eu"), Reason::package_issuer);
}

TEST_F(PackageGuard, TheDaemonsRulesAreRootsRules) {
  EXPECT_EQ(with_claim("name", "other"), Reason::package_name);
  EXPECT_EQ(with_claim("arch", "mips"), Reason::package_architecture);
  EXPECT_EQ(with_claim("version", "0.7.0"), Reason::package_version) << "0.6.0 is asked for";
  EXPECT_EQ(with_claim("min_agent", "0.5.1"), Reason::package_agent_version);
  EXPECT_EQ(with_claim("size", core::max_package_bytes + 1), Reason::package_size);
  hold_manifest(with("version", "0.4.0"));
  EXPECT_EQ(outcome("0.4.0"), Reason::package_downgrade);
}

TEST_F(PackageGuard, APackageThatWasChangedIsNotTaken) {
  auto changed = std::string(content);
  changed.back() ^= 1;
  hold(changed);
  EXPECT_EQ(outcome(), Reason::package_hash);
  hold(content.substr(1));
  EXPECT_EQ(outcome(), Reason::package_size);
  hold(std::string(content) + "x");
  EXPECT_EQ(outcome(), Reason::package_size);
  hold(std::string(1'000'000, 'x'));
  EXPECT_EQ(outcome(), Reason::package_size) << "no more is copied than was signed";
}

TEST_F(PackageGuard, NoLinkIsFollowed) {
  for (const auto& path : {package(), manifest()}) {
    fs::rename(path, path + ".real");
    fs::create_symlink(path + ".real", path);
    give_to_daemon(path);
    EXPECT_EQ(outcome(), Reason::install_failed) << path;
    fs::rename(path + ".real", path);
  }
  fs::rename(files(), files() + ".real");
  fs::create_symlink(files() + ".real", files());
  EXPECT_EQ(outcome(), Reason::install_failed);
}

TEST_F(PackageGuard, WhatIsNoPlainFileOfTheDaemonsIsNotTaken) {
  fs::create_hard_link(package(), files() + "/second");
  EXPECT_THAT(complaint(), HasSubstr("no plain file")) << "two names";
  fs::remove(files() + "/second");
  ASSERT_EQ(::chown(package().c_str(), 0, 0), 0);
  EXPECT_THAT(complaint(), HasSubstr("no plain file")) << "somebody else's";
  fs::remove(package());
  fs::create_directory(package());
  give_to_daemon(package());
  EXPECT_THAT(complaint(), HasSubstr("no plain file"));
  fs::remove(package());
  ASSERT_EQ(::mkfifo(package().c_str(), 0600), 0);
  give_to_daemon(package());
  EXPECT_THAT(complaint(), HasSubstr("no plain file")) << "and it is not waited for";
}

TEST_F(PackageGuard, KeysThatOthersMayChangeCountForNothing) {
  const auto keys = folder_ / "instances.json";
  ::chmod(keys.c_str(), 0664);
  EXPECT_THAT(complaint(), HasSubstr("instances.json: may be changed by others"));
  ::chmod(keys.c_str(), 0644);
  ASSERT_EQ(::chown(keys.c_str(), user, group), 0);
  EXPECT_THAT(complaint(), HasSubstr("instances.json: may be changed by others"));
  ASSERT_EQ(::chown(keys.c_str(), 0, 0), 0);
  fs::rename(keys, files() + "/instances.json");
  fs::create_symlink(files() + "/instances.json", keys);
  EXPECT_THAT(complaint(), HasSubstr("/files: may be changed by others")) << "where the link leads";
  fs::remove(keys);
  EXPECT_EQ(outcome(), Reason::install_failed);
}

TEST_F(PackageGuard, AFolderThatIsNotRootsAloneIsNotUsed) {
  for (const char* name : {"state-root", "run-root"}) {
    fs::remove(folder_ / "run-root");
    fs::create_directory_symlink(files(), folder_ / name);
    EXPECT_THAT(complaint(), HasSubstr("no folder of root's alone"));
    fs::remove(folder_ / name);
    fs::create_directory(folder_ / name);
    give_to_daemon(folder_ / name);
    EXPECT_THAT(complaint(), HasSubstr("no folder of root's alone"));
    fs::remove(folder_ / name);
  }
  EXPECT_FALSE(roots_folder_beside(files())) << "in a folder of the daemon's";
}

TEST_F(PackageGuard, OnlyThePinnedInstanceCountsWhereOneIsPinned) {
  auto pinned = plan();
  pinned.instance = "eu";
  const auto taken = take_package(pinned, "0.6.0");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, Reason::package_signature);
}

TEST_F(PackageGuard, APermissionToGoBackIsGoodOnce) {
  install("0.6.0", 2'000);
  auto newer = with("version", "0.5.1");
  hold_manifest(newer);
  EXPECT_EQ(outcome("0.5.1"), Reason::package_downgrade) << "0.6.0 proved itself here";
  newer["downgrade"] = true;
  newer["iat"] = 1'999;
  hold_manifest(newer);
  EXPECT_EQ(outcome("0.5.1"), Reason::package_replayed);
  install("0.5.1", 2'001, true);
  EXPECT_EQ(remembered().floor, "0.5.1");
}

TEST_F(PackageGuard, WhatTheBoardDidNotTakeIsNotRemembered) {
  ASSERT_EQ(outcome(), Reason::none);
  release_package(plan(), false);
  confirm_package(plan(), "0.6.0");
  EXPECT_EQ(remembered(), InstallRecord());
}

TEST_F(PackageGuard, WhatWasNotConfirmedIsNoFloor) {
  ASSERT_EQ(outcome(), Reason::none);
  release_package(plan(), true);
  EXPECT_EQ(remembered().floor, "");
  confirm_package(plan(), "0.7.0");
  EXPECT_EQ(remembered().floor, "");
}

TEST_F(PackageGuard, WhatRunsIsTheFloorAtTheNextInstallationWhoeverDidNotConfirmIt) {
  auto said = with("iat", 2'000);
  hold_manifest(said);
  ASSERT_EQ(outcome(), Reason::none);
  release_package(plan(), true);
  running_ = "0.6.0";
  auto older = with("version", "0.5.1");
  older["downgrade"] = true;
  older["iat"] = 1'999;
  hold_manifest(older);
  EXPECT_EQ(outcome("0.5.1"), Reason::package_replayed);
  said["version"] = "0.7.0";
  hold_manifest(said);
  ASSERT_EQ(outcome("0.7.0"), Reason::none);
  release_package(plan(), false);
  EXPECT_EQ(remembered().floor, "") << "the board did not begin: the trial may go on";
  ASSERT_EQ(outcome("0.7.0"), Reason::none);
  release_package(plan(), true);
  EXPECT_EQ(remembered().floor, "0.6.0");
  EXPECT_EQ(remembered().floor_time.seconds, 2'000);
  EXPECT_EQ(remembered().order.revision, "0.7.0");
}

TEST_F(PackageGuard, WhatIsExchangedAfterwardsChangesNothing) {
  const auto taken = take_package(plan(), "0.6.0");
  ASSERT_TRUE(taken);
  std::ofstream(package()) << "something else, in the same file";
  hold_text("nothing");
  EXPECT_EQ(read(*taken), content);
}

TEST_F(PackageGuard, TheCopyIsRootsAlone) {
  const auto taken = take_package(plan(), "0.6.0");
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, copied());
  struct stat info{};
  ASSERT_EQ(::stat(taken->c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0U);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  release_package(plan(), true);
  EXPECT_TRUE(fs::is_empty(folder_ / "run-root"));
}

TEST_F(PackageGuard, AConfirmedVersionIsTheFloor) {
  install("0.6.0", 2'000);
  EXPECT_EQ(remembered().floor, "0.6.0");
  EXPECT_EQ(remembered().floor_time.seconds, 2'000);
}

}  // namespace
}  // namespace oobm::daemon::test
