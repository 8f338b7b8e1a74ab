// A blocked router sends nothing, to anybody, whatever happens; and blocking alters no state.
#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

struct Block {
  const char* rule;
  std::function<void(RegionInputs&)> make;
  Reason reason;
};

const Block blocks[] = {
    {"BoardSilent", [](RegionInputs& i) { i.board.error = "TIMEOUT"; }, Reason::board_silent},
    {"SerialMissing", [](RegionInputs& i) { i.board.serial.reset(); }, Reason::serial_missing},
    {"SerialInvalid", [](RegionInputs& i) { i.board.serial = "#"; }, Reason::serial_invalid},
    {"SkuMissing", [](RegionInputs& i) { i.board.sku.reset(); }, Reason::sku_missing},
    {"SkuInvalid", [](RegionInputs& i) { i.board.sku = "?"; }, Reason::sku_invalid},
    {"SkuUnknown", [](RegionInputs& i) { i.board.sku = "XR80-ZZ-5G"; }, Reason::sku_unknown},
    {"ImeiInvalid", [](RegionInputs& i) { i.board.factory_imei = "490154203237510"; },
     Reason::imei_invalid},
    {"ImeiMismatch", [](RegionInputs& i) { i.radio_imei = Imei::parse(other_imei).value(); },
     Reason::imei_mismatch},
    {"RegionConflict", [](RegionInputs& i) { i.board.factory_region = "GLOBAL"; },
     Reason::region_conflict},
    {"InstanceUnknown", [](RegionInputs& i) { i.pinned = "us"; }, Reason::instance_unknown},
    {"NoInstance", [](RegionInputs& i) { i.instances.clear(); }, Reason::no_instance},
    {"RegionMismatch", [](RegionInputs& i) { i.pinned = "eu"; }, Reason::region_mismatch},
};

void PrintTo(const Block& block, std::ostream* out) { *out << block.rule; }

std::size_t outward(const Router& router) {
  return router.count<Connect>() + router.count<BearerUp>() + router.count<Publish>() +
         router.count<RunTask>();
}

Event any_event(SeededRandom& random, const RegionInputs& inputs) {
  switch (random.below(14)) {
    case 0:
      return Started{};
    case 1:
      return RegionInputsChanged{inputs};
    case 2:
      return RadioChanged{random.one_in(2) ? registered_radio() : denied_radio()};
    case 3:
      return WanChanged{random.one_in(2) ? wan_up() : WanView{}};
    case 4:
      return TimeEvidence{TimeSource::modem, today};
    case 5:
      return BearerUpDone{"oobm0", "10.64.0.2"};
    case 6:
      return SessionReady{.uplink = Uplink::oobm, .interface = "oobm0", .address = {}};
    case 7:
      return SessionClosed{refused_login};
    case 8:
      return TaskArrived{{"t" + std::to_string(random.next()), Reboot{}}, random.one_in(5)};
    case 9:
      return TaskArrived{{"t" + std::to_string(random.next()), SyncTask{}}, false};
    case 10:
      return Published{random.below(5)};
    case 11:
      return BearerFailed{refused_login};
    case 12:
      return OperatorSync{};
    default:
      return TimerFired{static_cast<TimerId>(random.below(timer_count))};
  }
}

class Blocked : public testing::TestWithParam<Block> {
 protected:
  RegionInputs inputs() const {
    auto result = xr80_na();
    GetParam().make(result);
    return result;
  }
};

