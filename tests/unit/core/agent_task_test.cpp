// Tasks: each uid once, its result never lost, refused where the state does not serve it.
#include <algorithm>

#include <gmock/gmock.h>

#include "agent/core/agent_impl.hpp"
#include "agent/core/text.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class InService : public testing::Test {
 protected:
  void SetUp() override {
    router_.boot_and_connect();
    router_.advance(seconds(5));
    router_.forget();
  }
  Router router_{{.state = state_in_service()}};
};

std::vector<std::string> uids(const std::vector<Ack>& acks) {
  std::vector<std::string> result;
  for (const auto& ack : acks) result.push_back(ack.uid);
  return result;
}

TEST_F(InService, ARetainedTaskIsCountedAndNeitherRunNorAnswered) {
  router_.task("t1", Reboot{}, true);
  router_.task("t1", Reboot{}, true);
  EXPECT_EQ(router_.count<RunTask>(), 0U);
  EXPECT_EQ(router_.said<Ack>().size(), 0U);
  EXPECT_EQ(router_.status().retained_tasks, 2U);
  EXPECT_EQ(router_.count<ReleaseTask>(), 2U);
  EXPECT_TRUE(router_.state().ledger.empty());
}

TEST_F(InService, AnUnreadableTaskIsCountedAndTold) {
  router_.feed(Unreadable{{Reason::malformed, "No JSON."}});
  EXPECT_EQ(router_.status().unreadable_tasks, 1U);
  EXPECT_EQ(router_.notified("task_unreadable").front().reason, Reason::malformed);
}

TEST_F(InService, ABadTaskIsAnsweredWithItsRefusal) {
  router_.task("t1", BadTask{{Reason::unknown_task, "No command oobm.fly."}});
  EXPECT_EQ(router_.said<Ack>().front(), (Ack{"t1", false, "UNKNOWN_TASK: No command oobm.fly."}));
}

