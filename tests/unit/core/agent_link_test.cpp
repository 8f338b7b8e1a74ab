// How a session comes about: OOBM first, the main WAN where policy lets it stand in, each step with
// its limit, pauses that grow; and losing a link moves no state.
#include <gmock/gmock.h>

#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const LinkFault tcp_timeout{Reason::uplink_failed, "TCP_TIMEOUT", "The server did not answer."};

RadioView absent_radio() { return {}; }

TEST(FirstAttempt, ComesWithinTwoSecondsOfBoot) {
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    Router router({.seed = seed});
    router.boot();
    router.advance(boot_jitter);
    EXPECT_EQ(router.count<BearerUp>(), 1U) << "seed " << seed;
  }
}

TEST(FirstAttempt, BringsTheBearerUpAndThenConnectsOverTheOobmRadio) {
  Router router;
  router.boot();
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(6));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::oobm));
  EXPECT_EQ(router.all<Connect>().front().instance, "na");
  EXPECT_TRUE(router.online());
  EXPECT_EQ(router.status().uplink, Uplink::oobm);
}

TEST(AbnormalEnd, IsToldAtOnceAndReportedWithTheNextSession) {
  Router router;
  router.feed(RunEndedBadly{{"signal 11", 2, 40}, "it was ended by signal 11"});
  EXPECT_EQ(router.notified("abnormal_exit").size(), 1U);
  EXPECT_GE(router.count<Persist>(), 1U);
  EXPECT_TRUE(router.said<ExitReport>().empty());
  router.boot();
  router.advance(seconds(6));
  ASSERT_TRUE(router.online());
  EXPECT_THAT(router.said<ExitReport>(), ElementsAre(ExitReport{"signal 11", 2, 40}));
}

TEST(MainWan, StandsInAtOnceForASimThatTheNetworkRefuses) {
  Router router;
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(6));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
  EXPECT_EQ(router.count<BearerUp>(), 0U);
}

TEST(MainWan, TheFaultOfTheOobmRadioStaysVisibleWhileTheMainWanCarries) {
  Router router;
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(6));
  ASSERT_TRUE(router.online());
  ASSERT_TRUE(router.status().last_fault);
  EXPECT_EQ(router.status().last_fault->reason, Reason::registration_denied);
}

TEST(MainWan, StandsInWhenTheBearerFails) {
  Router router;
  router.world.bearer_fault = LinkFault{Reason::bearer_down, "APN", "No such APN."};
  router.boot();
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(6));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
}

TEST(MainWan, StandsInWhenTheOobmSessionFails) {
  Router router;
  router.world.oobm_fault = tcp_timeout;
  router.boot();
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(8));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::oobm, Uplink::main_wan));
  EXPECT_TRUE(router.online());
}

TEST(MainWan, OffMeansOff) {
  Router router({.uplinks = {.main_wan_for_registration = false}});
  router.world.oobm_fault = tcp_timeout;
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(days(7));
  router.feed(RadioChanged{registered_radio()});
  router.advance(days(7));
  for (const auto uplink : router.attempts()) EXPECT_EQ(uplink, Uplink::oobm);
  EXPECT_FALSE(router.agent().may_connect("na", Uplink::main_wan));
}

TEST(MainWan, ItsFaultIsNoneOfTheOobmLink) {
  Router router({.state = state_in_service(), .uplinks = {.main_wan_for_service = true}});
  router.world.oobm_fault = tcp_timeout;
  router.world.wan_fault = LinkFault{Reason::uplink_failed, "TLS_UNKNOWN_CA", "Unknown."};
  router.boot();
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(30));
  ASSERT_THAT(router.attempts(), testing::Contains(Uplink::main_wan));
  EXPECT_EQ(router.status().last_fault, router.world.wan_fault);
  EXPECT_EQ(router.status().oobm_fault, tcp_timeout);
  router.world.oobm_fault.reset();
  for (int i = 0; i < 1'000 && !router.online(); ++i) router.advance(seconds(10));
  ASSERT_TRUE(router.online());
  EXPECT_EQ(router.status().oobm_fault, std::nullopt);
}

