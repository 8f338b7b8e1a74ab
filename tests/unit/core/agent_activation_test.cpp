// Activation: ordered by a signed statement, proven by a session over the OOBM radio, and nothing
// else counts as proof.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using testing::ElementsAre;

Entitlement order(std::uint64_t sequence = 2) {
  auto claims = entitlement_for(placement_of(xr80_na()));
  claims.base.sequence = sequence;
  claims.base.id = "e-" + std::to_string(sequence);
  return claims;
}

State in_inventory() {
  return state_in(Lifecycle::inventory, Reason::awaiting_order, AlmsState::inventory);
}

std::vector<Lifecycle> states_of(const std::vector<LifecycleReport>& reports) {
  std::vector<Lifecycle> states;
  for (const auto& report : reports) states.push_back(report.state);
  return states;
}

// Places of the first message of each kind among what was published.
template <class Predicate>
std::ptrdiff_t place_of(const Router& router, Predicate predicate) {
  const auto published = router.all<Publish>();
  return std::ranges::find_if(published,
                              [&](const Publish& p) { return predicate(p.outgoing.message); }) -
         published.begin();
}

// ---- failures first

class OverTheMainWan : public testing::Test {
 protected:
  void SetUp() override {
    router_.boot(xr80_na(), denied_radio());
    router_.feed(WanChanged{wan_up()});
    router_.advance(seconds(5));
    router_.entitle("t1", order());
  }
  Router router_{{.state = in_inventory()}};
};

TEST_F(OverTheMainWan, TheOrderIsAcknowledgedButProvesNothing) {
  EXPECT_TRUE(router_.ack("t1")->ok);
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::activating);
  router_.advance(days(3));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::activating);
  EXPECT_FALSE(router_.state().path_proven);
}

TEST_F(OverTheMainWan, TheModuleIsCycledSinceTheNetworkRefusedTheDormantSim) {
  EXPECT_EQ(router_.count<CycleRadio>(), 1U);
}

TEST_F(OverTheMainWan, TheOobmRadioIsTriedAtOnceAndProvesThePath) {
  router_.advance(seconds(1));
  router_.feed(RadioChanged{searching_radio()});
  router_.advance(seconds(10));
  router_.feed(RadioChanged{registered_radio()});
  router_.advance(seconds(5));
  EXPECT_EQ(router_.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(router_.attempts().back(), Uplink::oobm);
}

TEST_F(OverTheMainWan, EachCauseOfFailureIsReportedOnce) {
  router_.advance(days(2));
  auto failures = router_.said<ActivationReport>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_FALSE(failures.front().proven);
  EXPECT_EQ(failures.front().fault, Reason::registration_denied);
  EXPECT_FALSE(failures.front().detail.empty());
  router_.world.bearer_fault = LinkFault{Reason::bearer_down, "APN", "No such APN."};
  router_.feed(RadioChanged{registered_radio()});
  router_.advance(days(2));
  failures = router_.said<ActivationReport>();
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures.back().fault, Reason::bearer_down);
  EXPECT_EQ(router_.notified("activation_failed").size(), 2U);
}

TEST_F(OverTheMainWan, AttemptsComeWithGrowingPausesOfAtMostAnHour) {
  router_.forget();
  router_.advance(days(1));
  const auto times = router_.times<Disconnect>();
  ASSERT_GE(times.size(), 10U);
  for (std::size_t i = 5; i + 1 < times.size(); ++i) {
    EXPECT_GE(times[i + 1] - times[i], minutes(50)) << i;
    EXPECT_LE(times[i + 1] - times[i], minutes(70)) << i;
  }
}

TEST_F(OverTheMainWan, ASessionThatIsNoLongerForActivationIsNotCutForAnotherAttempt) {
  router_.advance(minutes(5));
  ASSERT_TRUE(router_.online());
  router_.feed(OperatorSync{});
  auto back = order(3);
  back.state = AlmsState::inventory;
  router_.entitle("t2", back);
  ASSERT_EQ(router_.state().lifecycle, Lifecycle::inventory);
  router_.forget();
  router_.feed(TimerFired{TimerId::attempt});
  EXPECT_EQ(router_.count<Disconnect>(), 0U);
}

TEST(Activation, WithoutAnyLinkKeepsTryingAndSaysWhy) {
  Router router(
      {.state = state_in(Lifecycle::activating, Reason::activation_ordered, AlmsState::active)});
  router.boot(xr80_na(), denied_radio());
  router.advance(days(2));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::activating);
  EXPECT_EQ(router.status().last_fault->reason, Reason::registration_denied);
  router.feed(RadioChanged{registered_radio()});
  router.advance(seconds(70));
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
}

