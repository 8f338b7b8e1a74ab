// Registration: the announcement, ALMS's answers, and which statements are believed.
#include <set>

#include <gmock/gmock.h>

#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;
using Outcome = RegisterResult::Outcome;

RegisterResult answer(Outcome outcome, std::optional<std::string> nonce, std::string code = {},
                      std::string text = {}) {
  return {.outcome = outcome,
          .code = std::move(code),
          .text = std::move(text),
          .nonce = std::move(nonce),
          .entitlement = std::nullopt};
}

class Registering : public testing::Test {
 protected:
  void SetUp() override { router_.boot_and_connect(); }

  Entitlement claims(AlmsState state = AlmsState::inventory) const {
    auto result = entitlement_for(placement_of(xr80_na()), state);
    result.base.nonce = router_.nonce();
    return result;
  }
  std::optional<Ack> accepted(const std::string& uid, const Entitlement& claims) {
    auto result = answer(Outcome::accepted, router_.nonce());
    result.entitlement = signed_statement(claims);
    router_.task(uid, std::move(result));
    return router_.ack(uid);
  }
  // The session ends without an answer, and the next one begins.
  void announce_anew() {
    router_.advance(reply_limit + seconds(1));
    ASSERT_FALSE(router_.online());
    router_.feed(OperatorSync{});
    router_.advance(seconds(5));
    ASSERT_TRUE(router_.online());
  }
  Router router_;
};

// ---- announcement

TEST_F(Registering, TheAnnouncementNamesTheRouterAndBearsANonce) {
  ASSERT_EQ(router_.said<Announcement>().size(), 1U);
  const auto announcement = router_.said<Announcement>().front();
  EXPECT_EQ(announcement.identity.serial.str(), xr80_serial);
  EXPECT_EQ(announcement.identity.imei->str(), xr80_imei);
  EXPECT_EQ(announcement.identity.model, "XR80");
  EXPECT_EQ(announcement.iccid->str(), sim_iccid);
  EXPECT_EQ(announcement.agent_version, "0.1.0");
  EXPECT_EQ(announcement.entitlement_sequence, 0U);
  EXPECT_EQ(announcement.nonce.size(), 32U);
}

TEST_F(Registering, EveryAnnouncementBearsANonceOfItsOwn) {
  std::set<std::string> seen{router_.nonce()};
  for (int i = 0; i < 100; ++i) {
    announce_anew();
    EXPECT_TRUE(seen.insert(router_.nonce()).second);
  }
}

TEST(Announcing, IsTheFirstWordOfEverySessionInEveryState) {
  for (const auto& state : {State{}, state_in_service(),
                            state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)}) {
    Router router({.state = state});
    Alms alms(entitlement_for(placement_of(xr80_na()), AlmsState::suspended));
    router.boot_and_connect();
    for (int session = 0; session < 3; ++session) {
      ASSERT_TRUE(router.online());
      const auto published = router.all<Publish>();
      ASSERT_FALSE(published.empty());
      EXPECT_TRUE(std::holds_alternative<Announcement>(published.front().outgoing.message));
      router.feed(SessionClosed{refused_login});
      router.forget();
      router.feed(OperatorSync{});
      router.advance(seconds(3));
    }
  }
}

TEST(Announcing, TellsTheHighestSequenceHeld) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  EXPECT_EQ(router.said<Announcement>().front().entitlement_sequence, 1U);
}

// ---- answers that move nothing

TEST_F(Registering, NoAnswerWithinAMinuteIsNamedAndTheSessionEnds) {
  router_.advance(reply_limit);
  EXPECT_FALSE(router_.online());
  EXPECT_EQ(router_.status().last_fault->reason, Reason::no_reply);
  EXPECT_EQ(router_.notified("no_reply").size(), 1U);
}

TEST_F(Registering, PendingIsShownAndTheSessionLingersForTheOperator) {
  router_.task("t1", answer(Outcome::pending, router_.nonce()));
  EXPECT_TRUE(router_.ack("t1")->ok);
  EXPECT_EQ(router_.state().reason, Reason::pending);
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::unregistered);
  router_.advance(linger_length - seconds(10));
  EXPECT_TRUE(router_.online());
  router_.advance(seconds(20));
  EXPECT_FALSE(router_.online());
}

