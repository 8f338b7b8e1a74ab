// The data allowance over a whole agent: what it holds back and what it never does, that it is told
// once, lifts by itself, survives restarts, and is stored rarely.
#include <gmock/gmock.h>

#include "agent/core/schedule.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t limit = 1'000'000;
const UnixTime july{1'782'864'000};  // 2026-07-01T00:00:00Z; `today` is the first of June

Entitlement with_allowance(std::uint64_t bytes) {
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.data = DataAllowance{bytes, "month"};
  return claims;
}

State in_service(std::uint64_t allowance = limit) {
  auto state = state_in_service();
  state.settings = {.heartbeat_period_s = 3'600, .telemetry_period_s = 900};
  const auto claims = with_allowance(allowance);
  state.entitlement = HeldEntitlement{signed_statement(claims).text, claims};
  return state;
}

UsageCounted spent(std::uint64_t bytes, Uplink uplink = Uplink::oobm) {
  UsageCounted counted{uplink, {}};
  counted.spent[static_cast<std::size_t>(Use::telemetry)] = {{bytes / 2, 0}, {bytes, 0}};
  return counted;
}

// ALMS states this anew; with `at` in answer to the announcement, so that time is attested.
void state_anew(Router& router, Entitlement claims, std::optional<UnixTime> at = std::nullopt) {
  claims.base.sequence = router.state().registration->sequence + 1;
  claims.base.id = "e-" + std::to_string(claims.base.sequence);
  claims.base.nonce.reset();
  if (at) {
    claims.base.issued_at = *at;
    claims.base.nonce = router.nonce();
  }
  router.entitle(claims.base.id, claims);
}

void attest(Router& router, UnixTime time) {
  router.task("sync" + std::to_string(time.seconds), SyncTask{});
  state_anew(router, router.state().entitlement->claims, time);
}

// In service over the OOBM uplink at noon of the first of June, by signed time, the log empty.
struct Service {
  explicit Service(State state = in_service(), UplinkPolicy uplinks = {})
      : router({.state = std::move(state), .uplinks = uplinks}) {
    router.boot_and_connect();
    state_anew(router, router.state().entitlement->claims, today + hours(12));
    router.advance(seconds(5));  // its acknowledgement is taken
    router.forget();
  }
  void spend(std::uint64_t bytes) { router.feed(spent(bytes)); }
  [[nodiscard]] std::size_t notices() const { return router.notified("data_allowance").size(); }
  Router router;
};

std::uint64_t used(const UsageLedger& ledger) { return total(ledger, Uplink::oobm).wire.total(); }

// ---- what is held back

TEST(UsedUp, HoldsBackTelemetryAndSlowsTheHeartbeat) {
  Service service;
  service.spend(limit);
  service.router.advance(days(5));
  EXPECT_TRUE(service.router.online());
  EXPECT_EQ(service.router.said<Telemetry>().size(), 0U);
  EXPECT_LE(service.router.said<Heartbeat>().size(), 6U);
  EXPECT_GE(service.router.said<Heartbeat>().size(), 4U);
}

TEST(UsedUp, ASessionThatComesAndGoesBringsNoMoreHeartbeats) {
  Service service;
  service.spend(limit);
  for (int i = 0; i < 50; ++i) {
    service.router.feed(SessionClosed{});
    service.router.advance(minutes(20));
  }
  EXPECT_TRUE(service.router.online());
  EXPECT_LE(service.router.said<Heartbeat>().size(), 2U);
  EXPECT_EQ(service.router.said<Telemetry>().size(), 0U);
}

TEST(UsedUp, LeavesAlmsItsWayToTheRouter) {
  Service service;
  service.spend(10 * limit);
  auto& router = service.router;
  router.task("run", Diagnose{});
  EXPECT_EQ(router.count<RunTask>(), 1U);
  router.feed(TaskFinished{{.uid = "run", .ok = true, .message = {}}});
  router.task("read", ReadData{{"_RSRP"}});
  EXPECT_EQ(router.said<ReadAnswer>().size(), 1U);
  router.task("sync", SyncTask{});
  EXPECT_EQ(router.said<Announcement>().size(), 1U);
  for (const auto* uid : {"run", "read", "sync"}) EXPECT_TRUE(router.ack(uid)->ok) << uid;
  auto suspended = with_allowance(limit);
  suspended.state = AlmsState::suspended;
  suspended.base.sequence = 50;
  router.entitle("suspend", suspended);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::suspended);
}

struct Right {
  Use use;
  bool left;
};

TEST(UsedUp, AtTheGateHoldsBackWhatTheTableSays) {
  constexpr Right table[] = {
      {Use::dns, true},        {Use::handshake, true}, {Use::upkeep, true},
      {Use::lifecycle, true},  {Use::tasks, true},     {Use::heartbeat, true},
      {Use::telemetry, false}, {Use::transfer, false}, {Use::other, true},
  };
  static_assert(std::size(table) == use_count);
  for (const std::uint64_t bytes : {std::uint64_t{0}, limit - 1, limit, 2 * limit}) {
    Service service;
    service.spend(bytes);
    const auto& agent = service.router.agent();
    for (const auto& [use, left] : table) {
      const bool refused = bytes >= limit && !left;
      EXPECT_EQ(agent.spending_refusal(use, Uplink::oobm),
                refused ? std::optional(Reason::data_allowance) : std::nullopt)
          << to_text(use) << " after " << bytes;
      EXPECT_EQ(agent.spending_refusal(use, Uplink::main_wan), std::nullopt) << to_text(use);
    }
  }
}

TEST(UsedUp, AStateThatGrantsNothingIsTheReasonBeforeTheAllowanceIs) {
  Service service(state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended));
  EXPECT_EQ(service.router.agent().spending_refusal(Use::transfer, Uplink::oobm),
            Reason::suspended_by_alms);
  EXPECT_EQ(service.router.agent().spending_refusal(Use::tasks, Uplink::oobm), std::nullopt);
}

