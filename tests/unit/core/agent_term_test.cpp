// The paid term against trusted time: notices, grace, suspension, and the way back. No wrong clock
// ends a service early, and none turned back prolongs it.
#include <gmock/gmock.h>

#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;

const UnixTime term_end = today + days(365);
const UnixTime grace_end = term_end + default_grace;

// Reports once a week, so that years pass quickly.
Router in_service(State state = state_in_service()) {
  state.settings = {.heartbeat_period_s = 604'800, .telemetry_period_s = 604'800};
  return Router({.state = std::move(state)});
}

Lifecycle after(const std::function<void(Router&)>& what, State state = state_in_service()) {
  auto router = in_service(std::move(state));
  router.boot();
  what(router);
  router.advance(minutes(1));
  return router.state().lifecycle;
}

State in_grace() { return state_in(Lifecycle::grace, Reason::term_ended, AlmsState::active); }
State lapsed() { return state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active); }

// ---- what must not end a service

TEST(Term, WithoutAnyEvidenceOfTimeNeverEnds) {
  EXPECT_EQ(after([](Router& r) { r.advance(days(700)); }), Lifecycle::active);
}

TEST(Term, OneClockThatIsWrongSuspendsNobody) {
  for (const auto source : {TimeSource::modem, TimeSource::system})
    EXPECT_EQ(after([&](Router& r) {
                r.feed(TimeEvidence{source, grace_end + days(2'000)});
                r.advance(days(3));
              }),
              Lifecycle::grace)
        << to_text(source);
}

TEST(Term, TwoClocksThatContradictSuspendNobody) {
  EXPECT_EQ(after([](Router& r) {
              r.feed(TimeEvidence{TimeSource::modem, grace_end + days(100)});
              r.feed(TimeEvidence{TimeSource::system, grace_end + days(2)});
              r.advance(days(3));
            }),
            Lifecycle::grace);
}

TEST(Term, AContradictionBelievesTheEarlierClock) {
  EXPECT_EQ(after([](Router& r) {
              r.feed(TimeEvidence{TimeSource::system, today});
              r.feed(TimeEvidence{TimeSource::modem, grace_end});
            }),
            Lifecycle::active);
}

TEST(Term, ClocksOfTheWrongCenturyAreNotBelieved) {
  for (const UnixTime trap :
       {UnixTime{315'964'800}, UnixTime{1'072'915'200}, UnixTime{3'471'292'800}})
    EXPECT_EQ(after([&](Router& r) { r.tell_time(trap); }), Lifecycle::active) << trap.seconds;
}

TEST(Term, GraceDoesNotEndOnOneClockAlone) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(grace_end + days(30), false); }, in_grace()),
            Lifecycle::grace);
}

// ---- what ends it

TEST(Term, EndsInGraceOnOneClock) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(term_end - minutes(5), false); }), Lifecycle::active);
  EXPECT_EQ(after([](Router& r) { r.tell_time(term_end, false); }), Lifecycle::grace);
}

TEST(Term, ServiceGoesOnThroughGrace) {
  auto router = in_service();
  router.boot_and_connect();
  router.tell_time(term_end);
  ASSERT_EQ(router.state().lifecycle, Lifecycle::grace);
  EXPECT_EQ(router.status().verdict.reason, Reason::term_ended);
  router.task("t1", Diagnose{});
  EXPECT_EQ(router.count<RunTask>(), 1U);
  EXPECT_TRUE(router.online());
}

TEST(Term, AndGraceAreOverOnTwoClocksThatAgree) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(grace_end - minutes(5)); }), Lifecycle::grace);
  EXPECT_EQ(after([](Router& r) { r.tell_time(grace_end); }), Lifecycle::suspended);
}

TEST(Term, AndGraceAreOverByAFloorThatIsPastThem) {
  auto state = state_in_service();
  state.time_floor = grace_end;
  EXPECT_EQ(after([](Router&) {}, state), Lifecycle::suspended);
  state.time_floor = grace_end - seconds(1);
  EXPECT_NE(after([](Router&) {}, state), Lifecycle::suspended);
}

TEST(Term, AndGraceRunOutWhileTheRouterRuns) {
  auto router = in_service();
  router.boot();
  router.tell_time(term_end - days(10));
  router.advance(days(9));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  router.advance(days(1) + minutes(1));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::grace);
  router.advance(days(7) - minutes(5));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::grace);
  router.advance(minutes(6));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::suspended);
  EXPECT_EQ(router.status().verdict.reason, Reason::lapsed);
}

