// Tasks that are older than the ledger reaches, and what goes first when much waits.
#include <gmock/gmock.h>

#include "agent/core/agent_impl.hpp"
#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t first_ms = 1'780'272'000'000;  // today

std::uint64_t ms_of(UnixTime time) { return static_cast<std::uint64_t>(time.seconds) * 1000; }

class Aged : public testing::Test {
 protected:
  void SetUp() override {
    router_.boot_and_connect();
    router_.tell_time(today + hours(1));
    router_.advance(seconds(5));
  }
  void task(const std::string& uid, TaskBody body, std::uint64_t issued_ms) {
    router_.feed(TaskArrived{{.uid = uid, .body = std::move(body), .issued_ms = issued_ms}});
    router_.advance(seconds(1));
  }
  // Tasks with rising times until the ledger has forgotten the first `forgotten` of them.
  void fill(std::size_t forgotten) {
    for (std::size_t i = 0; i < max_ledger_records + forgotten; ++i)
      task("t" + std::to_string(i), ReadData{{"_RSRP"}}, first_ms + i);
  }
  std::string answer(const std::string& uid) {
    const auto ack = router_.ack(uid);
    if (!ack) return "none";
    return ack->ok ? "OK" : ack->message;
  }
  Router router_{{.state = state_in_service()}};
};

TEST_F(Aged, ATaskThatTheLedgerHasForgottenIsNotCarriedOutAgain) {
  fill(2);
  router_.forget();
  task("t1", ReadData{{"_RSRP"}}, first_ms + 1);
  EXPECT_THAT(answer("t1"), StartsWith("STALE: "));
  EXPECT_TRUE(router_.said<ReadAnswer>().empty());
}

TEST_F(Aged, WhatIsNewerIsCarriedOutWhateverTheOrderOfItsArrival) {
  fill(2);
  task("late", ReadData{{"_RSRP"}}, first_ms + 2);
  EXPECT_EQ(answer("late"), "OK");
}

TEST_F(Aged, ATaskWithoutATimeIsServedUntilSomethingWasForgotten) {
  task("a", ReadData{{"_RSRP"}}, 0);
  EXPECT_EQ(answer("a"), "OK");
  fill(2);
  task("b", ReadData{{"_RSRP"}}, 0);
  EXPECT_THAT(answer("b"), StartsWith("STALE: It does not say when"));
}

// Else ALMS would hear "OK" first and "SUSPENDED" later of one and the same task.
TEST_F(Aged, WhatIsForgottenIsStaleAlsoWhereTheStateWouldRefuseIt) {
  fill(2);
  auto claims = entitlement_for(placement_of(xr80_na()), AlmsState::suspended);
  claims.base.sequence = 7;
  claims.base.id = "e-7";
  task("s", Entitle{signed_statement(claims)}, 0);
  ASSERT_EQ(router_.state().lifecycle, Lifecycle::suspended);
  task("t1", ReadData{{"_RSRP"}}, first_ms + 1);
  EXPECT_THAT(answer("t1"), StartsWith("STALE"));
  task("new", ReadData{{"_RSRP"}}, first_ms + 1'000'000);
  EXPECT_THAT(answer("new"), StartsWith("SUSPENDED"));
}

TEST_F(Aged, LifecycleTasksAreNeverStaleAndAgeNothing) {
  fill(2);
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.sequence = 7;
  claims.base.id = "e-7";
  task("old", Entitle{signed_statement(claims)}, 1);
  EXPECT_EQ(answer("old"), "OK");
  Router other({.state = state_in_service()});
  other.boot_and_connect();
  for (std::size_t i = 0; i < max_ledger_records + 5; ++i) {
    other.feed(
        TaskArrived{{.uid = "s" + std::to_string(i), .body = SyncTask{}, .issued_ms = first_ms}});
    other.advance(seconds(1));
  }
  EXPECT_EQ(other.state().ledger_horizon_ms, 0U);
}

TEST_F(Aged, TheHorizonOutlivesARestart) {
  fill(2);
  Router again({.state = router_.state(), .boot_id = "boot-2"});
  again.boot_and_connect();
  again.feed(TaskArrived{{.uid = "t0", .body = Reboot{}, .issued_ms = first_ms}});
  EXPECT_EQ(again.count<RunTask>(), 0U);
  EXPECT_THAT(again.ack("t0")->message, StartsWith("STALE"));
}