TEST_F(Registering, AnAnswerToAnotherAnnouncementIsRefused) {
  for (const auto& nonce : {std::optional<std::string>(), std::optional<std::string>("other")}) {
    router_.task("t" + nonce.value_or(""), answer(Outcome::refused, nonce, "ACCOUNT_CLASS"));
    EXPECT_EQ(router_.state().reason, Reason::never_registered);
  }
  EXPECT_THAT(router_.ack("tother")->message, HasSubstr("STATEMENT_NONCE"));
}

TEST_F(Registering, EachRefusalReachesTheTechnicianUnderItsCode) {
  int uid = 0;
  for (const auto reason :
       {Reason::account_class, Reason::region_mismatch, Reason::not_registered,
        Reason::offer_device_mismatch, Reason::offer_no_oobm, Reason::registered_elsewhere,
        Reason::identity_mismatch, Reason::sim_mismatch, Reason::retired}) {
    router_.task("t" + std::to_string(++uid),
                 answer(Outcome::refused, router_.nonce(), std::string(code(reason)), "In words."));
    EXPECT_EQ(router_.status().verdict, (Refusal{reason, "In words."}));
    EXPECT_EQ(router_.status().alms_refusal, (Refusal{reason, "In words."}));
    EXPECT_EQ(router_.state().lifecycle, Lifecycle::unregistered);
  }
}

// The words are not signed: no code may make a router look well that is not.
TEST_F(Registering, ACodeThatIsNoRefusalReadsNotRegistered) {
  int uid = 0;
  for (const auto& row : reasons()) {
    if (row.reason >= Reason::account_class && row.reason <= Reason::sim_mismatch) continue;
    if (row.reason == Reason::region_mismatch || row.reason == Reason::retired) continue;
    router_.task("t" + std::to_string(++uid),
                 answer(Outcome::refused, router_.nonce(), std::string(row.code)));
    EXPECT_EQ(router_.state().reason, Reason::not_registered) << row.code;
    router_.advance(seconds(1));
  }
  router_.task("x", answer(Outcome::refused, router_.nonce(), "NO_SUCH_CODE"));
  EXPECT_EQ(router_.state().reason, Reason::not_registered);
}

TEST_F(Registering, TheWordsOfAlmsAreBoundedAndPrintable) {
  router_.task("t1", answer(Outcome::refused, router_.nonce(), "ACCOUNT_CLASS",
                            "\x1b[2J" + std::string(199, 'x') + "\xc3\xa9"));
  const auto& shown = router_.status().verdict.detail;
  EXPECT_LE(shown.size(), 200U);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  for (const auto& notify : router_.all<Notify>())
    EXPECT_EQ(notify.text.find('\x1b'), std::string::npos);
}

TEST(Refused, ByWordsAloneMovesNoRouterThatIsInService) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.task("t1", answer(Outcome::refused, router.nonce(), "RETIRED"));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(router.state().reason, Reason::in_service);
  EXPECT_EQ(router.status().alms_refusal->reason, Reason::retired);
  EXPECT_TRUE(router.online());
}

// ... but the signed statement that a refusal may carry is the word of ALMS like any other: the
// order to retire may have been lost, and the answer to an announcement is then all there is.
TEST(Refused, WithASignedStatementMovesLikeTheStatement) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  auto claims = entitlement_for(placement_of(xr80_na()), AlmsState::retired);
  claims.base.sequence = 7;
  claims.base.id = "e-7";
  claims.base.nonce = router.nonce();
  auto refused = answer(Outcome::refused, router.nonce(), "RETIRED");
  refused.entitlement = signed_statement(claims);
  router.task("t1", refused);
  EXPECT_TRUE(router.ack("t1")->ok);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::retired);
}

TEST_F(Registering, AcceptedWithoutAnEntitlementIsAnError) {
  router_.task("t1", answer(Outcome::accepted, router_.nonce()));
  EXPECT_THAT(router_.ack("t1")->message, HasSubstr("BAD_PARAMETER"));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::unregistered);
}

