// Ways back that no person has to open: from a broker's poisoned queue, from a session whose
// certificate could not be judged, and without news where nothing is new.
#include <gmock/gmock.h>

#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

const LinkFault oversized{Reason::oversized_packet, "MQTT_PACKET_TOO_LARGE", {}};

std::vector<bool> freshness(const Router& router) {
  std::vector<bool> list;
  for (const auto& connect : router.all<Connect>()) list.push_back(connect.fresh_session);
  return list;
}

TEST(PoisonedQueue, TheNextSessionDropsWhatTheBrokerKeptAndTheOneAfterItDoesNot) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.forget();
  router.feed(SessionClosed{oversized});
  router.advance(minutes(2));
  ASSERT_TRUE(router.online());
  router.feed(SessionClosed{{Reason::uplink_failed, "TCP_RESET", {}}});
  router.advance(minutes(2));
  EXPECT_THAT(freshness(router), ElementsAre(true, false));
}

TEST(PoisonedQueue, ThePacketMayComeBeforeTheSessionIsReady) {
  Router router({.state = state_in_service()});
  router.world.oobm_fault = oversized;
  router.boot_and_connect();
  router.world.oobm_fault.reset();
  router.forget();
  router.advance(minutes(2));
  ASSERT_TRUE(router.online());
  EXPECT_THAT(freshness(router), ElementsAre(true));
}

TEST(PoisonedQueue, IsDroppedOverTheMainWanToo) {
  Router router({.state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)});
  router.world.wan_fault = oversized;
  router.boot(xr80_na(), denied_radio());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(10));
  router.world.wan_fault.reset();
  router.forget();
  router.feed(OperatorSync{});
  router.advance(minutes(1));
  EXPECT_THAT(freshness(router), ElementsAre(true));
}

TEST(Unanswered, AnAnnouncementIsRepeatedWhileTheSessionCannotServeWithoutIt) {
  Router router({.state = state_in_service()});
  router.world.dates_ok = false;
  router.boot_and_connect();
  router.forget();
  router.advance(minutes(30));
  EXPECT_TRUE(router.online());
  const auto repeated = router.said<Announcement>().size();
  EXPECT_GE(repeated, 2U);
  EXPECT_LE(repeated, 5U);
}

TEST(ForeignGround, AStatementHeldForAnotherRouterIsNoGroundForService) {
  Router router({.state = state_in_service()});
  auto inputs = xr80_na();
  inputs.board.serial = "XR80NA9999999";
  router.boot(inputs);
  EXPECT_EQ(router.state().lifecycle, Lifecycle::unregistered);
  EXPECT_EQ(router.state().reason, Reason::state_lost);
}

TEST(MainWan, ThatComesAfterTheAttemptAtBootIsUsedAtOnce) {
  Router router({.state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)});
  router.boot(xr80_na(), denied_radio());
  router.advance(seconds(5));
  ASSERT_TRUE(router.attempts().empty());
  router.feed(WanChanged{wan_up()});
  router.advance(seconds(1));
  EXPECT_THAT(router.attempts(), ElementsAre(Uplink::main_wan));
}

TEST(UnjudgedDates, ASessionInServiceIsOpenedAnewOnceTimeIsKnown) {
  Router router({.state = state_in_service()});
  router.world.dates_ok = false;
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  router.forget();
  router.world.dates_ok = true;
  router.tell_time(router.state().time_floor + seconds(60));
  router.advance(minutes(1));
  EXPECT_TRUE(router.online());
  EXPECT_EQ(router.count<Connect>(), 1U);
}

TEST(UnjudgedDates, ACertificateThatIsWrongByTrustedTimeTooIsNotTriedForEver) {
  Router router({.state = state_in_service()});
  router.world.dates_ok = false;
  router.boot_and_connect();
  router.forget();
  router.tell_time(router.state().time_floor + seconds(60));
  router.advance(std::chrono::hours(3));
  EXPECT_TRUE(router.online());
  EXPECT_LE(router.count<Connect>(), 2U);
}

TEST(KeySets, ThatOfAnotherInstanceDoesNotHoldThisOnesBack) {
  auto state = state_in_service();
  state.trust = HeldTrust{"eu's", {.issuer = "eu", .version = 9, .issued_at = today, .keys = {}}};
  Router router({.state = state});
  router.boot_and_connect();
  const auto update = [](std::uint64_t version) {
    return TrustUpdate{signed_statement(
        TrustSet{.issuer = "na", .version = version, .issued_at = today, .keys = {}})};
  };
  router.task("t1", update(2));
  EXPECT_TRUE(router.ack("t1")->ok);
  router.task("t2", update(1));
  EXPECT_FALSE(router.ack("t2")->ok) << "its own version must still rise";
}

TEST(NoNews, AStatementThatChangesNothingIsNotReported) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  auto claims = router.state().entitlement->claims;
  const auto restate = [&](const char* id) {
    ++claims.base.sequence;
    claims.base.id = id;
    router.entitle(id, claims);
    router.advance(seconds(5));
  };
  restate("e-1");
  router.forget();
  restate("e-2");
  EXPECT_TRUE(router.said<LifecycleReport>().empty());
  claims.valid_until = *claims.valid_until + std::chrono::hours(24);
  restate("e-3");
  EXPECT_EQ(router.said<LifecycleReport>().size(), 1U);
}

}  // namespace
}  // namespace oobm::core::test
