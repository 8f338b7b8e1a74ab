// Which statements are believed: whom they address, in which order, and whether they fit.
#include "agent/core/statement.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core::test {
namespace {

const std::optional<std::string> no_nonce;
const std::optional<std::string> our_nonce{"n-1"};
const std::vector<std::string> none_superseded;

StatementBase base(const char* registration, std::uint64_t sequence, const char* id,
                   std::optional<std::string> nonce = std::nullopt) {
  return {.issuer = "na",
          .audience = std::string(statement_audience),
          .subject = xr80_serial,
          .imei = xr80_imei,
          .registration = registration,
          .sequence = sequence,
          .id = id,
          .issued_at = today,
          .nonce = std::move(nonce)};
}

std::optional<RegistrationMemory> memory() {
  return RegistrationMemory{
      .issuer = "na", .registration = "r-1", .sequence = 7, .last_id = "e-7", .imei = xr80_imei};
}

std::expected<Order, Refusal> order(const StatementBase& statement,
                                    const std::optional<RegistrationMemory>& held = memory(),
                                    const std::optional<std::string>& nonce = no_nonce,
                                    bool retired = false) {
  return check_order(statement, {.memory = held,
                                 .superseded = none_superseded,
                                 .outstanding_nonce = nonce,
                                 .retired = retired});
}

void expect_refused(const std::expected<Order, Refusal>& outcome, Reason reason) {
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, reason) << outcome.error().detail;
}

TEST(StatementOrder, ALowerSequenceIsAReplay) {
  expect_refused(order(base("r-1", 6, "e-6")), Reason::statement_replayed);
  expect_refused(order(base("r-1", 0, "e-0")), Reason::statement_replayed);
}

TEST(StatementOrder, TheSameSequenceUnderAnotherIdIsAReplay) {
  expect_refused(order(base("r-1", 7, "e-other")), Reason::statement_replayed);
}

TEST(StatementOrder, TheSameIdUnderALowerSequenceIsAReplay) {
  expect_refused(order(base("r-1", 6, "e-7")), Reason::statement_replayed);
}

TEST(StatementOrder, AnOldStatementStaysAReplayEvenWithOurNonce) {
  expect_refused(order(base("r-1", 6, "e-6", our_nonce), memory(), our_nonce),
                 Reason::statement_replayed);
}

TEST(StatementOrder, TheSameIdAndSequenceIsAHarmlessDuplicate) {
  EXPECT_EQ(order(base("r-1", 7, "e-7")), Order::duplicate);
}