TEST_F(Registering, AStatementThatTheCodecRefusedKeepsItsCodeAndTheState) {
  for (const auto reason :
       {Reason::statement_too_large, Reason::statement_malformed, Reason::statement_algorithm,
        Reason::statement_type, Reason::statement_key, Reason::statement_signature}) {
    const auto before = router_.state();
    const std::string uid(code(reason));
    router_.task(uid, Entitle{std::unexpected(Refusal{reason, "Detail."})});
    EXPECT_EQ(router_.ack(uid)->message, std::string(code(reason)) + ": Detail.");
    EXPECT_EQ(router_.state().lifecycle, before.lifecycle);
    EXPECT_EQ(router_.state().entitlement, before.entitlement);
    EXPECT_EQ(router_.state().registration, before.registration);
  }
  EXPECT_EQ(router_.status().refused_statements, 6U);
}

// ---- the entitlement's own conditions

struct Misfit {
  const char* rule;
  void (*make)(Entitlement&);
  Reason reason;
};

class Unfit : public testing::TestWithParam<Misfit> {};

TEST_P(Unfit, IsRefusedToldAndConsumesNothing) {
  Router router;
  router.boot_and_connect();
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.nonce = router.nonce();
  auto good = claims;
  GetParam().make(claims);
  auto result = answer(Outcome::accepted, router.nonce());
  result.entitlement = signed_statement(claims);
  router.task("t1", result);
  EXPECT_FALSE(router.ack("t1")->ok);
  EXPECT_THAT(router.ack("t1")->message, HasSubstr(std::string(code(GetParam().reason)) + ": "));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
  EXPECT_EQ(router.state().entitlement, std::nullopt);
  EXPECT_EQ(router.state().time_floor, UnixTime{});
  router.entitle("t2", good);
  EXPECT_TRUE(router.ack("t2")->ok) << "the nonce is still good";
}

TEST_P(Unfit, TellsTheTechnicianWhatIsWrong) {
  Router router;
  router.boot_and_connect();
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.nonce = router.nonce();
  GetParam().make(claims);
  router.entitle("t1", claims);
  EXPECT_EQ(router.notified("statement_refused").front().reason, GetParam().reason);
  const bool for_the_operator = GetParam().reason != Reason::statement_issuer &&
                                GetParam().reason != Reason::statement_audience;
  if (for_the_operator) {
    EXPECT_EQ(router.status().verdict.reason, GetParam().reason);
    ASSERT_TRUE(router.status().alms_refusal);
    EXPECT_EQ(router.status().alms_refusal->reason, GetParam().reason);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Entitlement, Unfit,
    testing::Values(Misfit{"OfTheOtherRegion", [](Entitlement& e) { e.region = Region::global; },
                           Reason::region_mismatch},
                    Misfit{"InAStandardAccount",
                           [](Entitlement& e) { e.account.account_class = AccountClass::standard; },
                           Reason::account_class},
                    Misfit{"OnAnOfferForTheOtherModel",
                           [](Entitlement& e) { e.offer.devices = {"XR90"}; },
                           Reason::offer_device_mismatch},
                    Misfit{"OnAirLinkBasic", [](Entitlement& e) { e.offer.services = {"DM"}; },
                           Reason::offer_no_oobm},
                    Misfit{"ForAnotherSerialNumber",
                           [](Entitlement& e) { e.base.subject = "XR80NA0000009"; },
                           Reason::identity_mismatch},
                    Misfit{"ForAnotherImei", [](Entitlement& e) { e.base.imei = other_imei; },
                           Reason::identity_mismatch},
                    Misfit{"FromTheOtherInstance", [](Entitlement& e) { e.base.issuer = "eu"; },
                           Reason::statement_issuer},
                    Misfit{"ForAnotherAudience", [](Entitlement& e) { e.base.audience = "x"; },
                           Reason::statement_audience}),
    [](const auto& row) { return std::string(row.param.rule); });

TEST(UnfitInService, AnEntitlementThatDoesNotFitLeavesServiceAsItIsAndIsShown) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  auto claims = router.state().entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.offer.services = {"DM"};
  router.entitle("t1", claims);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(router.status().verdict.reason, Reason::in_service);
  EXPECT_EQ(router.status().alms_refusal->reason, Reason::offer_no_oobm);
}

