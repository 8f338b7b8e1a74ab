// Statements that a person carries: the last way home for a router whose every link is down, under
// the same rules as what comes by wire.
#include <gmock/gmock.h>

#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

// A router that no link reaches.
class OutOfReach : public testing::Test {
 protected:
  void start(State state = {}, std::string boot_id = "boot-1") {
    router_ = std::make_unique<Router>(
        RouterOptions{.state = std::move(state), .boot_id = std::move(boot_id)});
    router_->world.oobm_fault = refused_login;
    router_->boot();
    router_->advance(minutes(10));
  }
  void restart(std::string boot_id) { start(State(router_->state()), std::move(boot_id)); }

  std::string request() {
    router_->feed(OperatorRequest{});
    return router_->state().request ? router_->state().request->nonce : std::string();
  }

  // What became of it; Reason::none: it counts.
  Reason carry(const StatementResult& statement) {
    router_->forget();
    router_->feed(StatementCarried{statement});
    const auto judged = router_->all<StatementJudged>();
    EXPECT_EQ(judged.size(), 1U);
    return judged.front().refusal ? judged.front().refusal->reason : Reason::none;
  }
  Reason carry(const Entitlement& claims) {
    return carry(StatementResult(signed_statement(claims)));
  }

  static Entitlement answer(const std::string& nonce, AlmsState state = AlmsState::active) {
    auto claims = entitlement_for(placement_of(xr80_na()), state);
    claims.base.nonce = nonce;
    return claims;
  }

  std::unique_ptr<Router> router_;
};

TEST_F(OutOfReach, WithoutARequestAFirstStatementIsRefused) {
  start();
  auto claims = entitlement_for(placement_of(xr80_na()));
  EXPECT_EQ(carry(claims), Reason::statement_nonce);
  claims.base.nonce = "";
  EXPECT_EQ(carry(claims), Reason::statement_nonce);
  EXPECT_EQ(router_->state().lifecycle, Lifecycle::unregistered);
}

TEST_F(OutOfReach, ABlockedRouterMakesNoRequestAndTakesNothing) {
  start();
  const auto nonce = request();
  auto inputs = xr80_na();
  inputs.pinned = "eu";
  router_->feed(RegionInputsChanged{inputs});
  EXPECT_EQ(carry(answer(nonce)), Reason::region_mismatch);
  EXPECT_TRUE(router_->state().request)
      << "a fault that passes must not make the journey worthless";
  Router blocked;
  blocked.boot(inputs);
  blocked.feed(OperatorRequest{});
  EXPECT_FALSE(blocked.state().request);
}

TEST_F(OutOfReach, EveryRuleOfTheWireHolds) {
  start();
  const auto nonce = request();
  auto other = answer(nonce);
  other.base.subject = "XR80NA9999999";
  EXPECT_EQ(carry(other), Reason::identity_mismatch);
  auto standard = answer(nonce);
  standard.account.account_class = AccountClass::standard;
  EXPECT_EQ(carry(standard), Reason::account_class);
  EXPECT_EQ(carry(std::unexpected(Refusal{Reason::statement_signature, {}})),
            Reason::statement_signature);
  EXPECT_EQ(carry(answer("0123456789abcdef")), Reason::statement_nonce);
  EXPECT_EQ(router_->state().lifecycle, Lifecycle::unregistered);
  EXPECT_EQ(router_->status().refused_statements, 4U);
  EXPECT_EQ(carry(answer(nonce)), Reason::none) << "what was refused did not use the nonce up";
}

TEST_F(OutOfReach, TheAnswerToARequestRegistersAndOrdersTheActivation) {
  start();
  EXPECT_EQ(carry(answer(request())), Reason::none);
  EXPECT_EQ(router_->state().lifecycle, Lifecycle::activating);
  EXPECT_FALSE(router_->state().request);
  EXPECT_EQ(router_->notified("statement_carried").size(), 1U);
}

TEST_F(OutOfReach, ARequestIsGoodForOneAnswer) {
  start();
  const auto nonce = request();
  ASSERT_EQ(carry(answer(nonce)), Reason::none);
  auto other = answer(nonce);
  other.base.registration = "r-2";
  EXPECT_EQ(carry(other), Reason::statement_nonce);
}

