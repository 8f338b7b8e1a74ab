// Rule: only this agent's own package, in the ordered version, for this processor, and not behind
// what has proved itself here, takes the agent's place.
#include "agent/core/package.hpp"

#include <gtest/gtest.h>

namespace oobm::core {
namespace {

Version version(std::string_view text) { return Version::parse(text).value(); }

PackageManifest manifest() {
  return {.issuer = "na",
          .name = "oobm-agent",
          .version = version("0.3.0"),
          .architecture = "aarch64",
          .size = 1'300'000,
          .sha256 = std::string(64, 'a'),
          .least_agent = version("0.1.0"),
          .issued_at = {1'790'000'000}};
}

SoftwareInstall order() { return {"oobm-agent", "0.3.0", "https://files.example/oobm-agent.ipk"}; }

PackageGround ground() {
  return {.architecture = "aarch64",
          .running = version("0.2.0"),
          .floor = version("0.2.0"),
          .floor_time = {1'780'000'000}};
}

Reason judged(const PackageManifest& said, const SoftwareInstall& ordered = order(),
              const PackageGround& here = ground()) {
  const auto good = judge_package(said, ordered, here);
  return good ? Reason::none : good.error().reason;
}

TEST(PackageVersion, IsOneToFourNumbers) {
  for (const char* text : {"", ".", "1.", ".1", "1..2", "v1", "1.2.3.4.5", "1.2-r1", " 1", "1 ",
                           "01.2", "-1", "+1", "1000000", "99999999999999999999", "1.2.x"})
    EXPECT_EQ(Version::parse(text), std::nullopt) << text;
  for (const char* text : {"0", "1", "0.1.0", "10.20.30.40", "999999.0"}) {
    ASSERT_TRUE(Version::parse(text)) << text;
    EXPECT_EQ(version(text).str(), text);
  }
}

TEST(PackageVersion, IsOrderedByNumbersAndNotByLetters) {
  EXPECT_LT(version("0.9.0"), version("0.10.0"));
  EXPECT_LT(version("0.9"), version("1"));
  EXPECT_LT(version("1.0"), version("1.0.0.1"));
  EXPECT_EQ(version("1"), version("1.0.0"));
  EXPECT_LT(Version(), version("0.0.1"));
}

TEST(Package, ThatIsSomethingElseIsRefused) {
  auto said = manifest();
  said.name = "another-program";
  EXPECT_EQ(judged(said), Reason::package_name);
  auto ordered = order();
  ordered.type = "another-program";
  EXPECT_EQ(judged(manifest(), ordered), Reason::package_name);
  EXPECT_EQ(judged(said, ordered), Reason::package_name) << "they agree, and it is not this agent";
}

TEST(Package, ForAnotherProcessorIsRefused) {
  for (const char* other : {"x86_64", "aarch64_be", "AARCH64", ""}) {
    auto said = manifest();
    said.architecture = other;
    EXPECT_EQ(judged(said), Reason::package_architecture) << other;
  }
}

TEST(Package, OfAnotherVersionThanOrderedIsRefused) {
  for (const char* other : {"0.3.1", "0.2.9", "3", "newest", ""}) {
    auto ordered = order();
    ordered.revision = other;
    EXPECT_EQ(judged(manifest(), ordered), Reason::package_version) << other;
  }
}

TEST(Package, BeyondAnySizeIsRefused) {
  auto said = manifest();
  said.size = 0;
  EXPECT_EQ(judged(said), Reason::package_size);
  said.size = max_package_bytes + 1;
  EXPECT_EQ(judged(said), Reason::package_size);
  said.size = max_package_bytes;
  EXPECT_EQ(judged(said), Reason::none);
}

TEST(Package, ThatNeedsALaterAgentIsRefused) {
  auto said = manifest();
  said.least_agent = version("0.2.1");
  EXPECT_EQ(judged(said), Reason::package_agent_version);
  said.least_agent = version("0.2.0");
  EXPECT_EQ(judged(said), Reason::none);
}

struct Back {
  SoftwareInstall ordered = order();
  PackageManifest said = manifest();
  Back() {
    ordered.revision = "0.1.0";
    said.version = version("0.1.0");
    said.issued_at = {1'790'000'000};
  }
};

TEST(Package, OlderThanWhatRunsIsRefusedUnlessItsManifestPermitsIt) {
  Back back;
  EXPECT_EQ(judged(back.said, back.ordered), Reason::package_downgrade);
  back.said.downgrade = true;
  EXPECT_EQ(judged(back.said, back.ordered), Reason::none);
}

TEST(Package, OlderThanWhatHasProvedItselfIsRefusedThoughSomethingOlderRuns) {
  auto here = ground();
  here.floor = version("0.4.0");
  EXPECT_EQ(judged(manifest(), order(), here), Reason::package_downgrade);
}

TEST(Package, APermissionToGoBackThatIsOlderThanWhatRunsIsAReplay) {
  Back back;
  back.said.downgrade = true;
  back.said.issued_at = ground().floor_time;
  EXPECT_EQ(judged(back.said, back.ordered), Reason::package_replayed);
  back.said.issued_at.seconds += 1;
  EXPECT_EQ(judged(back.said, back.ordered), Reason::none);
}

TEST(Package, LaterThanWhatRunsIsAcceptedHoweverOldItsManifest) {
  auto said = manifest();
  said.issued_at = {1};
  EXPECT_EQ(judged(said), Reason::none);
}

TEST(Package, WhatRunsAlreadyIsKnownWithoutItsManifest) {
  auto ordered = order();
  EXPECT_FALSE(runs_already(ordered, version("0.2.0")));
  EXPECT_TRUE(runs_already(ordered, version("0.3")));
  ordered.type = "another-program";
  EXPECT_FALSE(runs_already(ordered, version("0.3.0")));
  ordered = order();
  ordered.revision = "newest";
  EXPECT_FALSE(runs_already(ordered, version("0.3.0")));
}

TEST(Package, HostileWordsAreShownPrintableAndBounded) {
  auto said = manifest();
  said.name = std::string(500, '\x1b');
  const auto refused = judge_package(said, order(), ground());
  ASSERT_FALSE(refused);
  EXPECT_LE(refused.error().detail.size(), 200U);
  EXPECT_EQ(refused.error().detail.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace oobm::core