TEST_F(InService, AnErrorMessageIsBoundedAndKeepsCharactersWhole) {
  std::string words(232, 'x');
  words += "\xc3\xa9\xc3\xa9\xc3\xa9";
  router_.task("t1", BadTask{{Reason::failed, words}});
  const auto message = router_.ack("t1")->message;
  EXPECT_LE(message.size(), 240U);
  EXPECT_EQ(message, head("FAILED: " + words, 240));
  router_.task("t2", Diagnose{});
  router_.feed(TaskFinished{{.uid = "t2", .ok = true, .message = std::string(5'000, 'y')}});
  EXPECT_EQ(router_.ack("t2")->message.size(), 240U);
}

TEST_F(InService, ATaskIsStoredBeforeItRunsAndReleasedAfterwards) {
  router_.task("t1", ResetRadio{});
  std::vector<std::size_t> kinds;
  for (const auto& h : router_.log()) kinds.push_back(h.effect.index());
  EXPECT_TRUE(std::holds_alternative<Persist>(router_.log().front().effect));
  EXPECT_EQ(router_.count<RunTask>(), 1U);
  EXPECT_EQ(router_.all<ReleaseTask>().front().uid, "t1");
  EXPECT_EQ(router_.state().ledger.back().status, TaskRecord::Status::started);
  EXPECT_TRUE(router_.said<Ack>().empty());
  router_.feed(TaskFinished{{.uid = "t1", .ok = true, .message = {}}});
  EXPECT_THAT(uids(router_.said<Ack>()), ElementsAre("t1"));
}

TEST_F(InService, AUidThatComesAgainWhileItRunsIsNotRunAgain) {
  router_.task("t1", ResetRadio{});
  router_.task("t1", ResetRadio{});
  EXPECT_EQ(router_.count<RunTask>(), 1U);
  EXPECT_EQ(router_.count<ReleaseTask>(), 2U);
  EXPECT_TRUE(router_.said<Ack>().empty());
}

TEST_F(InService, AFinishedUidThatComesAgainGetsItsStoredAcknowledgement) {
  router_.task("t1", ResetRadio{});
  router_.feed(TaskFinished{{.uid = "t1", .ok = false, .message = "FAILED: x"}});
  router_.advance(seconds(1));
  router_.task("t1", Reboot{});
  EXPECT_EQ(router_.count<RunTask>(), 1U);
  const auto acks = router_.said<Ack>();
  ASSERT_EQ(acks.size(), 2U);
  EXPECT_EQ(acks[0], acks[1]);
}

TEST_F(InService, AFloodOfOneUidQueuesItsAcknowledgementOnce) {
  router_.world.broker_acks = false;
  for (int i = 0; i < 200; ++i) router_.task("t1", BadTask{{Reason::failed, {}}});
  EXPECT_EQ(router_.state().outbox.size(), 1U);
  EXPECT_EQ(router_.count<ReleaseTask>(), 200U);
}

TEST_F(InService, AResultThatNobodyAskedForIsIgnored) {
  router_.feed(TaskFinished{{.uid = "never", .ok = true, .message = {}}});
  EXPECT_TRUE(router_.log().empty());
  router_.task("t1", ResetRadio{});
  router_.feed(TaskFinished{{.uid = "t1", .ok = true, .message = {}}});
  router_.feed(TaskFinished{{.uid = "t1", .ok = false, .message = "FAILED: again"}});
  EXPECT_TRUE(router_.ack("t1")->ok);
}

TEST_F(InService, AtMostFourRunAtOnceAndMoreAreAnsweredBusy) {
  for (int i = 0; i < 6; ++i) router_.task("t" + std::to_string(i), Diagnose{});
  EXPECT_EQ(router_.count<RunTask>(), max_running_tasks);
  EXPECT_THAT(router_.ack("t5")->message, HasSubstr("BUSY"));
}

TEST_F(InService, WithTheOutboxFullATaskIsAnsweredBusyAndLetGo) {
  router_.world.broker_acks = false;
  for (int i = 0; i < 100; ++i)
    router_.task("t" + std::to_string(i), BadTask{{Reason::failed, {}}});
  EXPECT_TRUE(router_.online());
  EXPECT_LE(router_.state().outbox.size(), max_outbox_items);
  EXPECT_EQ(router_.said<Ack>().back().uid, "t99");
  EXPECT_THAT(router_.said<Ack>().back().message, HasSubstr("BUSY"));
  EXPECT_EQ(router_.count<ReleaseTask>(), 100U);
  router_.world.broker_acks = true;
  router_.feed(SessionClosed{{Reason::uplink_failed, "TCP_RESET", {}}});
  router_.advance(hours(3));
  EXPECT_TRUE(router_.state().outbox.empty());
  router_.task("t99", BadTask{{Reason::failed, {}}});
  ASSERT_TRUE(router_.ack("t99")) << "BUSY leaves no record";
  EXPECT_THAT(router_.ack("t99")->message, HasSubstr("FAILED"));
}

TEST_F(InService, ASessionThatTakesNothingIsNotReopenedAtOnce) {
  router_.world.broker_acks = false;
  for (int i = 0; i < 60; ++i) router_.task("t" + std::to_string(i), BadTask{{Reason::failed, {}}});
  router_.forget();
  // The broker brings the task again in every session, and still confirms nothing.
  for (int i = 0; i < 600; ++i) {
    router_.advance(seconds(6));
    if (router_.online()) router_.task("t59", BadTask{{Reason::failed, {}}});
  }
  EXPECT_LE(router_.count<Connect>(), 40U) << "in an hour";
}

// ---- order and delivery

TEST_F(InService, ResultsAreSentInOrderAWindowAtATimeAndAgainAfterAReconnect) {
  router_.world.broker_acks = false;
  std::vector<std::string> all;
  for (std::size_t i = 0; i < publish_window + 6; ++i) {
    all.push_back("t" + std::to_string(i));
    router_.task(all.back(), BadTask{{Reason::failed, {}}});
  }
  const auto window = all.begin() + publish_window;
  EXPECT_EQ(uids(router_.said<Ack>()), std::vector(all.begin(), window));
  const auto first = router_.state().outbox.front().id;
  router_.feed(Published{first});
  EXPECT_EQ(uids(router_.said<Ack>()), std::vector(all.begin(), window + 1));
  router_.feed(SessionClosed{refused_login});
  router_.forget();
  router_.world.broker_acks = true;
  router_.advance(minutes(1));
  EXPECT_EQ(uids(router_.said<Ack>()), std::vector(all.begin() + 1, all.end()));
  EXPECT_TRUE(router_.state().outbox.empty());
}

TEST_F(InService, AReportBearsTheTimeItWasMadeWhereThatIsKnown) {
  router_.task("t1", BadTask{{Reason::failed, {}}});
  EXPECT_EQ(router_.all<Publish>().back().outgoing.at, std::nullopt);
  router_.tell_time(today);
  router_.task("t2", BadTask{{Reason::failed, {}}});
  EXPECT_EQ(router_.all<Publish>().back().outgoing.at, today);
}

// ---- tasks that come before their session is ready

TEST(BeforeReady, TasksWaitForTheSessionAndAreThenServedInOrder) {
  Router router({.state = state_in_service()});
  router.world.answers = false;
  router.boot();
  router.advance(seconds(3));
  router.feed(BearerUpDone{"oobm0", "10.64.0.2"});
  ASSERT_EQ(router.count<Connect>(), 1U);
  router.task("t1", ReadData{{"_RSRP"}});
  router.task("t2", Diagnose{});
  EXPECT_EQ(router.count<ReleaseTask>(), 0U);
  EXPECT_EQ(router.count<Publish>(), 0U);
  router.feed(SessionReady{.uplink = Uplink::oobm, .interface = "oobm0", .address = {}});
  EXPECT_EQ(router.said<ReadAnswer>().size(), 1U);
  EXPECT_EQ(router.all<RunTask>().front().uid, "t2");
  EXPECT_EQ(router.count<ReleaseTask>(), 2U);
}

TEST(BeforeReady, WhatTheSessionMayCarryIsKnownBeforeATaskIsServed) {
  Router router({.state = state_in_service()});
  router.world.answers = false;
  router.boot();
  router.advance(seconds(3));
  router.feed(BearerUpDone{"oobm0", "10.64.0.2"});
  router.task("t1", Diagnose{});
  router.feed(
      SessionReady{.uplink = Uplink::oobm, .interface = "oobm0", .address = {}, .dates_ok = false});
  EXPECT_EQ(router.count<RunTask>(), 0U);
  EXPECT_THAT(router.ack("t1")->message, HasSubstr("CLOCK_UNTRUSTED"));
}

// The first task restores service, which the main WAN must not carry: the second is not for it.
TEST(BeforeReady, ATaskIsNotServedOverAnUplinkThatTheOneBeforeItHasRuledOut) {
  Router router(
      {.state = state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended)});
  router.world.answers = false;
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(3));
  ASSERT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
  auto claims = router.state().entitlement->claims;
  claims.base.sequence = 2;
  claims.base.id = "e-2";
  claims.state = AlmsState::active;
  router.entitle("t1", claims);
  router.task("t2", ReadData{{"_RSRP"}});
  router.feed(SessionReady{.uplink = Uplink::main_wan, .interface = "wan0", .address = {}});
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(router.count<Disconnect>(), 1U);
  EXPECT_TRUE(router.said<ReadAnswer>().empty());
  EXPECT_EQ(router.ack("t2"), std::nullopt);
}

TEST(BeforeReady, TasksOfASessionThatFailedAreNotServed) {
  Router router({.state = state_in_service()});
  router.world.answers = false;
  router.boot();
  router.advance(seconds(3));
  router.feed(BearerUpDone{"oobm0", "10.64.0.2"});
  router.task("t1", Diagnose{});
  router.feed(SessionClosed{refused_login});
  router.world.answers = true;
  router.advance(minutes(5));
  ASSERT_TRUE(router.online());
  EXPECT_EQ(router.count<RunTask>(), 0U);
  EXPECT_EQ(router.ack("t1"), std::nullopt);
}

TEST(WithoutSession, ATaskIsNeitherTakenNorReleased) {
  Router router({.state = state_in_service()});
  router.world.answers = false;
  router.boot();
  router.task("t1", Reboot{});
  EXPECT_EQ(router.count<RunTask>() + router.count<ReleaseTask>(), 0U);
  EXPECT_TRUE(router.state().ledger.empty());
}

// ---- read and write

TEST_F(InService, ReadAnswersWithDataAndThenAcknowledges) {
  router_.task("t1", ReadData{{"_RSRP", "oobm.lifecycle_state"}});
  const auto published = router_.all<Publish>();
  ASSERT_EQ(published.size(), 2U);
  const auto* answer = std::get_if<ReadAnswer>(&published[0].outgoing.message);
  ASSERT_NE(answer, nullptr);
  EXPECT_THAT(answer->ids, ElementsAre("_RSRP", "oobm.lifecycle_state"));
  EXPECT_EQ(answer->lifecycle.state, Lifecycle::active);
  EXPECT_EQ(answer->telemetry.radio.operator_name, "310410");
  EXPECT_EQ(answer->settings.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Ack>(published[1].outgoing.message));
}

TEST_F(InService, ABadWriteChangesNothing) {
  router_.task("t1", WriteSettings{{{"oobm.heartbeat_period_s", 600}, {"oobm.speed", 1}}});
  EXPECT_THAT(router_.ack("t1")->message, HasSubstr("BAD_PARAMETER"));
  EXPECT_EQ(router_.state().settings, Settings{});
}

TEST_F(InService, AWriteIsStoredTakesEffectAndIsReportedBack) {
  router_.task("t1", WriteSettings{{{"oobm.telemetry_period_s", 60}}});
  EXPECT_TRUE(router_.ack("t1")->ok);
  EXPECT_EQ(router_.state().settings.telemetry_period_s, 60);
  const auto answers = router_.said<ReadAnswer>();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_THAT(answers.front().ids, ElementsAre("oobm.telemetry_period_s"));
  EXPECT_EQ(std::get<std::int32_t>(answers.front().settings.at("oobm.telemetry_period_s")), 60);
  router_.forget();
  router_.advance(minutes(10));
  EXPECT_GE(router_.said<Telemetry>().size(), 10U);
  EXPECT_LE(router_.said<Telemetry>().size(), 11U);
}

TEST_F(InService, AnInstallationIsRunAndAnsweredWhenItsOutcomeIsKnown) {
  router_.task("t1", SoftwareInstall{"oobm-agent", "0.2.0", "https://packages.example/x"});
  ASSERT_EQ(router_.count<RunTask>(), 1U);
  EXPECT_FALSE(router_.ack("t1"));
  router_.feed(TaskFinished{{.uid = "t1", .ok = false, .message = "PACKAGE_KEY: No."}});
  EXPECT_THAT(router_.ack("t1")->message, HasSubstr("PACKAGE_KEY"));
}

TEST_F(InService, HeartbeatAndTelemetryKeepTheirPeriods) {
  router_.advance(hours(24));
  EXPECT_NEAR(static_cast<double>(router_.said<Heartbeat>().size()), 24, 1);
  EXPECT_NEAR(static_cast<double>(router_.said<Telemetry>().size()), 96, 1);
}

// ---- states that serve no tasks

TEST(NotInService, ServiceTasksAreRefusedWithTheStatesOwnCode) {
  struct Case {
    State state;
    const char* code;
  };
  const Case cases[] = {
      {State{}, "UNREGISTERED: "},
      {state_in(Lifecycle::inventory, Reason::awaiting_order, AlmsState::inventory), "INVENTORY: "},
      {state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active), "SUSPENDED: "},
      {state_in(Lifecycle::retired, Reason::retired, AlmsState::retired), "RETIRED: "},
  };
  for (const auto& c : cases) {
    Router router({.state = c.state});
    router.boot_and_connect();
    router.task("t1", Reboot{});
    EXPECT_THAT(router.ack("t1")->message, testing::StartsWith(c.code));
    EXPECT_EQ(router.count<RunTask>(), 0U);
  }
}

TEST(NotInService, WhileActivatingOverTheMainWanToo) {
  Router router(
      {.state = state_in(Lifecycle::activating, Reason::activation_ordered, AlmsState::active)});
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(5));
  ASSERT_TRUE(router.online());
  router.task("t1", Reboot{});
  EXPECT_THAT(router.ack("t1")->message, testing::StartsWith("ACTIVATING: "));
}

