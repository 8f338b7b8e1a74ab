// Suspended: everything is withheld but the way back. One probe a day, short and cheap, and a
// renewal that is found restores service at once.
#include <gmock/gmock.h>

#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;

State suspended() {
  return state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended);
}

class SuspendedAtAlms : public testing::Test {
 protected:
  void SetUp() override { router_.world.alms = Alms::answering(alms_); }
  Alms alms_{suspended().entitlement->claims};
  Router router_{{.state = suspended()}};
};

TEST_F(SuspendedAtAlms, ProbesAtBootAndEndsWithTheReply) {
  router_.boot();
  router_.advance(seconds(15));
  EXPECT_EQ(router_.count<Connect>(), 1U);
  EXPECT_EQ(router_.said<Announcement>().size(), 1U);
  EXPECT_FALSE(router_.online());
  EXPECT_EQ(router_.count<BearerDown>(), 1U);
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::suspended);
}

TEST_F(SuspendedAtAlms, ProbesOnceADayAndFindsARenewalWithin26Hours) {
  router_.boot();
  router_.advance(days(60));
  const auto times = router_.times<Connect>();
  EXPECT_GE(times.size(), 57U);
  EXPECT_LE(times.size(), 64U);
  Duration least = days(9);
  Duration most{0};
  for (std::size_t i = 0; i + 1 < times.size(); ++i) {
    least = std::min(least, times[i + 1] - times[i]);
    most = std::max(most, times[i + 1] - times[i]);
  }
  EXPECT_GE(least, hours(22));
  EXPECT_LE(most + attempt_length, hours(26));
  EXPECT_GT(most - least, hours(1)) << "jittered";
}

TEST_F(SuspendedAtAlms, ProbesOnSync) {
  router_.boot();
  router_.advance(hours(1));
  router_.forget();
  router_.feed(OperatorSync{});
  router_.advance(seconds(15));
  EXPECT_EQ(router_.count<Connect>(), 1U);
  EXPECT_FALSE(router_.online());
}

TEST_F(SuspendedAtAlms, ProbesWhenTheMainWanComesUpAtMostHourly) {
  router_.boot();
  router_.advance(hours(2));
  router_.forget();
  for (int i = 0; i < 59; ++i) {
    router_.feed(WanChanged{wan_up()});
    router_.advance(seconds(30));
    router_.feed(WanChanged{{}});
    router_.advance(seconds(30));
  }
  EXPECT_EQ(router_.count<Connect>(), 1U);
}

TEST_F(SuspendedAtAlms, ARenewalRestoresServiceAtOnceWithoutRestart) {
  router_.boot();
  router_.advance(hours(1));
  alms_.claims().state = AlmsState::active;
  alms_.claims().valid_until = today + days(700);
  router_.forget();
  router_.feed(OperatorSync{});
  router_.advance(seconds(10));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::active);
  EXPECT_TRUE(router_.online());
  EXPECT_EQ(router_.count<Connect>(), 1U) << "the probe's own session goes on";
  EXPECT_FALSE(router_.said<Telemetry>().empty());
  router_.task("t1", Diagnose{});
  EXPECT_EQ(router_.count<RunTask>(), 1U);
  router_.advance(hours(2));
  EXPECT_TRUE(router_.online());
}

TEST_F(SuspendedAtAlms, ARenewalIsLearntOverTheMainWanWhenTheSimIsSuspendedToo) {
  router_.boot(xr80_na(), denied_radio());
  router_.feed(WanChanged{wan_up()});
  router_.advance(hours(1));
  alms_.claims().state = AlmsState::active;
  router_.forget();
  router_.feed(OperatorSync{});
  router_.advance(seconds(5));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::active);
  router_.advance(seconds(5));
  EXPECT_FALSE(router_.online()) << "the main WAN carries no service";
  router_.feed(RadioChanged{registered_radio()});
  router_.advance(hours(1));
  EXPECT_TRUE(router_.online());
  EXPECT_EQ(router_.status().uplink, Uplink::oobm);
}

TEST_F(SuspendedAtAlms, ARenewalOfATermThatIsOverTooChangesOnlyTheReason) {
  router_.boot();
  router_.tell_time(today + days(400));
  router_.advance(hours(1));
  alms_.claims().state = AlmsState::active;
  alms_.claims().base.issued_at = today + days(400);
  router_.feed(OperatorSync{});
  router_.advance(seconds(10));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::suspended);
  EXPECT_EQ(router_.state().reason, Reason::lapsed);
}

TEST_F(SuspendedAtAlms, AProbeStaysAMinuteAtMostForWhatItSends) {
  router_.world.broker_acks = false;
  router_.boot_and_connect();
  ASSERT_TRUE(router_.online());
  ASSERT_FALSE(router_.state().outbox.empty());
  router_.advance(seconds(45));
  EXPECT_TRUE(router_.online()) << "its acknowledgements are on their way";
  router_.advance(seconds(15));
  EXPECT_FALSE(router_.online());
}