// ---- nonce and order, through the whole agent

TEST_F(Registering, AFirstEntitlementWithoutOurNonceIsRefused) {
  auto statement = claims();
  for (const auto& nonce : {std::optional<std::string>(), std::optional<std::string>("other")}) {
    statement.base.nonce = nonce;
    EXPECT_THAT(accepted("t" + nonce.value_or(""), statement)->message,
                HasSubstr("STATEMENT_NONCE"));
  }
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::unregistered);
}

TEST_F(Registering, ANonceIsGoodForTheNewestAnnouncementOnly) {
  const auto old = claims();
  announce_anew();
  EXPECT_THAT(accepted("t1", old)->message, HasSubstr("STATEMENT_NONCE"));
}

TEST_F(Registering, ANonceIsUsedOnce) {
  EXPECT_TRUE(accepted("t1", claims())->ok);
  auto second = claims();
  second.base.registration = "r-2";
  EXPECT_THAT(accepted("t2", second)->message, HasSubstr("STATEMENT_NONCE"));
  EXPECT_EQ(router_.state().registration->registration, "r-1");
}

TEST_F(Registering, ANonceOutlivesNoRestart) {
  const auto statement = claims();
  Router second({.state = router_.state(), .boot_id = "boot-2", .seed = 2});
  second.boot_and_connect();
  second.entitle("t1", statement);
  EXPECT_THAT(second.ack("t1")->message, HasSubstr("STATEMENT_NONCE"));
}

TEST_F(Registering, AcceptedLeadsToInventory) {
  EXPECT_TRUE(accepted("t1", claims())->ok);
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::inventory);
  EXPECT_EQ(router_.status().verdict.reason, Reason::awaiting_order);
  EXPECT_EQ(router_.status().alms_refusal, std::nullopt);
  const auto reports = router_.said<LifecycleReport>();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports.front().state, Lifecycle::inventory);
  EXPECT_EQ(router_.agent().time(router_.now()).level, TimeLevel::attested);
}

TEST_F(Registering, AnEntitlementThatBearsTheNonceIsAnAnswerHoweverItCame) {
  router_.entitle("t1", claims());
  router_.advance(reply_limit + seconds(5));
  EXPECT_TRUE(router_.notified("no_reply").empty());
  EXPECT_TRUE(router_.online());
}

TEST_F(Registering, ADuplicateIsAnsweredAsBeforeAndChangesNothing) {
  const auto statement = claims();
  EXPECT_TRUE(accepted("t1", statement)->ok);
  router_.forget();
  router_.entitle("t2", statement);
  EXPECT_TRUE(router_.ack("t2")->ok);
  EXPECT_TRUE(router_.notified("lifecycle").empty());
}

TEST_F(Registering, AReplayOfAnOlderStatementIsRefused) {
  const auto first = claims(AlmsState::active);
  EXPECT_TRUE(accepted("t1", first)->ok);
  auto suspended = claims(AlmsState::suspended);
  suspended.base.sequence = 2;
  suspended.base.id = "e-2";
  suspended.base.nonce.reset();
  router_.entitle("t2", suspended);
  ASSERT_EQ(router_.state().lifecycle, Lifecycle::suspended);
  router_.entitle("t3", first);
  EXPECT_THAT(router_.ack("t3")->message, HasSubstr("STATEMENT_REPLAYED"));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::suspended);
}

TEST_F(Registering, ASupersededRegistrationStaysRefused) {
  EXPECT_TRUE(accepted("t1", claims(AlmsState::active))->ok);
  router_.feed(OperatorSync{});
  auto second = claims(AlmsState::suspended);
  second.base.registration = "r-2";
  EXPECT_TRUE(accepted("t2", second)->ok);
  EXPECT_THAT(router_.state().superseded, testing::ElementsAre("r-1"));
  router_.feed(OperatorSync{});
  auto back = claims(AlmsState::active);
  back.base.sequence = 99;
  back.base.id = "e-99";
  EXPECT_THAT(accepted("t3", back)->message, HasSubstr("STATEMENT_SUPERSEDED"));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::suspended);
}