TEST(MainWan, IsNotTriedWhileItIsDown) {
  Router router;
  router.boot(xr80_na(), denied_radio());
  router.advance(hours(1));
  EXPECT_EQ(router.count<Connect>(), 0U);
  EXPECT_EQ(router.status().last_fault->reason, Reason::registration_denied);
}

TEST(MainWan, CarriesNoServiceUnlessConfigured) {
  for (const bool configured : {false, true}) {
    Router router({.state = state_in_service(), .uplinks = {.main_wan_for_service = configured}});
    router.world.oobm_fault = tcp_timeout;
    router.boot();
    router.feed(WanChanged{wan_up()});
    router.advance(hours(1));
    EXPECT_EQ(router.online(), configured);
    EXPECT_EQ(router.agent().may_connect("na", Uplink::main_wan), configured);
  }
}

TEST(WaitingForTheRadio, ASearchingModuleGetsAMinute) {
  Router router;
  router.boot(xr80_na(), searching_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(61));
  EXPECT_EQ(router.count<Connect>(), 0U);
  router.advance(seconds(3));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
}

TEST(WaitingForTheRadio, AModuleThatRegistersMeanwhileIsUsed) {
  Router router;
  router.boot(xr80_na(), searching_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(30));
  router.feed(RadioChanged{registered_radio()});
  router.advance(seconds(5));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::oobm));
}

TEST(WaitingForTheRadio, EndsAtOnceWhenTheNetworkRefuses) {
  Router router;
  router.boot(xr80_na(), searching_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(10));
  router.feed(RadioChanged{denied_radio()});
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
}

TEST(WaitingForTheRadio, AnAbsentModuleIsNamed) {
  Router router;
  router.boot(xr80_na(), absent_radio());
  router.advance(seconds(70));
  EXPECT_EQ(router.status().last_fault->reason, Reason::radio_absent);
}

TEST(Attempt, ThatHangsIsGivenUpAfterThreeMinutesAndNamed) {
  Router router;
  router.world.silent = true;
  router.boot_and_connect();
  router.advance(seconds(179));
  EXPECT_EQ(router.count<Disconnect>(), 1U);
  EXPECT_EQ(router.status().phase, LinkPhase::idle);
  ASSERT_TRUE(router.status().last_fault);
  EXPECT_EQ(router.status().last_fault->reason, Reason::uplink_failed);
  EXPECT_THAT(router.status().last_fault->sentence, HasSubstr("."));
}

TEST(Attempt, ThatHangsOverTheOobmRadioStillLetsTheMainWanStandIn) {
  Router router;
  router.world.silent = true;
  router.boot();
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(100));
  router.world.silent = false;
  router.advance(seconds(90));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::oobm, Uplink::main_wan));
  EXPECT_TRUE(router.online());
}

TEST(Attempt, ABearerThatNeverAnswersIsGivenUp) {
  Router router;
  router.world.answers = false;
  router.boot();
  router.advance(seconds(183));
  EXPECT_EQ(router.status().phase, LinkPhase::idle);
  EXPECT_EQ(router.status().last_fault->reason, Reason::bearer_down);
}

TEST(Attempt, ASessionOverAnotherUplinkThanTheOneAskedForProvesNothing) {
  Router router(
      {.state = state_in(Lifecycle::activating, Reason::activation_ordered, AlmsState::active)});
  router.world.answers = false;
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(3));
  ASSERT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
  router.feed(SessionReady{.uplink = Uplink::oobm, .interface = "oobm0", .address = {}});
  EXPECT_EQ(router.state().lifecycle, Lifecycle::activating);
}

TEST(RegistrationSchedule, UnansweredAttemptsFollowTheLadder) {
  Router router;
  router.world.oobm_fault = tcp_timeout;
  router.boot();
  router.advance(days(1));
  const auto times = router.times<Connect>();
  ASSERT_GE(times.size(), 8U);
  const Duration ladder[] = {minutes(1), minutes(2), minutes(5), minutes(15), hours(1), hours(6)};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto pause = times[i + 1] - times[i];
    EXPECT_GE(pause, ladder[i] * 9 / 10) << i;
    EXPECT_LE(pause, ladder[i] * 11 / 10 + seconds(3)) << i;
  }
  EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
}