TEST_P(Blocked, NothingLeavesInAnySequenceOfEvents) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const bool in_service : {false, true}) {
      SeededRandom random(seed);
      Router router({.state = in_service ? state_in_service() : State{},
                     .uplinks = {.main_wan_for_registration = true, .main_wan_for_service = true},
                     .seed = seed});
      router.world.answers = false;
      router.boot(inputs());
      for (int i = 0; i < 400; ++i) {
        router.feed(any_event(random, inputs()));
        router.advance(seconds(random.below(4'000)));
      }
      EXPECT_EQ(outward(router), 0U) << "seed " << seed;
    }
  }
}

TEST_P(Blocked, TheGateIsShutForEveryInstanceAndTheReasonIsTold) {
  Router router({.state = state_in_service()});
  router.boot(inputs());
  for (const char* instance : {"na", "eu", "ca", "au", ""})
    for (const auto uplink : {Uplink::oobm, Uplink::main_wan})
      EXPECT_FALSE(router.agent().may_connect(instance, uplink)) << instance;
  EXPECT_TRUE(router.status().blocked);
  EXPECT_EQ(router.status().verdict.reason, GetParam().reason);
  ASSERT_EQ(router.notified("blocked").size(), 1U);
  EXPECT_EQ(router.notified("blocked").front().reason, GetParam().reason);
}

TEST_P(Blocked, TheStateUnderneathIsNotAltered) {
  for (const auto& state :
       {state_in_service(),
        state_in(Lifecycle::suspended, Reason::suspended_by_alms, AlmsState::suspended)}) {
    Router router({.state = state});
    router.boot(inputs());
    router.advance(days(3));
    EXPECT_EQ(router.state().lifecycle, state.lifecycle);
    EXPECT_EQ(router.state().reason, state.reason);
    EXPECT_EQ(router.state().entitlement, state.entitlement);
  }
}

TEST_P(Blocked, AnOpenSessionIsCutAtOnceAndComesBackWhenTheFaultIsMended) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  router.forget();
  router.feed(RegionInputsChanged{inputs()});
  EXPECT_EQ(router.count<Disconnect>(), 1U);
  router.forget();
  router.advance(hours(30));
  EXPECT_EQ(outward(router), 0U);
  EXPECT_EQ(router.count<BearerDown>(), 1U);
  router.feed(RegionInputsChanged{xr80_na()});
  router.advance(seconds(5));
  EXPECT_TRUE(router.online());
}

INSTANTIATE_TEST_SUITE_P(ByReason, Blocked, testing::ValuesIn(blocks),
                         [](const auto& row) { return std::string(row.param.rule); });

TEST(Unblocked, WhileTheCutSessionStillClosesTheRouterComesBackToo) {
  Router router({.state = state_in(Lifecycle::suspended, Reason::lapsed, AlmsState::active)});
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  auto inputs = xr80_na();
  inputs.pinned = "eu";
  router.feed(RegionInputsChanged{inputs});
  router.feed(RegionInputsChanged{xr80_na()});
  router.forget();
  router.advance(seconds(10));
  EXPECT_TRUE(router.online()) << "not only at the next daily probe";
}

TEST(Blocked, AnotherDetailOfTheSameReasonIsToldAgain) {
  Router router;
  auto inputs = xr80_na();
  inputs.board.sku = "XR80-Z1-5G";
  router.boot(inputs);
  inputs.board.sku = "XR80-Z2-5G";
  router.feed(RegionInputsChanged{inputs});
  router.feed(RegionInputsChanged{inputs});
  EXPECT_EQ(router.notified("blocked").size(), 2U);
}

// A wrong catalogue was replaced while the router was online at the instance it named.
TEST(OtherInstance, ASessionToTheFormerInstanceIsCutBeforeAnythingElseIsSaid) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  ASSERT_TRUE(router.online());
  router.forget();
  auto inputs = xr80_na();
  inputs.board.sku = "XR80-GL-5G";
  router.feed(RegionInputsChanged{inputs});
  EXPECT_EQ(router.count<Disconnect>(), 1U);
  EXPECT_EQ(router.count<Publish>(), 0U);
  EXPECT_FALSE(router.agent().may_connect("na", Uplink::oobm));
  router.advance(seconds(10));
  ASSERT_EQ(router.count<Connect>(), 1U);
  EXPECT_EQ(router.all<Connect>().front().instance, "eu");
}