TEST(Suspended, AProbeWithoutReplyEndsAfterAMinute) {
  Router router({.state = suspended()});
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  router.advance(seconds(55));
  EXPECT_TRUE(router.online());
  router.advance(seconds(7));
  EXPECT_FALSE(router.online());
  EXPECT_EQ(router.status().last_fault->reason, Reason::no_reply);
}

TEST(Suspended, NeitherHeartbeatNorTelemetryIsSent) {
  Router router({.state = suspended()});
  router.boot();
  router.advance(days(5));
  EXPECT_TRUE(router.said<Heartbeat>().empty());
  EXPECT_TRUE(router.said<Telemetry>().empty());
}

TEST(Suspended, ServiceTasksAreRefusedAndLifecycleTasksServed) {
  const auto state = suspended();
  Alms alms(state.entitlement->claims);
  Router router({.state = state});
  router.world.alms = Alms::answering(alms);
  router.boot_and_connect();
  int uid = 0;
  for (const TaskBody& body :
       {TaskBody(Reboot{}), TaskBody(ResetRadio{}), TaskBody(Diagnose{}),
        TaskBody(ReadData{{"_RSRP"}}), TaskBody(WriteSettings{{{"oobm.heartbeat_period_s", 600}}}),
        TaskBody(SoftwareInstall{"a", "b", "c"}), TaskBody(SendSupportBundle{"https://a/b"})}) {
    const auto name = "t" + std::to_string(++uid);
    router.task(name, body);
    EXPECT_EQ(router.ack(name)->message, "SUSPENDED: The router is suspended.") << task_name(body);
  }
  EXPECT_EQ(router.count<RunTask>(), 0U);
  EXPECT_EQ(router.state().settings, Settings{});
  router.task("sync", SyncTask{});
  EXPECT_TRUE(router.ack("sync")->ok);
  EXPECT_EQ(router.said<Announcement>().size(), 2U);
}

TEST(Suspended, SurvivesRestartsAtAnyMoment) {
  auto state = state_in_service();
  Router first({.state = state});
  first.boot_and_connect();
  auto claims = state.entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.state = AlmsState::suspended;
  first.entitle("t1", claims);
  state = first.state();
  for (int boot = 2; boot < 6; ++boot) {
    Router next({.state = state, .boot_id = "boot-" + std::to_string(boot)});
    next.boot();
    EXPECT_EQ(next.state().lifecycle, Lifecycle::suspended);
    next.advance(hours(boot * 7));
    EXPECT_EQ(next.state().lifecycle, Lifecycle::suspended);
    state = next.state();
  }
}

TEST(SuspendedWhileOnline, ServiceEndsAtOnceAndTheSessionWithinAMinute) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  auto claims = router.state().entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.state = AlmsState::suspended;
  router.forget();
  router.entitle("t1", claims);
  router.task("t2", Diagnose{});
  EXPECT_THAT(router.ack("t2")->message, HasSubstr("SUSPENDED: "));
  router.advance(minutes(2));
  EXPECT_FALSE(router.online());
  EXPECT_TRUE(router.said<Telemetry>().empty());
  EXPECT_EQ(router.said<LifecycleReport>().back().state, Lifecycle::suspended);
  EXPECT_EQ(router.said<Ack>().size(), 2U);
}

TEST(Retired, ProbesOnceAWeekWithinTwentyPercent) {
  auto state = state_in(Lifecycle::retired, Reason::retired, AlmsState::retired);
  Alms alms(state.entitlement->claims);
  Router router({.state = state});
  router.boot();
  router.advance(days(365));
  EXPECT_GE(router.count<Connect>(), 43U);
  EXPECT_LE(router.count<Connect>(), 67U);
}

// With all faults gone, a router that ALMS holds Active is Active again: by its own schedule.
TEST(Liveness, FromEveryStateTheScheduleLeadsBackToService) {
  struct Case {
    State state;
    Duration within;
  };
  const Case cases[] = {
      {State{}, hours(7)},
      {state_in(Lifecycle::inventory, Reason::awaiting_order, AlmsState::inventory), hours(7)},
      {state_in(Lifecycle::activating, Reason::activation_ordered, AlmsState::active), hours(2)},
      {state_in_service(), hours(2)},
      {suspended(), hours(29)},
      {state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active), hours(29)},
  };
  for (const auto& c : cases) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      Router router({.state = c.state, .seed = seed});
      auto claims = entitlement_for(placement_of(xr80_na()));
      Alms alms(claims);
      router.world.oobm_fault = refused_login;
      router.boot();
      router.advance(days(3) + hours(seed));
      router.world.oobm_fault.reset();
      router.world.alms = Alms::answering(alms);
      router.advance(c.within);
      EXPECT_EQ(router.state().lifecycle, Lifecycle::active)
          << to_text(c.state.lifecycle) << ", seed " << seed;
      EXPECT_TRUE(router.online()) << to_text(c.state.lifecycle) << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace oobm::core::test