// ALMS's clock ran a year ahead for a while, and is right again.
TEST_F(Aged, AStampFromAheadOfTimeLocksNobodyOut) {
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.sequence = 7;
  claims.base.id = "e-7";
  claims.base.issued_at = today + hours(1);
  claims.base.nonce = router_.nonce();
  task("answer", Entitle{signed_statement(claims)}, 0);
  ASSERT_EQ(router_.agent().time(router_.now()).level, TimeLevel::attested);
  for (std::size_t i = 0; i < max_ledger_records + 5; ++i)
    task("t" + std::to_string(i), ReadData{{"_RSRP"}}, ms_of(today + days(365)) + i);
  task("now", ReadData{{"_RSRP"}}, ms_of(today + hours(2)));
  EXPECT_EQ(answer("now"), "OK");
}

// Before ALMS has answered, clocks that are late say nothing of how old a task is.
TEST_F(Aged, LateClocksMakeNoTaskOlderThanItIs) {
  auto state = state_in_service();
  state.time_floor = today - days(40);
  Router router({.state = std::move(state)});
  router.boot_and_connect();
  router.tell_time(today - days(20));
  ASSERT_EQ(router.agent().time(router.now()).level, TimeLevel::agreed);
  const auto arrives = [&](std::size_t i) {
    router.feed(TaskArrived{
        {.uid = "t" + std::to_string(i), .body = ReadData{{"_RSRP"}}, .issued_ms = first_ms + i}});
    router.advance(seconds(1));
  };
  for (std::size_t i = 0; i < max_ledger_records + 2; ++i) arrives(i);
  router.forget();
  arrives(1);
  EXPECT_THAT(router.ack("t1")->message, StartsWith("STALE"));
}

// ALMS signs with a clock that fell back two days, after the ledger has forgotten a task of today.
TEST_F(Aged, ASignerThatIsLateBringsNothingBack) {
  fill(2);
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.sequence = 7;
  claims.base.id = "e-7";
  claims.base.issued_at = today - days(2);
  claims.base.nonce = router_.said<Announcement>().back().nonce;
  task("late signer", Entitle{signed_statement(claims)}, 0);
  router_.feed(TaskArrived{{.uid = "t0", .body = Reboot{}, .issued_ms = first_ms}});
  EXPECT_EQ(router_.count<RunTask>(), 0U);
  EXPECT_THAT(answer("t0"), StartsWith("STALE"));
}

// ---- priorities

class MuchWaits : public testing::Test {
 protected:
  void SetUp() override {
    State state = state_in_service();
    for (int i = 0; i < 30; ++i) queue(state, LifecycleReport{.state = Lifecycle::grace}, today);
    queue(state, Ack{"a1", true, {}}, today);
    queue(state, Ack{"a2", true, {}}, today);
    router_ = std::make_unique<Router>(RouterOptions{.state = std::move(state)});
    router_->world.broker_acks = false;
    router_->boot_and_connect();
    router_->advance(seconds(5));
  }
  std::unique_ptr<Router> router_;
};

TEST_F(MuchWaits, AcknowledgementsGoFirstAndEachKindInItsOrder) {
  std::vector<std::string> first;
  for (const auto& publish : router_->all<Publish>()) {
    if (publish.id == 0) continue;
    const auto* ack = std::get_if<Ack>(&publish.outgoing.message);
    first.push_back(ack != nullptr ? ack->uid : std::to_string(publish.id));
  }
  ASSERT_EQ(first.size(), publish_window);
  first.resize(4);
  EXPECT_THAT(first, ElementsAre("a1", "a2", "1", "2"));
}

TEST_F(MuchWaits, HeartbeatAndTelemetryWaitUntilWhatIsDurableIsOnItsWay) {
  EXPECT_TRUE(router_->said<Heartbeat>().empty());
  EXPECT_TRUE(router_->said<Telemetry>().empty());
  router_->world.broker_acks = true;
  for (const auto& publish : router_->all<Publish>())
    if (publish.id != 0) router_->feed(Published{publish.id});
  router_->advance(seconds(5));
  EXPECT_TRUE(router_->state().outbox.empty());
  ASSERT_EQ(router_->said<Heartbeat>().size(), 1U);
  ASSERT_EQ(router_->said<Telemetry>().size(), 1U);
  std::vector<std::size_t> kinds;
  for (const auto& publish : router_->all<Publish>())
    kinds.push_back(publish.outgoing.message.index());
  const auto place = [&](const Message& m) {
    return std::ranges::find(kinds, m.index()) - kinds.begin();
  };
  EXPECT_LT(place(Heartbeat{}), place(Telemetry{}));
  EXPECT_EQ(router_->status().drops.telemetry, 0U);
}