TEST(Term, EndsOnTimeThatAlmsAttested) {
  auto state = state_in_service();
  state.entitlement->claims.valid_until = today + hours(1);
  Alms alms(state.entitlement->claims);
  alms.claims().base.issued_at = today;
  auto router = in_service(state);
  router.world.alms = Alms::answering(alms);
  router.boot_and_connect();
  EXPECT_EQ(router.status().time.level, TimeLevel::attested);
  router.advance(hours(1));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::grace);
  router.world.alms = nullptr;
  router.advance(days(7));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::suspended);
}

TEST(Term, AZeroGraceSuspendsAtTheEnd) {
  auto state = state_in_service();
  state.entitlement->claims.grace = seconds(0);
  EXPECT_EQ(after([](Router& r) { r.tell_time(term_end); }, state), Lifecycle::suspended);
}

TEST(Term, OfAnActivationThatNeverSucceededLapsesToo) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(grace_end); },
                  state_in(Lifecycle::activating, Reason::activation_ordered, AlmsState::active)),
            Lifecycle::suspended);
}

TEST(Term, AStatementWithoutEndHasNone) {
  auto state = state_in_service();
  state.entitlement->claims.valid_until.reset();
  EXPECT_EQ(after([](Router& r) { r.tell_time(grace_end + days(3'000)); }, state),
            Lifecycle::active);
}

// ---- time corrected, time turned back

TEST(CorrectedTime, LeadsFromGraceBackToActive) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(today, false); }, in_grace()), Lifecycle::active);
}

TEST(CorrectedTime, LeadsALapsedRouterBackAtOnceWithoutRestart) {
  auto router = in_service(lapsed());
  router.boot_and_connect();
  router.forget();
  router.tell_time(today);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_TRUE(router.online());
  router.task("t1", Diagnose{});
  EXPECT_EQ(router.count<RunTask>(), 1U);
}

TEST(CorrectedTime, ALapsedRouterWithoutProvenPathActivatesFirst) {
  auto state = lapsed();
  state.path_proven = false;
  Router router({.state = state});
  router.world.oobm_fault = refused_login;
  router.boot();
  router.tell_time(today);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::activating);
}

TEST(CorrectedTime, OfASingleClockDoesNotUndoALapse) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(today, false); }, lapsed()), Lifecycle::suspended);
}

TEST(CorrectedTime, DoesNotUndoASuspensionByAlms) {
  EXPECT_EQ(after([](Router& r) { r.tell_time(today); },
                  state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended)),
            Lifecycle::suspended);
}

TEST(ClockTurnedBack, PastASignedFloorRestoresNothing) {
  auto state = lapsed();
  state.time_floor = term_end - days(1);
  EXPECT_EQ(after([](Router& r) { r.tell_time(today); }, state), Lifecycle::suspended)
      << "both clocks stand before a time that ALMS has signed";
}

// ---- notices

TEST(RenewalNotices, AreGivenOnceEachThroughTheLastYear) {
  auto router = in_service();
  router.boot();
  router.tell_time(today);
  router.advance(days(364) + hours(23));
  EXPECT_EQ(router.notified("notice").size(), 7U);
  EXPECT_THAT(router.notified("notice").front().text, HasSubstr("90 days"));
  EXPECT_THAT(router.notified("notice").back().text, HasSubstr("1 day or less"));
  EXPECT_EQ(router.state().last_notice_days, 1);
}

TEST(RenewalNotices, AreNotRepeatedAfterARestart) {
  auto first = in_service();
  first.boot();
  first.tell_time(term_end - days(10));
  EXPECT_EQ(first.notified("notice").size(), 1U);
  Router second({.state = first.state(), .boot_id = "boot-2"});
  second.boot();
  second.tell_time(term_end - days(10));
  EXPECT_TRUE(second.notified("notice").empty());
}

TEST(RenewalNotices, BeginAnewWithANewTerm) {
  auto router = in_service();
  router.boot_and_connect();
  router.tell_time(term_end - days(10));
  ASSERT_EQ(router.state().last_notice_days, 14);
  auto renewed = router.state().entitlement->claims;
  renewed.base.sequence = 2;
  renewed.base.id = "e-2";
  renewed.valid_until = term_end + days(365);
  router.entitle("t1", renewed);
  EXPECT_EQ(router.state().last_notice_days, 0);
}

// ALMS extends at the term's end: an extension that comes then is no news, one that stays away is.
TEST(DirectBilling, ALateExtensionIsToldOnceAndAgainInALaterMonth) {
  auto state = state_in_service();
  state.entitlement->claims.billing = Billing::direct;
  auto router = in_service(state);
  router.boot_and_connect();
  router.tell_time(term_end - hours(1));
  router.advance(hours(24));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::grace);
  EXPECT_TRUE(router.notified("notice").empty()) << "not late yet";
  router.advance(hours(2));
  ASSERT_EQ(router.notified("notice").size(), 1U);
  EXPECT_EQ(router.notified("notice").front().reason, Reason::extension_late);
  router.advance(days(3));
  EXPECT_EQ(router.notified("notice").size(), 1U);
  Router again({.state = router.state(), .boot_id = "boot-2"});
  again.boot_and_connect();
  again.tell_time(term_end + days(4));
  again.advance(hours(1));
  EXPECT_TRUE(again.notified("notice").empty()) << "nor after a restart";

  auto extended = state.entitlement->claims;
  extended.base.sequence = 2;
  extended.base.id = "e-2";
  extended.valid_until = term_end + days(30);
  router.entitle("e2", extended);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  router.advance(days(32));
  EXPECT_EQ(router.notified("notice").size(), 2U);
}