// ---- restarts

State with_running(const char* name) {
  auto state = state_in_service();
  state.ledger.push_back({.uid = "t1",
                          .name = name,
                          .status = TaskRecord::Status::started,
                          .boot_id = "boot-1",
                          .ack = {}});
  return state;
}

TEST(Restarted, ATaskThatIsNotIdempotentIsAnsweredInterrupted) {
  for (const char* boot : {"boot-1", "boot-2"}) {
    Router router({.state = with_running("reset_radio"), .boot_id = boot});
    router.boot_and_connect();
    EXPECT_THAT(router.ack("t1")->message, HasSubstr("INTERRUPTED")) << boot;
    EXPECT_EQ(router.count<RunTask>(), 0U);
    EXPECT_THAT(uids(router.said<Ack>()), ElementsAre("t1"));
  }
}

TEST(Restarted, ARebootThatCameAboutIsAnsweredOk) {
  Router router({.state = with_running("reboot"), .boot_id = "boot-2"});
  router.boot_and_connect();
  EXPECT_TRUE(router.ack("t1")->ok);
  EXPECT_EQ(router.count<RunTask>(), 0U);
}

TEST(Restarted, ARebootThatDidNotComeAboutIsNotClaimed) {
  Router router({.state = with_running("reboot"), .boot_id = "boot-1"});
  router.boot_and_connect();
  EXPECT_THAT(router.ack("t1")->message, HasSubstr("INTERRUPTED"));
}

