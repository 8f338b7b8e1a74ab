// Rule: what leaves beside a session leaves by the session's way, within state and allowance; a
// file that is on its way elsewhere ends.
#include "agent/daemon/gate_permit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/support/router.hpp"

namespace oobm::daemon {
namespace {

using core::Uplink;
namespace core_test = core::test;

constexpr std::uint64_t limit = 1'000'000;

core::State in_service() {
  auto state = core_test::state_in_service();
  state.entitlement->claims.data = core::DataAllowance{limit, "month"};
  return state;
}

class GatePermitTest : public testing::Test {
 protected:
  GatePermitTest() {
    router.boot_and_connect();
    router.tell_time(core_test::today);
  }

  static uplink::Target target(const std::string& interface,
                               uplink::Purpose purpose = uplink::Purpose::transfer) {
    uplink::Target to;
    to.instance = "na";
    to.interface = interface;
    to.purpose = purpose;
    return to;
  }
  // The code of the refusal; empty: granted.
  static std::string code(const std::expected<void, uplink::Refusal>& answer) {
    return answer ? std::string() : answer.error().code;
  }
  [[nodiscard]] std::optional<TransferCode> way_refusal() const {
    const auto way = permit.transfer_way();
    return way ? std::nullopt : std::optional(way.error().code);
  }
  void use_up() {
    core::UsageCounted counted{Uplink::oobm, {}};
    counted.spent[0] = {{limit, 0}, {limit, 0}};
    router.feed(counted);
  }
  void suspend() {
    auto claims = router.state().entitlement->claims;
    claims.base.sequence += 1;
    claims.base.id = "e-suspended";
    claims.state = core::AlmsState::suspended;
    router.entitle("suspend", claims);
  }

  core_test::Router router{{.state = in_service(), .uplinks = {.main_wan_for_service = true}}};
  Way oobm{.uplink = Uplink::oobm, .interface = "oobm0", .dns_servers = {}};
  Way wan{.uplink = Uplink::main_wan, .interface = "wan0", .dns_servers = {}};
  Uplink chosen = Uplink::oobm;
  int asked = 0;
  GatePermit permit{
      router.agent(), {.oobm = oobm, .main_wan = wan, .chosen = chosen}, [this] { ++asked; }};
};

TEST_F(GatePermitTest, AFileEndsWhenTheSessionHasMovedToTheOtherUplink) {
  const auto file = target("oobm0");
  ASSERT_EQ(code(permit.may_spend(file, uplink::Use::transfer)), "");
  chosen = Uplink::main_wan;
  EXPECT_EQ(code(permit.may_spend(file, uplink::Use::transfer)), "OTHER_UPLINK");
  EXPECT_EQ(code(permit.may_connect(file)), "OTHER_UPLINK");
  EXPECT_EQ(code(permit.may_spend(target("wan0"), uplink::Use::transfer)), "");
  EXPECT_EQ(asked, 3) << "the bytes are counted each time";
}

TEST_F(GatePermitTest, AFileEndsWhenItsBearerGetsAnotherInterface) {
  oobm.interface = "oobm1";
  EXPECT_EQ(code(permit.may_spend(target("oobm0"), uplink::Use::transfer)), "OTHER_UPLINK");
}

TEST_F(GatePermitTest, AFileGoesOnThoughItsSessionIsLost) {
  router.world.answers = false;
  router.feed(core::SessionClosed{});
  EXPECT_EQ(code(permit.may_spend(target("oobm0"), uplink::Use::transfer)), "");
  EXPECT_EQ(way_refusal(), TransferCode::link_failed) << "none is begun";
}

TEST_F(GatePermitTest, NoFileIsBegunBeforeTheTimeIsKnown) {
  router.world.dates_ok = false;
  router.feed(core::SessionClosed{});
  router.advance(std::chrono::minutes(5));
  ASSERT_EQ(router.agent().status(router.now()).phase, core::LinkPhase::online);
  EXPECT_EQ(way_refusal(), TransferCode::link_failed) << "the file server's dates are not known";
}

TEST_F(GatePermitTest, AUsedUpAllowanceIsToldAsWhatItIs) {
  EXPECT_EQ(way_refusal(), std::nullopt);
  use_up();
  EXPECT_EQ(way_refusal(), TransferCode::data_used_up);
  EXPECT_EQ(code(permit.may_connect(target("oobm0"))), "DATA_USED_UP");
  EXPECT_EQ(code(permit.may_spend(target("oobm0"), uplink::Use::transfer)), "DATA_ALLOWANCE");
  EXPECT_EQ(code(permit.may_connect(target("oobm0", uplink::Purpose::session))), "");
}

TEST_F(GatePermitTest, AUsedUpAllowanceHoldsNothingBackOnTheMainWan) {
  use_up();
  chosen = Uplink::main_wan;
  EXPECT_EQ(way_refusal(), std::nullopt);
  EXPECT_EQ(code(permit.may_connect(target("wan0"))), "");
}

TEST_F(GatePermitTest, ASuspendedRouterFetchesNothing) {
  suspend();
  EXPECT_EQ(way_refusal(), TransferCode::not_in_service);
  EXPECT_EQ(code(permit.may_connect(target("oobm0"))), "NOT_IN_SERVICE");
  EXPECT_NE(code(permit.may_spend(target("oobm0"), uplink::Use::transfer)), "");
}

TEST_F(GatePermitTest, AnotherInstanceIsNobodysTarget) {
  auto elsewhere = target("oobm0", uplink::Purpose::session);
  elsewhere.instance = "eu";
  EXPECT_NE(code(permit.may_connect(elsewhere)), "");
}

}  // namespace
}  // namespace oobm::daemon