TEST_F(Registering, TheListOfSupersededRegistrationsIsBounded) {
  for (int i = 0; i < 30; ++i) {
    router_.feed(OperatorSync{});
    auto statement = claims();
    statement.base.registration = "r-" + std::to_string(i);
    ASSERT_TRUE(accepted("t" + std::to_string(i), statement)->ok);
  }
  EXPECT_EQ(router_.state().superseded.size(), max_superseded);
  EXPECT_EQ(router_.state().superseded.back(), "r-28");
}

// ---- leaving

TEST(Deregistered, TheRouterForgetsItsRegistrationAndMayBeRegisteredAnew) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  auto statement = deregistration_for(placement_of(xr80_na()));
  statement.base.sequence = 2;
  statement.base.id = "d-2";
  router.task("t1", Deregister{signed_statement(statement)});
  EXPECT_TRUE(router.ack("t1")->ok);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
  EXPECT_EQ(router.state().reason, Reason::deregistered);
  EXPECT_EQ(router.state().entitlement, std::nullopt);
  EXPECT_FALSE(router.state().path_proven);
  EXPECT_FALSE(router.state().test);
  const auto report = router.said<LifecycleReport>().back();
  EXPECT_EQ(report.state, Lifecycle::unregistered);
  EXPECT_EQ(report.valid_until, std::nullopt);

  auto old = entitlement_for(placement_of(xr80_na()));
  old.base.sequence = 50;
  old.base.id = "e-50";
  old.base.nonce = router.nonce();
  router.entitle("t2", old);
  EXPECT_THAT(router.ack("t2")->message, HasSubstr("STATEMENT_SUPERSEDED"));

  router.feed(OperatorSync{});
  auto anew = entitlement_for(placement_of(xr80_na()));
  anew.base.registration = "r-2";
  anew.base.nonce = router.nonce();
  router.entitle("t3", anew);
  EXPECT_TRUE(router.ack("t3")->ok);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active) << "activated and proven in this session";
}

TEST(Deregistered, AnUnregisteredRouterRemembersThatThisRegistrationIsOver) {
  Router router;
  router.boot_and_connect();
  auto statement = deregistration_for(placement_of(xr80_na()));
  statement.base.nonce = router.nonce();
  router.task("t1", Deregister{signed_statement(statement)});
  EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
  auto later = entitlement_for(placement_of(xr80_na()));
  later.base.sequence = 9;
  later.base.id = "e-9";
  router.entitle("t2", later);
  EXPECT_FALSE(router.ack("t2")->ok);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
}

TEST(Deregistered, AForgedOrReplayedDeregistrationMovesNothing) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  auto statement = deregistration_for(placement_of(xr80_na()));
  statement.base.id = "d-1";  // same sequence as the entitlement held
  router.task("t1", Deregister{signed_statement(statement)});
  EXPECT_THAT(router.ack("t1")->message, HasSubstr("STATEMENT_REPLAYED"));
  statement.base.sequence = 2;
  statement.base.subject = "XR80NA0000002";
  router.task("t2", Deregister{signed_statement(statement)});
  EXPECT_THAT(router.ack("t2")->message, HasSubstr("IDENTITY_MISMATCH"));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
}

TEST(Retired, OnlyAStatementThatAnswersOurNonceLeadsBack) {
  Router router({.state = state_in(Lifecycle::retired, Reason::retired, AlmsState::retired)});
  router.boot_and_connect();
  auto same = entitlement_for(placement_of(xr80_na()));
  same.base.sequence = 2;
  same.base.id = "e-2";
  router.entitle("t1", same);
  EXPECT_THAT(router.ack("t1")->message, HasSubstr("STATEMENT_NONCE"));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::retired);
  auto anew = entitlement_for(placement_of(xr80_na()));
  anew.base.registration = "r-2";
  anew.base.nonce = router.nonce();
  router.entitle("t2", anew);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
}

}  // namespace
}  // namespace oobm::core::test
