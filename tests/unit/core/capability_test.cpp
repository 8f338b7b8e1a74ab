// What each state may do, against the table as the product promises it, written out here a second
// time.
#include "agent/core/capability.hpp"

#include <array>

#include <gtest/gtest.h>

#include "tests/unit/core/support/builders.hpp"

namespace oobm::core {
namespace {

using enum Grant;

struct Expected {
  Lifecycle state;
  bool blocked;
  // connect, lifecycle tasks, service tasks, heartbeat, telemetry, file transfer, bearer, local CLI
  std::array<Grant, 8> grants;
  std::optional<Reason> refusal;
};

const std::array expectations{
    Expected{Lifecycle::unregistered,
             false,
             {by_schedule, yes, no, no, no, no, while_connecting, yes},
             Reason::unregistered},
    Expected{Lifecycle::inventory,
             false,
             {by_schedule, yes, no, yes, no, no, while_connecting, yes},
             Reason::inventory},
    Expected{
        Lifecycle::activating, false, {yes, yes, no, yes, no, no, yes, yes}, Reason::activating},
    Expected{Lifecycle::active, false, {yes, yes, yes, yes, yes, yes, yes, yes}, std::nullopt},
    Expected{Lifecycle::grace, false, {yes, yes, yes, yes, yes, yes, yes, yes}, std::nullopt},
    Expected{Lifecycle::suspended,
             false,
             {probe, yes, no, no, no, no, during_probe, yes},
             Reason::suspended},
    Expected{Lifecycle::retired,
             false,
             {rare_probe, yes, no, no, no, no, during_probe, yes},
             Reason::retired},
};
constexpr std::array<Grant, 8> when_blocked{no, no, no, no, no, no, no, yes};

TEST(Capabilities, OfEveryStateAreTheDocumentedOnes) {
  for (const auto& e : expectations) {
    for (std::size_t c = 0; c < e.grants.size(); ++c)
      EXPECT_EQ(grant(e.state, false, static_cast<Capability>(c)), e.grants[c])
          << to_text(e.state) << ": " << to_text(static_cast<Capability>(c));
    EXPECT_EQ(service_refusal(e.state, false), e.refusal) << to_text(e.state);
  }
  EXPECT_EQ(expectations.size(), all_lifecycles().size());
}

TEST(Capabilities, OfABlockedRouterAreTheLocalCliAloneInEveryState) {
  for (const auto state : all_lifecycles()) {
    for (std::size_t c = 0; c < when_blocked.size(); ++c)
      EXPECT_EQ(grant(state, true, static_cast<Capability>(c)), when_blocked[c]) << to_text(state);
    EXPECT_EQ(service_refusal(state, true), Reason::blocked);
  }
}

TEST(Capabilities, AUsedUpAllowanceTakesReportsAndFilesAndNothingElse) {
  for (const auto state : all_lifecycles())
    for (std::size_t c = 0; c < when_blocked.size(); ++c) {
      const auto capability = static_cast<Capability>(c);
      const Grant before = grant(state, false, capability);
      Grant expected = before;
      if (capability == Capability::telemetry || capability == Capability::file_transfer)
        expected = no;
      if (capability == Capability::heartbeat && before == yes) expected = at_least;
      EXPECT_EQ(when_used_up(before, capability), expected)
          << to_text(state) << ": " << to_text(capability);
    }
}

TEST(Capabilities, ABlockedRouterMayUseNoUplinkWhateverThePolicy) {
  for (const auto state : all_lifecycles())
    for (const auto uplink : {Uplink::oobm, Uplink::main_wan})
      EXPECT_FALSE(uplink_allowed(state, true, uplink, {true, true})) << to_text(state);
}

TEST(Capabilities, TheOobmRadioMayBeUsedInEveryState) {
  for (const auto state : all_lifecycles())
    EXPECT_TRUE(uplink_allowed(state, false, Uplink::oobm, {false, false})) << to_text(state);
}

TEST(Capabilities, TheMainWanCarriesRegistrationAndProbesUnlessTurnedOff) {
  for (const auto state : {Lifecycle::unregistered, Lifecycle::inventory, Lifecycle::activating,
                           Lifecycle::suspended, Lifecycle::retired}) {
    EXPECT_TRUE(uplink_allowed(state, false, Uplink::main_wan, {true, false})) << to_text(state);
    EXPECT_FALSE(uplink_allowed(state, false, Uplink::main_wan, {false, true})) << to_text(state);
  }
}

TEST(Capabilities, TheMainWanCarriesServiceOnlyWhereConfigured) {
  for (const auto state : {Lifecycle::active, Lifecycle::grace}) {
    EXPECT_FALSE(uplink_allowed(state, false, Uplink::main_wan, {true, false})) << to_text(state);
    EXPECT_TRUE(uplink_allowed(state, false, Uplink::main_wan, {false, true})) << to_text(state);
  }
  EXPECT_FALSE(UplinkPolicy{}.main_wan_for_service) << "off by default";
  EXPECT_TRUE(UplinkPolicy{}.main_wan_for_registration) << "on by default";
}

}  // namespace
}  // namespace oobm::core