TEST(StatementOrder, AHigherSequenceIsNewer) {
  EXPECT_EQ(order(base("r-1", 8, "e-8")), Order::newer);
  EXPECT_EQ(order(base("r-1", 2'147'483'647, "e-z")), Order::newer);
}

TEST(StatementOrder, ANewRegistrationWithoutOurNonceIsRefused) {
  expect_refused(order(base("r-2", 1, "e-1")), Reason::statement_nonce);
  expect_refused(order(base("r-2", 1, "e-1"), memory(), our_nonce), Reason::statement_nonce);
}

TEST(StatementOrder, ANewRegistrationWithAnotherNonceIsRefused) {
  expect_refused(order(base("r-2", 1, "e-1", "n-2"), memory(), our_nonce), Reason::statement_nonce);
}

TEST(StatementOrder, ANonceThatIsNotOutstandingCountsForNothing) {
  expect_refused(order(base("r-2", 1, "e-1", our_nonce)), Reason::statement_nonce);
}

TEST(StatementOrder, ANewRegistrationThatAnswersOurNonceIsTheFirst) {
  EXPECT_EQ(order(base("r-2", 1, "e-1", our_nonce), memory(), our_nonce), Order::first);
}

TEST(StatementOrder, AnEmptyMemoryNeedsOurNonce) {
  expect_refused(order(base("r-1", 9, "e-9"), std::nullopt), Reason::statement_nonce);
  expect_refused(order(base("r-1", 9, "e-9"), std::nullopt, our_nonce), Reason::statement_nonce);
  EXPECT_EQ(order(base("r-1", 9, "e-9", our_nonce), std::nullopt, our_nonce), Order::first);
}

TEST(StatementOrder, AnotherIssuerIsAnotherRegistration) {
  auto statement = base("r-1", 9, "e-9");
  statement.issuer = "eu";
  expect_refused(order(statement), Reason::statement_nonce);
}

TEST(StatementOrder, AChangedImeiNeedsOurNonce) {
  auto statement = base("r-1", 8, "e-8");
  statement.imei = other_imei;
  expect_refused(order(statement), Reason::statement_nonce);
  statement.nonce = our_nonce;
  EXPECT_EQ(order(statement, memory(), our_nonce), Order::first);
}

TEST(StatementOrder, LeavingRetiredNeedsOurNonce) {
  expect_refused(order(base("r-1", 8, "e-8"), memory(), our_nonce, true), Reason::statement_nonce);
  expect_refused(order(base("r-2", 1, "e-1"), memory(), our_nonce, true), Reason::statement_nonce);
  EXPECT_EQ(order(base("r-2", 1, "e-1", our_nonce), memory(), our_nonce, true), Order::first);
}

TEST(StatementOrder, ASupersededRegistrationStaysRefusedWhateverItBears) {
  const std::vector<std::string> superseded{"r-0", "r-2"};
  const auto held = memory();
  for (const auto& nonce : {no_nonce, our_nonce}) {
    expect_refused(check_order(base("r-2", 99, "e-99", nonce), {.memory = held,
                                                                .superseded = superseded,
                                                                .outstanding_nonce = our_nonce,
                                                                .retired = false}),
                   Reason::statement_superseded);
  }
}

TEST(StatementOrder, TheTimeOfIssueIsNoTestOfAcceptance) {
  auto statement = base("r-1", 8, "e-8");
  statement.issued_at = UnixTime{0};
  EXPECT_EQ(order(statement), Order::newer);
}

class Addressee : public testing::Test {
 protected:
  std::optional<Reason> refusal(const StatementBase& statement) const {
    const auto outcome = check_addressee(statement, placement_);
    if (outcome) return std::nullopt;
    EXPECT_LE(outcome.error().detail.size(), 200U);
    return outcome.error().reason;
  }
  Placement placement_ = placement_of(xr80_na());
  StatementBase base_ = entitlement_for(placement_).base;
};

TEST_F(Addressee, AnotherInstanceIsRefused) {
  base_.issuer = "eu";
  EXPECT_EQ(refusal(base_), Reason::statement_issuer);
}

TEST_F(Addressee, AnotherAudienceIsRefused) {
  base_.audience = "router-agent";
  EXPECT_EQ(refusal(base_), Reason::statement_audience);
}

TEST_F(Addressee, AnotherSerialNumberIsRefused) {
  base_.subject = "XR80NA0000002";
  EXPECT_EQ(refusal(base_), Reason::identity_mismatch);
}

TEST_F(Addressee, AnotherImeiIsRefused) {
  base_.imei = other_imei;
  EXPECT_EQ(refusal(base_), Reason::identity_mismatch);
}

TEST_F(Addressee, ARouterThatDoesNotKnowItsImeiBelievesNoStatement) {
  placement_.identity.imei.reset();
  EXPECT_EQ(refusal(base_), Reason::identity_mismatch);
}

TEST_F(Addressee, ThisRouterIsAddressed) { EXPECT_EQ(refusal(base_), std::nullopt); }

class Fit : public testing::Test {
 protected:
  static std::optional<Reason> refusal(const Entitlement& claims, const Placement& placement) {
    const auto outcome = check_fit(claims, placement);
    if (outcome) return std::nullopt;
    EXPECT_LE(outcome.error().detail.size(), 200U);
    return outcome.error().reason;
  }
  Placement xr80_ = placement_of(xr80_na());
  Placement xr90_ = placement_of(xr90_global());
};

TEST_F(Fit, AnEntitlementForTheOtherRegionIsRefused) {
  auto claims = entitlement_for(xr80_);
  claims.region = Region::global;
  EXPECT_EQ(refusal(claims, xr80_), Reason::region_mismatch);
}

TEST_F(Fit, AStandardAccountCannotHoldTheRouter) {
  auto claims = entitlement_for(xr80_);
  claims.account.account_class = AccountClass::standard;
  EXPECT_EQ(refusal(claims, xr80_), Reason::account_class);
}

TEST_F(Fit, AnXr90OnAirLinkCompleteXr80IsRefused) {
  auto claims = entitlement_for(xr90_);
  claims.offer = {.name = "AirLink Complete (XR80)",
                  .devices = {"XR80"},
                  .services = {"DM", std::string(oobm_service)}};
  EXPECT_EQ(refusal(claims, xr90_), Reason::offer_device_mismatch);
  EXPECT_EQ(refusal(entitlement_for(xr80_), xr80_), std::nullopt);
}

TEST_F(Fit, AirLinkBasicHasNoOobmConnectivity) {
  auto claims = entitlement_for(xr80_);
  claims.offer = {.name = "AirLink Basic", .devices = {}, .services = {"DM"}};
  EXPECT_EQ(refusal(claims, xr80_), Reason::offer_no_oobm);
}

TEST_F(Fit, APremiumOfferForAnyDeviceFitsBothModels) {
  for (const auto& placement : {xr80_, xr90_}) {
    auto claims = entitlement_for(placement);
    claims.offer = {
        .name = "AirLink Premium", .devices = {}, .services = {std::string(oobm_service)}};
    EXPECT_EQ(refusal(claims, placement), std::nullopt);
  }
}

TEST(AlmsStates, AreReadAndWrittenAndLegacyOnesAreUnknown) {
  for (const auto state : {AlmsState::inventory, AlmsState::test_ready, AlmsState::active,
                           AlmsState::suspended, AlmsState::retired})
    EXPECT_EQ(alms_state_from_text(to_text(state)), state);
  for (const char* legacy : {"READY", "DEPLOYED", "MAINTENANCE", "", "active"})
    EXPECT_EQ(alms_state_from_text(legacy), std::nullopt) << legacy;
}

}  // namespace
}  // namespace oobm::core::test