// ---- the sunny path

TEST(Activation, OverTheOobmRadioIsProvenInTheSessionThatIsOpen) {
  Router router({.state = in_inventory()});
  router.boot_and_connect();
  router.forget();
  router.entitle("t1", order());
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_TRUE(router.state().path_proven);
  EXPECT_EQ(router.count<Disconnect>(), 0U);
  router.advance(seconds(1));
  EXPECT_THAT(states_of(router.said<LifecycleReport>()),
              ElementsAre(Lifecycle::activating, Lifecycle::active));
}

TEST(Activation, TheProofIsReportedBeforeTheStateAndBothBeforeTelemetry) {
  Router router({.state = in_inventory()});
  router.boot_and_connect();
  router.forget();
  router.entitle("t1", order());
  router.advance(seconds(5));
  const auto proof = place_of(router, [](const Message& m) {
    const auto* report = std::get_if<ActivationReport>(&m);
    return report != nullptr && report->proven;
  });
  const auto active = place_of(router, [](const Message& m) {
    const auto* report = std::get_if<LifecycleReport>(&m);
    return report != nullptr && report->state == Lifecycle::active;
  });
  const auto telemetry =
      place_of(router, [](const Message& m) { return std::holds_alternative<Telemetry>(m); });
  EXPECT_LT(proof, active);
  EXPECT_LT(active, telemetry);
  EXPECT_LT(telemetry, static_cast<std::ptrdiff_t>(router.count<Publish>()));
}

TEST(Activation, TheProofCarriesItsEvidence) {
  Router router({.state = in_inventory()});
  router.boot_and_connect();
  router.entitle("t1", order());
  const auto report = router.said<ActivationReport>().front();
  EXPECT_TRUE(report.proven);
  EXPECT_EQ(report.fault, Reason::none);
  EXPECT_EQ(report.interface, "oobm0");
  EXPECT_EQ(report.address, "10.64.0.2");
  EXPECT_EQ(report.imei, xr80_imei);
  EXPECT_EQ(report.iccid, sim_iccid);
  EXPECT_EQ(report.operator_name, "310410");
  EXPECT_EQ(report.technology, "LTE-M");
  EXPECT_EQ(report.rsrp_dbm, -97.5);
}

TEST(Activation, SurvivesAPowerCutBeforeTheProof) {
  Router first({.state = in_inventory()});
  first.world.oobm_fault = refused_login;
  first.boot(xr80_na(), denied_radio());
  first.feed(WanChanged{wan_up()});
  first.advance(seconds(5));
  first.entitle("t1", order());
  Router second({.state = first.state(), .boot_id = "boot-2"});
  second.boot_and_connect();
  EXPECT_EQ(second.state().lifecycle, Lifecycle::active);
}

TEST(Activation, TestReadyIsServiceForATest) {
  Router router({.state = in_inventory()});
  router.boot_and_connect();
  auto claims = order();
  claims.state = AlmsState::test_ready;
  router.entitle("t1", claims);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(router.status().verdict.reason, Reason::test_service);
  EXPECT_TRUE(router.status().test);
  router.entitle("t2", order(3));
  EXPECT_EQ(router.status().verdict.reason, Reason::in_service);
  EXPECT_FALSE(router.status().test);
}

TEST(Activation, OfATermThatHasEndedMeanwhileLeadsStraightToGrace) {
  Router router({.state = in_inventory()});
  router.boot_and_connect();
  router.tell_time(today);
  auto claims = order();
  claims.valid_until = today - hours(1);
  router.entitle("t1", claims);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::grace);
}

TEST(Activation, OfATermOfSecondsIsWatchedAtOnce) {
  Router router(
      {.state = state_in(Lifecycle::activating, Reason::activation_ordered, AlmsState::active)});
  router.boot();
  router.tell_time(today);
  router.advance(seconds(1));
  auto state = router.state();
  ASSERT_EQ(state.lifecycle, Lifecycle::activating);
  state.entitlement->claims.valid_until = today + seconds(20);
  state.entitlement->claims.grace = seconds(10);
  Router second({.state = state});
  second.boot();
  second.tell_time(today);
  second.advance(seconds(6));
  EXPECT_EQ(second.state().lifecycle, Lifecycle::active);
  EXPECT_EQ(second.notified("notice").size(), 1U) << "due on the day of the end";
  second.advance(seconds(16));
  EXPECT_EQ(second.state().lifecycle, Lifecycle::grace);
  second.advance(seconds(11));
  EXPECT_EQ(second.state().lifecycle, Lifecycle::suspended);
}

}  // namespace
}  // namespace oobm::core::test
