// Rules: a package that is refused changes nothing; a new version that does not reach ALMS gives
// way to the former one; each order is answered once, whatever is cut short.
#include "agent/daemon/install_plan.hpp"

#include <gtest/gtest.h>

#include "tests/unit/daemon/install_samples.hpp"

namespace oobm::daemon {
namespace {

using namespace test;

// A plan that has come as far as the package.
InstallPlan fetching_package() {
  auto one = plan();
  (void)one.session(true);
  (void)one.ordered("u1", order);
  (void)one.manifest(manifest());
  return one;
}

InstallRecord installing() {
  return {.phase = Phase::installing,
          .uid = "u1",
          .order = order,
          .manifest_time = {1'790'000'000},
          .detail = {},
          .floor = {},
          .floor_time = {}};
}

TEST(InstallPlan, ARefusedManifestEndsItAndNothingElseIsFetched) {
  auto one = plan();
  (void)one.session(true);
  const auto begun = one.ordered("u1", order);
  ASSERT_EQ(all<FetchManifest>(begun).size(), 1U);
  EXPECT_EQ(all<FetchManifest>(begun).front().url, order.url + ".jws");
  const auto ended = one.manifest(std::unexpected(core::Refusal{Reason::package_key, {}}));
  EXPECT_EQ(answered(ended), Reason::package_key);
  EXPECT_TRUE(all<FetchPackage>(ended).empty());
  EXPECT_EQ(one.record().phase, Phase::ended);
}

TEST(InstallPlan, AManifestThatDoesNotFitIsRefusedByItsOwnCode) {
  auto one = plan();
  (void)one.session(true);
  (void)one.ordered("u1", order);
  auto said = manifest();
  said.architecture = "mips";
  EXPECT_EQ(answered(one.manifest(said)), Reason::package_architecture);
}

TEST(InstallPlan, WhatCannotBeFetchedIsAnsweredWithItsReason) {
  auto one = fetching_package();
  EXPECT_EQ(answered(one.fetch_failed({Reason::package_hash, {}})), Reason::package_hash);
  EXPECT_EQ(one.record().phase, Phase::ended);
}

TEST(InstallPlan, WhatCannotBeRecordedIsNotGivenToTheBoard) {
  auto one = fetching_package();
  const auto steps = one.fetched();
  ASSERT_TRUE(std::holds_alternative<SaveRecord>(steps.front()));
  EXPECT_TRUE(std::get<SaveRecord>(steps.front()).required);
  EXPECT_EQ(answered(one.not_stored("The flash is full.")), Reason::install_failed);
}

TEST(InstallPlan, ABoardThatCannotOrDoesNotTakeItLeavesTheFormerVersion) {
  for (const auto& [code, reason] :
       {std::pair{hal::ErrorCode::helper_unsupported, Reason::install_unsupported},
        std::pair{hal::ErrorCode::helper_failed, Reason::install_failed},
        std::pair{hal::ErrorCode::helper_missing, Reason::install_failed}}) {
    auto one = fetching_package();
    (void)one.fetched();
    EXPECT_EQ(answered(one.board_took(board_error(code))), reason);
    EXPECT_TRUE(one.record().floor.empty());
  }
}

TEST(InstallPlan, ABoardThatWasTooSlowIsAskedWhetherItBegan) {
  auto one = fetching_package();
  (void)one.fetched();
  const auto steps = one.board_took(board_error(hal::ErrorCode::helper_timeout));
  EXPECT_EQ(all<LookLater>(steps).size(), 1U);
  EXPECT_EQ(all<AskBoard>(one.look()).size(), 1U);
}

TEST(InstallPlan, TheBoardsVerdictIsTheAnswer) {
  struct Case {
    hal::InstallStatus said;
    Reason reason;
  };
  for (const auto& [said, reason] :
       {Case{{State::failed, "0.2.0", "no room"}, Reason::install_failed},
        Case{{State::rolled_back, "0.2.0", "not confirmed"}, Reason::install_rolled_back},
        Case{{State::done, "0.2.0", ""}, Reason::install_failed}}) {
    auto one = plan(installing());
    ASSERT_EQ(all<AskBoard>(one.started()).size(), 1U);
    EXPECT_EQ(answered(one.board_said(said)), reason);
  }
}

TEST(InstallPlan, AVerdictOnAnotherVersionIsNone) {
  auto one = plan(installing());
  (void)one.started();
  const auto steps = one.board_said(hal::InstallStatus{State::failed, "0.1.9", "no room"});
  EXPECT_EQ(all<GiveToBoard>(steps).size(), 1U) << "the power went before the board was asked";
}

TEST(InstallPlan, ABoardThatNeverEndsIsNotWaitedForWithoutEnd) {
  auto one = plan(installing());
  (void)one.started();
  InstallSteps steps;
  for (int i = 0; i < max_install_looks; ++i) {
    steps = one.board_said(hal::InstallStatus{State::running, "0.2.0", ""});
    ASSERT_EQ(all<LookLater>(steps).size(), 1U) << i;
  }
  steps = one.board_said(board_error(hal::ErrorCode::helper_timeout));
  EXPECT_EQ(answered(steps), Reason::install_failed);
}

TEST(InstallPlan, AnOrderIsPursuedOverABoundedNumberOfStarts) {
  InstallRecord record = installing();
  record.phase = Phase::fetching;
  for (int i = 0; i < max_install_starts; ++i) {
    auto one = plan(record);
    EXPECT_TRUE(all<AnswerTask>(one.started()).empty()) << i;
    record = one.record();
  }
  EXPECT_EQ(answered(plan(record).started()), Reason::interrupted);
}

TEST(InstallPlan, ASecondOrderWaitsForNothing) {
  auto one = fetching_package();
  const auto steps = one.ordered("u2", order);
  EXPECT_EQ(answered(steps), Reason::busy);
  EXPECT_EQ(one.record().uid, "u1");
}

TEST(InstallPlan, WhatRunsAlreadyIsASuccessWithoutAStep) {
  auto one = plan({}, "0.2.0");
  (void)one.session(true);
  const auto steps = one.ordered("u1", order);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(answered(steps), Reason::none);
}

TEST(InstallPlan, ATaskThatTheJournalDoesNotKnowWasInterrupted) {
  EXPECT_EQ(answered(plan().resumed("u1")), Reason::interrupted);
  EXPECT_EQ(answered(plan(installing()).resumed("u2")), Reason::interrupted);
  EXPECT_TRUE(plan(installing()).resumed("u1").empty());
}

TEST(InstallPlan, WithoutAWayToTheFileServerItWaitsForTheNextSession) {
  auto one = plan();
  EXPECT_TRUE(all<FetchManifest>(one.ordered("u1", order)).empty());
  EXPECT_EQ(all<FetchManifest>(one.session(true)).size(), 1U);
  one.fetch_put_off();
  EXPECT_TRUE(one.session(false).empty());
  EXPECT_EQ(all<FetchManifest>(one.session(true)).size(), 1U);
}

TEST(InstallPlan, ANewVersionConfirmsItselfWithItsFirstSessionAndNotBefore) {
  auto one = plan(installing(), "0.2.0");
  EXPECT_TRUE(all<ConfirmToBoard>(one.started()).empty());
  EXPECT_TRUE(one.board_said(hal::InstallStatus{State::trial, "0.2.0", ""}).empty());
  ASSERT_EQ(all<ConfirmToBoard>(one.session(true)).size(), 1U);
  EXPECT_EQ(answered(one.board_confirmed({})), Reason::none);
  EXPECT_EQ(one.record().floor, "0.2.0");
  EXPECT_EQ(one.record().floor_time.seconds, 1'790'000'000);
}

TEST(InstallPlan, ANewVersionThatTheBoardHasGivenUpDoesNotClaimSuccess) {
  auto one = plan(installing(), "0.2.0");
  (void)one.started();
  (void)one.session(true);
  EXPECT_EQ(all<AskBoard>(one.board_confirmed(board_error(hal::ErrorCode::helper_failed))).size(),
            1U);
  const auto steps = one.board_said(hal::InstallStatus{State::running, "0.2.0", ""});
  EXPECT_TRUE(all<AnswerTask>(steps).empty());
  EXPECT_EQ(all<ConfirmToBoard>(one.look()).size(), 1U);
}

TEST(InstallPlan, GoingBackLowersTheFloorForWhatWasPermittedAlone) {
  InstallRecord record;
  record.floor = "0.2.0";
  record.floor_time = {1'780'000'000};
  const core::SoftwareInstall back{"oobm-agent", "0.1.0", "https://files.example/x.ipk"};
  auto said = manifest();
  said.version = version("0.1.0");
  auto one = plan(record, "0.2.0");
  (void)one.session(true);
  (void)one.ordered("u1", back);
  EXPECT_EQ(answered(one.manifest(said)), Reason::package_downgrade);
  said.downgrade = true;
  (void)one.ordered("u2", back);
  EXPECT_EQ(all<FetchPackage>(one.manifest(said)).size(), 1U);
  EXPECT_EQ(one.record().floor, "0.2.0") << "until it has proved itself";
}

}  // namespace
}  // namespace oobm::daemon