TEST(UsedUp, AFileIsRefusedWithItsReason) {
  Service service;
  service.spend(limit);
  for (const TaskBody& body : {TaskBody(SoftwareInstall{}), TaskBody(SendSupportBundle{})}) {
    const std::string uid(task_name(body));
    service.router.task(uid, body);
    const auto ack = service.router.ack(uid);
    ASSERT_TRUE(ack);
    EXPECT_FALSE(ack->ok);
    EXPECT_THAT(ack->message, HasSubstr("DATA_ALLOWANCE"));
  }
}

TEST(UsedUp, IsTheOobmSimsMatterAndNotTheMainWans) {
  Service service(in_service(), {.main_wan_for_registration = true, .main_wan_for_service = true});
  service.router.feed(spent(10 * limit, Uplink::main_wan));
  EXPECT_FALSE(service.router.status().allowance_used_up);
  service.spend(limit);
  service.router.world.bearer_fault = LinkFault{Reason::bearer_down, {}, {}};
  service.router.feed(WanChanged{wan_up()});
  service.router.feed(SessionClosed{});
  service.router.advance(minutes(5));
  ASSERT_EQ(service.router.status().uplink, Uplink::main_wan);
  service.router.forget();
  service.router.advance(hours(1));
  EXPECT_EQ(service.router.said<Telemetry>().size(), 4U);
}