TEST_F(MuchWaits, WhatANewerOneReplacesIsCounted) {
  router_->advance(hours(1) + minutes(1));
  EXPECT_EQ(router_->status().drops.telemetry, 4U);
  EXPECT_EQ(router_->status().drops.heartbeats, 1U);
  router_->feed(SessionClosed{refused_login});
  EXPECT_EQ(router_->status().drops.telemetry, 5U) << "the one that waited ended with its session";
}

TEST_F(MuchWaits, AReportThatMadeRoomIsCounted) {
  for (int i = 0; i < 40; ++i) {
    const bool even = i % 2 == 0;
    auto claims =
        entitlement_for(placement_of(xr80_na()), even ? AlmsState::suspended : AlmsState::active);
    claims.base.sequence = 2 + static_cast<std::uint64_t>(i);
    claims.base.id = "e-" + std::to_string(claims.base.sequence);
    router_->feed(StatementCarried{signed_statement(claims)});
  }
  EXPECT_EQ(router_->state().outbox.size(), max_outbox_items);
  EXPECT_GE(router_->status().drops.reports, 8U);
}

// ---- time is signed anew now and then

TEST(SignedTime, IsAskedForMonthlyWhileASessionStays) {
  Alms alms(entitlement_for(placement_of(xr80_na())));
  auto state = state_in_service();
  state.settings = {.heartbeat_period_s = 604'800, .telemetry_period_s = 604'800};
  Router router({.state = std::move(state)});
  router.world.alms = Alms::answering(alms);
  router.boot_and_connect();
  router.advance(days(1));
  EXPECT_EQ(router.said<Announcement>().size(), 1U);
  router.advance(days(180));
  const auto count = router.said<Announcement>().size();
  EXPECT_GE(count, 1U + 5U);
  EXPECT_LE(count, 1U + 7U);
  EXPECT_EQ(router.count<Connect>(), 1U) << "nothing is opened for its sake";
}

// A signer's clock that is two days late.
class DoubtedTime : public testing::Test {
 protected:
  DoubtedTime() : alms_(state_in_service().entitlement->claims) {
    alms_.claims().base.issued_at = today;
    router_.world.alms = Alms::answering(alms_);
    router_.boot_and_connect();
    router_.feed(TimeEvidence{TimeSource::modem, today + days(2)});
    router_.advance(days(2));
  }
  std::size_t asked() const { return router_.said<Announcement>().size(); }

  Alms alms_;
  Router router_{{.state = state_in_service()}};
};

TEST_F(DoubtedTime, IsNoDoubtForOneClockAlone) { EXPECT_EQ(asked(), 1U); }

TEST_F(DoubtedTime, IsAskedForAnewWithinADayAndNotForEver) {
  router_.feed(TimeEvidence{TimeSource::system, today + days(4)});
  router_.advance(hours(25) + minutes(30));
  EXPECT_EQ(asked(), 2U);
  router_.advance(days(22));
  EXPECT_EQ(asked(), 4U) << "signed so three times more: the clocks are wrong";
}

TEST_F(DoubtedTime, IsAskedForWithinADayAlsoAfterSessionsThatBroke) {
  router_.feed(TimeEvidence{TimeSource::system, today + days(4)});
  for (int i = 0; i < 5; ++i) {
    router_.feed(SessionClosed{refused_login});
    router_.advance(hours(2));
  }
  const auto before = asked();
  ASSERT_GE(before, 5U);
  router_.advance(hours(25) + minutes(30));
  EXPECT_EQ(asked(), before + 1);
}

TEST_F(DoubtedTime, IsAskedForMonthlyOnceTheDoubtIsGone) {
  router_.feed(TimeEvidence{TimeSource::system, today + days(4)});
  router_.advance(hours(25) + minutes(30));
  router_.feed(TimeEvidence{TimeSource::system, today + days(30)});
  router_.advance(days(26));
  EXPECT_EQ(asked(), 3U) << "the one that was due, and no other";
}

TEST_F(DoubtedTime, ThatComesAndGoesIsAskedForAllTheSame) {
  for (int i = 0; i < 4; ++i) {
    router_.feed(TimeEvidence{TimeSource::system, today + days(i % 2 == 0 ? 4 : 30)});
    router_.advance(hours(12));
  }
  EXPECT_EQ(asked(), 2U);
}

TEST(SignedTime, IsNotAskedForWithoutASession) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.world.silent = true;
  router.feed(SessionClosed{refused_login});
  EXPECT_EQ(router.timer(TimerId::attest), std::nullopt);
}

}  // namespace
}  // namespace oobm::core::test