TEST(DirectBilling, AnExtensionInTimeIsNoNews) {
  auto state = state_in_service();
  state.entitlement->claims.billing = Billing::direct;
  auto router = in_service(state);
  router.boot_and_connect();
  router.tell_time(term_end - hours(1));
  router.advance(hours(1) + minutes(5));
  auto extended = state.entitlement->claims;
  extended.base.sequence = 2;
  extended.base.id = "e-2";
  extended.valid_until = term_end + days(30);
  router.entitle("e2", extended);
  router.advance(days(20));
  EXPECT_TRUE(router.notified("notice").empty());
}

TEST(RenewalNotices, DirectBillingHasNone) {
  auto state = state_in_service();
  state.entitlement->claims.billing = Billing::direct;
  auto router = in_service(state);
  router.boot();
  router.tell_time(today);
  router.advance(days(364));
  EXPECT_TRUE(router.notified("notice").empty());
}

// ---- asking for the renewal

TEST(Renewal, IsAskedForEverySixHoursFromThreeDaysBeforeTheEndThroughGrace) {
  auto router = in_service();
  router.boot_and_connect();
  router.tell_time(term_end - days(10));
  router.forget();
  router.advance(days(6) + hours(23));
  EXPECT_EQ(router.said<Announcement>().size(), 0U) << "not before";
  router.forget();
  router.advance(days(3) + hours(1));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::grace);
  EXPECT_GE(router.said<Announcement>().size(), 10U);
  EXPECT_LE(router.said<Announcement>().size(), 14U);
  router.forget();
  router.advance(days(6));
  EXPECT_GE(router.said<Announcement>().size(), 20U);
  const auto times = router.times<Publish>();
  EXPECT_LE(router.said<Announcement>().size(), 28U);
}

TEST(Renewal, EndsGraceAtOnce) {
  auto router = in_service();
  Alms alms(router.state().entitlement->claims);
  router.boot_and_connect();
  router.tell_time(term_end + days(1));
  ASSERT_EQ(router.state().lifecycle, Lifecycle::grace);
  auto renewed = alms.issue();
  renewed.valid_until = term_end + days(365);
  router.entitle("t1", renewed);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_TRUE(router.online());
}

TEST(Renewal, StopsBeingAskedForOnceItIsThere) {
  auto router = in_service();
  Alms alms(router.state().entitlement->claims);
  router.boot_and_connect();
  router.tell_time(term_end - days(1));
  auto renewed = alms.issue();
  renewed.valid_until = term_end + days(365);
  router.entitle("t1", renewed);
  router.forget();
  router.advance(days(30));
  EXPECT_TRUE(router.said<Announcement>().empty());
}

TEST(Migration, ChangesOfOfferDatesAndBillingAreFollowedWithoutRestart) {
  auto router = in_service();
  router.boot_and_connect();
  auto claims = router.state().entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.offer = {
      .name = "AirLink Premium", .devices = {}, .services = {std::string(oobm_service)}};
  claims.billing = Billing::direct;
  claims.valid_until = today + days(31);
  router.entitle("t1", claims);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(router.status().entitlement, claims);
  EXPECT_EQ(router.count<Disconnect>(), 0U);
}

TEST(Status, CountsDaysOnlyByTimeThatIsKnown) {
  auto router = in_service();
  router.boot();
  EXPECT_EQ(router.status().days_left, std::nullopt);
  router.tell_time(term_end - days(5), false);
  EXPECT_EQ(router.status().days_left, 5);
}

TEST(Since, IsTheTrustedTimeOfTheChangeAndAbsentWhereNotKnown) {
  auto router = in_service();
  router.boot_and_connect();
  auto claims = router.state().entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.state = AlmsState::suspended;
  router.entitle("t1", claims);
  EXPECT_EQ(router.state().since, std::nullopt);
  router.tell_time(today + days(1));
  claims.base.sequence = 3;
  claims.base.id = "e-3";
  claims.state = AlmsState::active;
  router.entitle("t2", claims);
  EXPECT_EQ(router.state().since, today + days(1));
}

}  // namespace
}  // namespace oobm::core::test