TEST(RegistrationSchedule, BeginsAnewOnSync) {
  Router router;
  router.world.oobm_fault = tcp_timeout;
  router.boot();
  router.advance(hours(20));
  router.forget();
  router.feed(OperatorSync{});
  router.advance(minutes(2));
  EXPECT_EQ(router.count<Connect>(), 2U) << "at once, and after a minute";
}

TEST(Sync, WhileASessionIsBeingLeftIsNotLost) {
  Router router({.state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)});
  router.boot_and_connect();
  router.advance(reply_limit + seconds(0));
  ASSERT_EQ(router.count<Disconnect>(), 1U);
  router.forget();
  router.feed(OperatorSync{});
  router.advance(seconds(5));
  EXPECT_TRUE(router.online());
}

TEST(Sync, InASessionAnnouncesAtOnceAndTheSessionWaitsForTheAnswer) {
  auto state = state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended);
  Alms alms(state.entitlement->claims);
  Router router({.state = state});
  router.world.alms = Alms::answering(alms);
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  router.world.alms = nullptr;
  router.forget();
  router.feed(OperatorSync{});
  EXPECT_EQ(router.said<Announcement>().size(), 1U);
  router.advance(seconds(30));
  EXPECT_TRUE(router.online()) << "it still waits for the answer";
}

// A queue of the broker may hold many of them, and each nonce is good for the newest announcement.
TEST(Sync, WhileAnAnswerIsAwaitedAsksNotAgain) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  ASSERT_EQ(router.said<Announcement>().size(), 1U);
  router.feed(OperatorSync{});
  router.task("sync-1", SyncTask{});
  router.task("sync-2", SyncTask{});
  EXPECT_EQ(router.said<Announcement>().size(), 1U);
  router.advance(reply_limit + seconds(1));
  router.task("sync-3", SyncTask{});
  EXPECT_EQ(router.said<Announcement>().size(), 2U);
}

TEST(BackOff, InServiceGrowsFromSecondsToAnHour) {
  Router router({.state = state_in_service()});
  router.world.oobm_fault = tcp_timeout;
  router.boot();
  router.advance(days(2));
  const auto times = router.times<Connect>();
  ASSERT_GE(times.size(), 20U);
  Duration most = back_off_first;
  for (std::size_t i = 0; i + 1 < times.size(); ++i) {
    EXPECT_LE(times[i + 1] - times[i], most + seconds(3)) << i;
    most = std::min<Duration>(most * 2, back_off_most);
  }
  const auto late = times[times.size() - 1] - times[times.size() - 11];
  EXPECT_GT(late, hours(2)) << "ten late pauses: half an hour each on average";
}

Duration pause_after_session_of(Duration length, int failures_before) {
  Duration longest{0};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Router router({.state = state_in_service(), .seed = seed});
    router.world.oobm_fault = tcp_timeout;
    router.boot();
    while (router.count<Connect>() < static_cast<std::size_t>(failures_before))
      router.advance(minutes(1));
    router.world.oobm_fault.reset();
    while (!router.online()) router.advance(seconds(1));
    router.advance(length);
    router.world.oobm_fault = tcp_timeout;
    router.forget();
    const auto closed = router.now();
    router.feed(SessionClosed{tcp_timeout});
    while (router.count<Connect>() == 0) router.advance(seconds(1));
    longest = std::max(longest, router.now() - closed);
  }
  return longest;
}

TEST(BackOff, StartsOverOnlyAfterTenMinutesOfSession) {
  EXPECT_GT(pause_after_session_of(minutes(9), 10), minutes(10));
  EXPECT_LE(pause_after_session_of(minutes(11), 10), back_off_first + seconds(3));
}

TEST(Occasion, AMainWanThatComesUpIsOneAtMostHourly) {
  Router router;
  router.boot(xr80_na(), denied_radio());
  router.advance(hours(12));  // the ladder has reached six hours
  router.forget();
  for (int i = 0; i < 100; ++i) {
    router.feed(WanChanged{wan_up()});
    router.advance(seconds(30));
    router.feed(WanChanged{{}});
    router.advance(seconds(30));
  }
  EXPECT_GE(router.count<Connect>(), 1U);
  EXPECT_LE(router.count<Connect>(), 4U);
}