TEST(Restarted, ADiagnosisIsResumed) {
  Router router({.state = with_running("diagnose"), .boot_id = "boot-2"});
  router.boot_and_connect();
  ASSERT_EQ(router.count<RunTask>(), 1U);
  EXPECT_EQ(router.all<RunTask>().front().uid, "t1");
  router.feed(TaskFinished{{.uid = "t1", .ok = true, .message = "All well."}});
  EXPECT_TRUE(router.ack("t1")->ok);
}

// Where it was to go is not kept.
TEST(Restarted, ABundleUnderWayIsInterrupted) {
  Router router({.state = with_running("send_support_bundle"), .boot_id = "boot-1"});
  router.boot_and_connect();
  EXPECT_EQ(router.count<RunTask>(), 0U);
  EXPECT_THAT(router.ack("t1")->message, HasSubstr("INTERRUPTED"));
}

// A bundle may cost a megabyte of radio, and an order costs ALMS nothing.
TEST(Bundles, AreAtMostFourADay) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  const auto order = [&](const std::string& uid) {
    router.task(uid, SendSupportBundle{"https://files.example/b"});
    router.feed(TaskFinished{{.uid = uid, .ok = false, .message = "UPLOAD_FAILED: TIMEOUT"}});
    router.advance(hours(1));
    return router.ack(uid).value().message;
  };
  for (const char* uid : {"b1", "b2", "b3", "b4"}) EXPECT_THAT(order(uid), StartsWith("UPLOAD"));
  EXPECT_THAT(order("b5"), StartsWith("BUSY: 4 bundles were ordered in a day; again in 1200 min."));
  EXPECT_EQ(router.count<RunTask>(), 4U);
  router.advance(hours(20));
  EXPECT_THAT(order("b6"), StartsWith("UPLOAD"));
}