TEST_F(OutOfReach, AskingTwiceLeavesTheFirstRequestGood) {
  start();
  const auto nonce = request();
  EXPECT_EQ(nonce.size(), 32U);
  EXPECT_EQ(request(), nonce);
}

TEST_F(OutOfReach, ARequestOutlivesARestart) {
  start();
  const auto nonce = request();
  restart("boot-2");
  EXPECT_TRUE(router_->status().request_open);
  EXPECT_EQ(carry(answer(nonce)), Reason::none);
}

TEST_F(OutOfReach, TheAnswerMayComeByWireAfterAll) {
  start();
  const auto nonce = request();
  router_->world.oobm_fault.reset();
  router_->feed(OperatorSync{});
  router_->advance(seconds(5));
  ASSERT_TRUE(router_->online());
  router_->entitle("e1", answer(nonce));
  EXPECT_TRUE(router_->ack("e1")->ok);
  EXPECT_FALSE(router_->state().request);
}

TEST_F(OutOfReach, ALapsedRouterReturnsWithARenewalAndWithoutANonce) {
  auto state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active);
  state.path_proven = true;
  start(state);
  auto renewal = entitlement_for(placement_of(xr80_na()));
  renewal.base.sequence = 2;
  renewal.base.id = "e-2";
  renewal.valid_until = today + days(700);
  EXPECT_EQ(carry(renewal), Reason::none);
  EXPECT_EQ(router_->state().lifecycle, Lifecycle::active);
  EXPECT_EQ(carry(renewal), Reason::none) << "the same again is a harmless duplicate";
  auto older = renewal;
  older.base.sequence = 1;
  older.base.id = "e-1b";
  EXPECT_EQ(carry(older), Reason::statement_replayed);
}

TEST_F(OutOfReach, ARetiredRouterNeedsTheAnswerToItsRequest) {
  start(state_in(Lifecycle::retired, Reason::retired, AlmsState::retired));
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.registration = "r-2";
  EXPECT_EQ(carry(claims), Reason::statement_nonce);
  claims.base.nonce = request();
  EXPECT_EQ(carry(claims), Reason::none);
  EXPECT_EQ(router_->state().lifecycle, Lifecycle::activating);
}

TEST_F(OutOfReach, KeysAreTakenInEveryStateButBlocked) {
  const TrustSet keys{.issuer = "na", .version = 5, .issued_at = today, .keys = {}};
  for (const auto lifecycle : all_lifecycles()) {
    start(lifecycle == Lifecycle::unregistered
              ? State{}
              : state_in(lifecycle, Reason::none, AlmsState::active));
    EXPECT_EQ(carry(StatementResult(signed_statement(keys))), Reason::none) << to_text(lifecycle);
    EXPECT_EQ(router_->count<TrustChanged>(), 1U) << to_text(lifecycle);
  }
  auto pinned = xr80_na();
  pinned.pinned = "eu";
  router_->feed(RegionInputsChanged{pinned});
  EXPECT_EQ(carry(StatementResult(signed_statement(keys))), Reason::region_mismatch);
}

// ---- time: what was carried tells it no better than the journey was short

TEST_F(OutOfReach, WhatWasCarriedIsNoAttestation) {
  start();
  ASSERT_EQ(carry(answer(request())), Reason::none);
  EXPECT_EQ(router_->status().time.level, TimeLevel::floor);
  EXPECT_EQ(router_->status().time.time, today);
}

TEST_F(OutOfReach, AFloorThatIsProvablyWrongIsCorrected) {
  State state;
  state.time_floor = today + days(3'000);
  start(state);
  const auto nonce = request();
  router_->advance(days(3));
  ASSERT_EQ(carry(answer(nonce)), Reason::none);
  EXPECT_EQ(router_->state().time_floor, today + days(3));
}

TEST_F(OutOfReach, AJourneyAcrossARestartNeverLowersTheFloor) {
  State state;
  state.time_floor = today + days(3'000);
  start(state);
  const auto nonce = request();
  restart("boot-2");
  ASSERT_EQ(carry(answer(nonce)), Reason::none);
  EXPECT_EQ(router_->state().time_floor, today + days(3'000));
}

}  // namespace
}  // namespace oobm::core::test