TEST(Occasion, ARadioThatRegistersEndsThePauseOfARouterInService) {
  Router router({.state = state_in_service()});
  router.boot(xr80_na(), denied_radio());
  router.advance(hours(12));
  router.forget();
  router.feed(RadioChanged{registered_radio()});
  router.advance(seconds(5));
  // The last attempt may be less than a minute old: then the schedule brings the next.
  router.advance(hours(1));
  EXPECT_TRUE(router.online());
}

TEST(Occasion, ARadioThatComesAndGoesDoesNotMultiplyProbes) {
  Router router({.state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)});
  router.boot_and_connect();
  router.forget();
  for (int i = 0; i < 24 * 60; ++i) {
    router.feed(RadioChanged{searching_radio()});
    router.advance(seconds(30));
    router.feed(RadioChanged{registered_radio()});
    router.advance(seconds(30));
  }
  EXPECT_LE(router.count<Connect>(), 25U) << "in a day";
}

TEST(Occasion, AModuleSlowToRegisterAfterBootStillServesTheBootProbe) {
  Router router({.state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)});
  router.boot(xr80_na(), searching_radio());
  router.advance(seconds(90));
  EXPECT_EQ(router.count<Connect>(), 0U);
  router.feed(RadioChanged{registered_radio()});
  router.advance(seconds(5));
  EXPECT_EQ(router.count<Connect>(), 1U);
}

TEST(Bearer, GoesDownAfterTheSessionOfARouterThatIsNotInService) {
  Router router;
  router.boot_and_connect();
  router.advance(seconds(65));
  EXPECT_FALSE(router.online());
  EXPECT_EQ(router.count<BearerDown>(), 1U);
}

TEST(Bearer, StaysUpInService) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.feed(SessionClosed{tcp_timeout});
  router.advance(hours(1));
  EXPECT_EQ(router.count<BearerDown>(), 0U);
}

TEST(LostLink, MovesNoState) {
  for (const auto& fault :
       {tcp_timeout, refused_login,
        LinkFault{Reason::uplink_failed, "TLS_WRONG_HOST", "Another host's certificate."}}) {
    Router router({.state = state_in_service()});
    router.tell_time(today);
    router.world.oobm_fault = fault;
    router.boot();
    router.advance(days(10));
    EXPECT_EQ(router.state().lifecycle, Lifecycle::active) << fault.code;
    EXPECT_EQ(router.status().last_fault, fault);
  }
}

TEST(Session, EventsOfOneThatIsGoneChangeNothing) {
  Router router;
  router.world.answers = false;
  router.boot();
  router.feed(SessionReady{.uplink = Uplink::oobm, .interface = "x", .address = {}});
  router.feed(SessionClosed{tcp_timeout});
  router.feed(BearerUpDone{"x", "y"});
  router.feed(Published{7});
  EXPECT_EQ(router.status().phase, LinkPhase::idle);
  EXPECT_EQ(router.count<Publish>(), 0U);
}

TEST(Session, APublishedThatConfirmsNothingCostsNoWrite) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.forget();
  router.feed(Published{0});
  router.feed(Published{12'345});
  EXPECT_EQ(router.count<Persist>(), 0U);
}

TEST(OutOfDateCertificate, ServesLifecycleTasksAlone) {
  auto state = state_in_service();
  Router router({.state = state});
  router.world.dates_ok = false;
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  router.advance(hours(3));
  EXPECT_TRUE(router.said<Telemetry>().empty());
  EXPECT_TRUE(router.said<Heartbeat>().empty());
  router.task("t1", Diagnose{});
  EXPECT_THAT(router.ack("t1")->message, HasSubstr("CLOCK_UNTRUSTED"));
  auto claims = state.entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.state = AlmsState::suspended;
  router.entitle("t2", claims);
  EXPECT_TRUE(router.ack("t2")->ok);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::suspended);
}

TEST(OutOfDateCertificate, IsSaidAloud) {
  Router router;
  router.world.dates_ok = false;
  router.boot_and_connect();
  ASSERT_EQ(router.notified("connected").size(), 1U);
  EXPECT_EQ(router.notified("connected").front().reason, Reason::clock_untrusted);
}

}  // namespace
}  // namespace oobm::core::test