TEST(OtherInstance, AnAttemptUnderWayIsGivenUpAndMadeAnew) {
  Router router;
  router.world.silent = true;
  router.boot_and_connect();
  ASSERT_EQ(router.count<Connect>(), 1U);
  auto inputs = xr80_na();
  inputs.board.sku = "XR80-GL-5G";
  router.feed(RegionInputsChanged{inputs});
  EXPECT_EQ(router.count<Disconnect>(), 1U);
  router.world.silent = false;
  router.advance(seconds(10));
  ASSERT_EQ(router.count<Connect>(), 2U);
  EXPECT_EQ(router.all<Connect>().back().instance, "eu");
}

TEST(OtherIdentity, ASessionUnderTheFormerSerialNumberIsCut) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.forget();
  auto inputs = xr80_na();
  inputs.board.serial = "XR80NA0000002";
  router.feed(RegionInputsChanged{inputs});
  EXPECT_EQ(router.count<Disconnect>(), 1U);
}

TEST(SameInputs, ToldAgainDisturbNothing) {
  Router router({.state = state_in_service()});
  router.boot_and_connect();
  router.forget();
  auto inputs = xr80_na();
  inputs.radio_imei = Imei::parse(xr80_imei).value();
  router.feed(RegionInputsChanged{inputs});
  router.feed(RegionInputsChanged{xr80_na()});
  EXPECT_EQ(router.count<Disconnect>(), 0U);
  EXPECT_TRUE(router.online());
}

// ---- IMEI

TEST(FirstImei, UntilOneIsKnownNoAttemptIsMadeAndTheTechnicianHearsWhy) {
  Router router;
  auto inputs = xr80_na();
  inputs.board.factory_imei.reset();
  router.boot(inputs);
  router.advance(hours(2));
  EXPECT_EQ(outward(router), 0U);
  EXPECT_EQ(router.status().last_fault->reason, Reason::imei_unknown);
  inputs.radio_imei = Imei::parse(xr80_imei).value();
  router.feed(RegionInputsChanged{inputs});
  router.advance(seconds(10));
  EXPECT_TRUE(router.online());
}

TEST(FirstImei, StandsInWhileTheModuleIsSilent) {
  auto inputs = xr80_na();
  inputs.board.factory_imei.reset();
  inputs.radio_imei = Imei::parse(xr80_imei).value();
  Router first;
  first.boot(inputs);
  inputs.radio_imei.reset();
  Router second({.state = first.state(), .boot_id = "boot-2"});
  second.boot(inputs);
  EXPECT_EQ(second.status().identity->imei->str(), xr80_imei);
}

TEST(FirstImei, TakesTheRoleOfFactoryDataSoThatAnExchangedModuleIsNoticed) {
  auto inputs = xr80_na();
  inputs.board.factory_imei.reset();
  inputs.radio_imei = Imei::parse(xr80_imei).value();
  Router router;
  router.boot(inputs);
  inputs.radio_imei = Imei::parse(other_imei).value();
  router.feed(RegionInputsChanged{inputs});
  EXPECT_EQ(router.status().verdict.reason, Reason::imei_mismatch);
}

TEST(FirstImei, DoesNotSpeakAgainstRewrittenFactoryData) {
  auto inputs = xr80_na();
  inputs.radio_imei = Imei::parse(xr80_imei).value();
  Router first;
  first.boot(inputs);
  // The module was exchanged and the factory data rewritten for it; it is silent yet.
  inputs.board.factory_imei = other_imei;
  inputs.radio_imei.reset();
  Router second({.state = first.state(), .boot_id = "boot-2"});
  second.boot(inputs);
  EXPECT_FALSE(second.status().blocked);
  EXPECT_EQ(second.status().identity->imei->str(), other_imei);
}

TEST(ImeiThatComesLate, AfterAnAttemptTimerRanOutStillLeadsToASession) {
  Router router;
  router.world.oobm_fault = refused_login;
  router.boot_and_connect();  // one attempt has failed
  auto inputs = xr80_na();
  inputs.board.factory_imei.reset();
  router.feed(RegionInputsChanged{inputs});
  router.advance(hours(30));
  router.world.oobm_fault.reset();
  router.feed(RegionInputsChanged{xr80_na()});
  router.advance(seconds(10));
  EXPECT_TRUE(router.online());
}

}  // namespace
}  // namespace oobm::core::test