TEST(Restarted, AnInstallationIsLeftToItsJournal) {
  Router router({.state = with_running("swinstall"), .boot_id = "boot-1"});
  router.boot_and_connect();
  ASSERT_EQ(router.count<RunTask>(), 1U);
  const auto resumed = router.all<RunTask>().front();
  EXPECT_EQ(resumed.uid, "t1");
  EXPECT_TRUE(std::get<SoftwareInstall>(resumed.body).url.empty());
  EXPECT_FALSE(router.ack("t1"));
}

TEST(Restarted, ATaskThatTheBrokerBringsAgainIsNotRunAgain) {
  Router router({.state = with_running("reboot"), .boot_id = "boot-2"});
  router.boot_and_connect();
  router.task("t1", Reboot{});
  EXPECT_EQ(router.count<RunTask>(), 0U);
}

TEST(Restarted, WhatWaitedInTheOutboxIsSent) {
  auto state = state_in_service();
  queue(state, Ack{"t0", true, {}}, today);
  queue(state, LifecycleReport{.state = Lifecycle::active}, today);
  Router router({.state = state, .boot_id = "boot-2"});
  router.boot_and_connect();
  router.advance(seconds(2));
  EXPECT_THAT(uids(router.said<Ack>()), ElementsAre("t0"));
  EXPECT_EQ(router.said<LifecycleReport>().size(), 1U);
  EXPECT_TRUE(router.state().outbox.empty());
}

TEST(Restarted, AStateWhoseSignedGroundIsGoneAsksAlmsAgain) {
  for (const auto lifecycle : {Lifecycle::inventory, Lifecycle::activating, Lifecycle::active,
                               Lifecycle::grace, Lifecycle::suspended}) {
    auto state = state_in(lifecycle, Reason::in_service, AlmsState::active);
    state.entitlement.reset();
    Router router({.state = state});
    router.boot_and_connect();
    EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
    EXPECT_EQ(router.status().verdict.reason, Reason::state_lost);
    EXPECT_EQ(router.said<Announcement>().front().entitlement_sequence, 0U);
    router.entitle("t1", entitlement_for(placement_of(xr80_na())));
    EXPECT_FALSE(router.ack("t1")->ok) << "only a statement bound to our nonce leads back";
  }
}

TEST(Restarted, ARetiredRouterStaysRetiredWithoutItsStatement) {
  auto state = state_in(Lifecycle::retired, Reason::retired, AlmsState::retired);
  state.entitlement.reset();
  Router router({.state = state});
  router.boot();
  EXPECT_EQ(router.state().lifecycle, Lifecycle::retired);
}

}  // namespace
}  // namespace oobm::core::test