TEST(Unlimited, HoldsNothingBack) {
  auto state = in_service();
  state.entitlement->claims.data.reset();
  Service service(std::move(state));
  service.spend(1'000 * limit);
  service.router.advance(hours(1));
  EXPECT_EQ(service.router.said<Telemetry>().size(), 4U);
  EXPECT_EQ(service.notices(), 0U);
}

// ---- what is told

TEST(UsageNotices, ComeOnceEachAtTheirShareInAPeriod) {
  Service service;
  std::vector<std::size_t> told;
  for (const auto bytes : {790'000, 9'999, 1, 1, 149'999, 40'000, 9'999, 1, 500'000}) {
    service.spend(static_cast<std::uint64_t>(bytes));
    told.push_back(service.notices());
  }
  EXPECT_EQ(told, (std::vector<std::size_t>{0, 0, 1, 1, 2, 2, 2, 3, 3}));
  const auto notices = service.router.notified("data_allowance");
  EXPECT_THAT(notices[0].text, HasSubstr("80 %"));
  EXPECT_THAT(notices[1].text, HasSubstr("95 %"));
  EXPECT_EQ(notices[2].reason, Reason::data_allowance);
}

TEST(UsageNotices, AreNotRepeatedAfterARestart) {
  Service service;
  service.spend(limit);
  ASSERT_EQ(service.notices(), 1U);
  Service again(service.router.state());
  again.spend(1);
  EXPECT_EQ(again.notices(), 0U);
  EXPECT_TRUE(again.router.status().allowance_used_up);
}

TEST(UsageNotices, BeginAnewWithALargerAllowanceAndInTheNextPeriod) {
  Service service;
  service.spend(limit);
  state_anew(service.router, with_allowance(10 * limit));
  service.router.forget();
  service.spend(7 * limit);
  EXPECT_EQ(service.notices(), 1U);
  service.router.advance(days(31));
  service.router.forget();
  service.spend(8 * limit);
  EXPECT_EQ(service.notices(), 1U);
}

// ---- the way back

TEST(NewPeriod, LiftsWhatWasHeldBackByItself) {
  Service service;
  service.spend(limit);
  service.router.advance(days(29) + hours(11) + minutes(58));
  EXPECT_EQ(service.router.said<Telemetry>().size(), 0U);
  EXPECT_EQ(used(service.router.state().usage), limit);
  service.router.advance(minutes(3));
  EXPECT_EQ(service.router.said<Telemetry>().size(), 1U);
  EXPECT_EQ(service.router.status().ledger.period, (Month{2026, 7}));
  EXPECT_EQ(used(service.router.state().usage), 0U);
}

TEST(NewPeriod, NeedsSignedTime) {
  Service service;
  service.spend(limit);
  Router restarted({.state = service.router.state()});
  restarted.boot_and_connect();
  restarted.tell_time(july + days(3));
  restarted.advance(hours(2));
  EXPECT_TRUE(restarted.status().allowance_used_up);
  EXPECT_EQ(restarted.said<Telemetry>().size(), 0U);
  attest(restarted, july + days(3) + hours(2));
  restarted.advance(minutes(1));
  EXPECT_FALSE(restarted.status().allowance_used_up);
  EXPECT_EQ(restarted.said<Telemetry>().size(), 1U);
}

TEST(NewPeriod, DoesNotComeWithoutTime) {
  Service service;
  service.spend(limit);
  Router restarted({.state = service.router.state()});
  restarted.boot_and_connect();
  restarted.advance(days(60));
  EXPECT_TRUE(restarted.status().allowance_used_up);
  EXPECT_EQ(restarted.status().ledger.period, (Month{2026, 6}));
}

TEST(NewPeriod, IsNotBroughtByClocksThatAgreeOnAWrongMonthAndBack) {
  for (const auto wrong : {today - days(40), july + days(3), july + days(300)}) {
    Service service;
    service.spend(limit);
    Router restarted({.state = service.router.state()});
    restarted.boot_and_connect();
    for (const auto time : {wrong, today + days(1), wrong, today + days(2)}) {
      restarted.tell_time(time);
      restarted.advance(minutes(1));
      EXPECT_TRUE(restarted.status().allowance_used_up) << wrong.seconds;
    }
    attest(restarted, today + days(2) + hours(1));
    EXPECT_EQ(used(restarted.status().ledger), limit) << wrong.seconds;
    EXPECT_EQ(restarted.status().ledger.period, (Month{2026, 6})) << wrong.seconds;
  }
}

TEST(LargerAllowance, LiftsWhatWasHeldBackAtOnce) {
  Service service;
  service.spend(limit);
  service.router.advance(hours(1));
  ASSERT_EQ(service.router.said<Telemetry>().size(), 0U);
  state_anew(service.router, with_allowance(limit));
  service.router.advance(minutes(1));
  EXPECT_EQ(service.router.said<Telemetry>().size(), 0U);
  state_anew(service.router, with_allowance(limit + 1));
  service.router.advance(minutes(1));
  EXPECT_EQ(service.router.said<Telemetry>().size(), 1U);
  EXPECT_EQ(service.router.said<Heartbeat>().size(), 1U);
}

// ---- what is stored

TEST(UsageStore, ComesWithAnyOtherCommit) {
  Service service;
  service.spend(1'000);
  EXPECT_EQ(service.router.count<Persist>(), 0U);
  EXPECT_EQ(used(service.router.state().usage), 0U);
  service.router.task("read", ReadData{{"_RSRP"}});
  EXPECT_EQ(service.router.count<Persist>(), 1U);
  EXPECT_EQ(used(service.router.state().usage), 1'000U);
}

TEST(UsageStore, ComesAfterSoManyBytesOrSoLong) {
  Service service;
  service.spend(usage_store_least_bytes - 1);
  EXPECT_EQ(service.router.count<Persist>(), 0U);
  service.spend(1);
  EXPECT_EQ(service.router.count<Persist>(), 1U);
  service.spend(1);
  service.router.advance(usage_store_interval - hours(1));
  EXPECT_EQ(service.router.count<Persist>(), 1U);
  service.router.advance(hours(2));
  EXPECT_EQ(service.router.count<Persist>(), 2U);
  EXPECT_EQ(used(service.router.state().usage), usage_store_least_bytes + 1);
}

TEST(UsageStore, ComesWithAnOrderlyStopAndOnlyWhenThereIsSomething) {
  Service service;
  service.router.feed(Stopping{});
  EXPECT_EQ(service.router.count<Persist>(), 0U);
  service.spend(5);
  service.router.feed(Stopping{});
  EXPECT_EQ(service.router.count<Persist>(), 1U);
  EXPECT_EQ(used(service.router.state().usage), 5U);
}

// A year in service, telling nobody anything: keepalive and a statement a month.
TEST(UsageStore, AnIdleYearStaysUnder500Writes) {
  auto state = in_service(2'000'000);
  state.settings = {.heartbeat_period_s = 604'800, .telemetry_period_s = 604'800};
  Service service(std::move(state));
  for (int hour = 0; hour < 365 * 24; ++hour) {
    service.spend(834);  // 0.6 MB a month
    service.router.advance(hours(1));
  }
  EXPECT_LT(service.router.count<Persist>(), 350U);
  EXPECT_GE(service.router.count<Persist>(), 180U);
}

}  // namespace
}  // namespace oobm::core::test
