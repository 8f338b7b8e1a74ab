// How modules fail in what they say, by the numbers of docs/radio-failures.md: card, network,
// sleep, forms of answers, clock, identity and data.
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/hal/failure_modes.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::int64_t network_time = 1'790'000'000;

TEST_F(FailureMode, m13_every_state_of_the_card_is_told_and_no_pin_is_entered) {
  const std::vector<std::pair<std::string, SimState>> rows{
      {"card 1", SimState::absent},       {"card 2", SimState::pin_required},
      {"card 3", SimState::puk_required}, {"card 4", SimState::network_locked},
      {"card 5", SimState::failure},      {"card 6", SimState::busy}};
  bench.plug();
  for (const auto& [fault, state] : rows) {
    bench.control(fault);
    EXPECT_TRUE(bench.until([&, wanted = state] { return bench.facts().sim == wanted; }, 1min))
        << fault;
    bench.pass(5min);
    EXPECT_FALSE(registered(bench.facts())) << fault;
  }
  for (const auto& command : bench.sent) EXPECT_THAT(command, Not(StartsWith("AT+CPIN=")));
  EXPECT_THAT(bench.control("status"), HasSubstr("pin-attempts=3"));
  bench.control("card off");
  EXPECT_TRUE(bench.until_registered());
  EXPECT_TRUE(bench.facts().iccid);
}

TEST_F(FailureMode, m14_denial_is_told_with_its_cause_and_not_hammered) {
  for (const int cause : {2, 3, 7, 11, 13, 15, 17, 19, 22}) {
    SCOPED_TRACE(cause);
    VirtualBench each;
    each.control("deny " + std::to_string(cause));
    each.plug();
    const auto denied = [&] { return each.facts().registration == Registration::denied; };
    ASSERT_TRUE(each.until(denied, 1min));
    ASSERT_TRUE(each.facts().reject);
    EXPECT_EQ(each.facts().reject->value, cause);
    each.pass(20min);
    EXPECT_THAT(each.sent, Not(Contains(StartsWith("AT+CFUN="))));
    EXPECT_THAT(each.sent, Not(Contains(StartsWith("AT+COPS="))));
    each.control("register");
    EXPECT_TRUE(each.until_registered());
  }
}

TEST_F(FailureMode, m14_cause_of_a_module_that_goes_on_searching_is_kept_with_its_time) {
  bench.control("no-coverage");
  bench.plug();
  bench.pass(30s);
  bench.control("no-coverage off");
  bench.control("deny-searching 11");
  ASSERT_TRUE(bench.until([&] { return bench.facts().reject.has_value(); }, 1min));
  EXPECT_EQ(bench.facts().reject->value, 11);
  const auto at = bench.facts().reject->at;
  bench.pass(10min);
  EXPECT_EQ(bench.facts().registration, Registration::searching);
  EXPECT_EQ(bench.facts().reject->at, at) << "the polled answers name no cause";
}

TEST_F(FailureMode, m14_roaming_is_service) {
  bench.control("roaming");
  in_service();
  EXPECT_EQ(bench.facts().registration, Registration::roaming);
}

TEST_F(FailureMode, m15_circuit_switched_registration_is_never_asked) {
  bench.control("creg 1");
  bench.control("no-coverage");
  bench.plug();
  bench.pass(5min);
  EXPECT_EQ(bench.facts().registration, Registration::searching);
  bench.control("creg 3");
  bench.control("register");
  ASSERT_TRUE(bench.until_registered());
  bench.control("urc +CREG: 3");
  EXPECT_EQ(bench.facts().registration, Registration::home);
  EXPECT_THAT(bench.sent, Not(Contains(StartsWith("AT+CREG"))));
}

TEST_F(FailureMode, m16_sleep_is_asked_to_stay_off_and_survived_all_the_same) {
  in_service();
  EXPECT_THAT(bench.sent, Contains("AT+CPSMS=0"));
  EXPECT_THAT(bench.sent, Contains("AT+CEDRXS=0"));
  EXPECT_THAT(bench.sent, Contains("AT+KSLEEP=2"));
  bench.control("sleep 20000");
  bench.service.refresh(bench.now);
  bench.pass(5min);
  EXPECT_EQ(bench.facts().resets, 0U) << "nothing was lost";
  EXPECT_EQ(bench.reopenings, 0) << "and nothing is broken";
  EXPECT_EQ(bench.facts().registration, Registration::home);
  EXPECT_EQ(bench.facts().port, PortState::ok);
}

TEST_F(FailureMode, m16_silence_that_the_network_granted_is_no_failure) {
  bench.control("psm");
  in_service();
  bench.control("sleep 3000000");
  bench.service.refresh(bench.now);
  ASSERT_TRUE(bench.until([&] { return bench.facts().port == PortState::asleep; }, 5min));
  bench.pass(40min);
  EXPECT_EQ(bench.facts().port, PortState::asleep);
  EXPECT_EQ(bench.reopenings, 0) << "waking it by force would be wrong";
  ASSERT_TRUE(bench.until([&] { return bench.facts().port == PortState::ok; }, 30min));
  EXPECT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().resets, 0U);
}

TEST_F(FailureMode, m16_first_command_after_a_pause_may_be_lost) {
  in_service();
  bench.control("doze 20000");
  bench.pass(30min);
  EXPECT_GE(bench.facts().timeouts, 1U);
  EXPECT_EQ(bench.facts().resets, 0U);
  EXPECT_EQ(bench.reopenings, 0);
  EXPECT_EQ(bench.facts().registration, Registration::home);
  EXPECT_EQ(bench.facts().port, PortState::ok);
}

TEST_F(FailureMode, m17_empty_fields_are_unknown) {
  in_service();
  with_fault(bench, "fields 1", 30s);
  EXPECT_EQ(bench.facts().operator_name, "");
  EXPECT_EQ(bench.facts().registration, Registration::home);
  EXPECT_FALSE(bench.facts().tac);
  EXPECT_FALSE(bench.facts().rsrp_dbm && *bench.facts().rsrp_dbm != -97);
  EXPECT_EQ(bench.facts().timeouts, 0U);
}

TEST_F(FailureMode, m17_extra_fields_and_missing_quotes_change_nothing) {
  for (const auto* fault : {"fields 2", "fields 3"}) {
    SCOPED_TRACE(fault);
    VirtualBench each;
    each.control(fault);
    each.plug();
    ASSERT_TRUE(each.until_registered());
    EXPECT_EQ(each.facts().tac, 0x2616U);
    EXPECT_EQ(each.facts().rsrp_dbm, -97);
    EXPECT_EQ(each.facts().operator_name, "Test Network");
    EXPECT_EQ(each.facts().iccid->str(), "89014103211118510720");
    EXPECT_THAT(each.facts().pdp->addresses, testing::ElementsAre("10.64.0.2"));
    EXPECT_EQ(each.facts().resets, 0U);
  }
}

TEST_F(FailureMode, m17_operator_of_a_module_without_service_is_none) {
  in_service();
  bench.control("no-coverage");
  bench.service.refresh(bench.now);
  bench.pass(1min);
  EXPECT_EQ(bench.facts().operator_name, "");
}

TEST_F(FailureMode, m18_clock_that_the_network_has_not_set_is_no_evidence) {
  for (int form = 1; form <= 6; ++form) {
    SCOPED_TRACE(form);
    VirtualBench each(module_of("hl78xx", network_time));
    each.control("clock " + std::to_string(form));
    each.plug();
    ASSERT_TRUE(each.until_registered());
    EXPECT_GE(times_sent(each, "AT+CCLK?"), 1);
    EXPECT_FALSE(each.facts().network_time);
    each.control("clock off");
    each.service.refresh(each.now);
    EXPECT_TRUE(each.until([&] { return each.facts().network_time.has_value(); }, 1min));
  }
}

TEST_F(FailureMode, m19_imei_is_never_an_imeisv_nor_a_guess) {
  const std::vector<std::pair<int, std::string>> rows{
      {1, "359459090001236"}, {2, ""}, {3, ""}, {4, ""}, {5, "359459090001236"}};
  for (const auto& [form, imei] : rows) {
    SCOPED_TRACE(form);
    VirtualBench each;
    each.control("imei " + std::to_string(form));
    each.plug();
    ASSERT_TRUE(each.until_registered());
    EXPECT_EQ(each.facts().imei ? each.facts().imei->str() : "", imei);
    EXPECT_EQ(each.facts().imei_problem.empty(), !imei.empty());
  }
}

TEST_F(FailureMode, m20_context_that_is_active_already_is_not_activated_again) {
  in_service();
  std::optional<std::expected<void, Error>> result;
  bench.service.reattach([&](auto r) { result = std::move(r); }, bench.now);
  ASSERT_TRUE(bench.until([&] { return result.has_value(); }, 3min));
  EXPECT_TRUE(result->has_value()) << result->error().text;
  EXPECT_THAT(bench.sent, Contains("AT+CGATT=0"));
  EXPECT_TRUE(bench.until_registered());
  EXPECT_TRUE(bench.sim.traffic_passes());
}

TEST_F(FailureMode, m20_activation_that_only_says_ok_is_not_believed) {
  in_service();
  bench.control("activation 2");
  std::optional<std::expected<void, Error>> result;
  bench.service.reattach([&](auto r) { result = std::move(r); }, bench.now);
  ASSERT_TRUE(bench.until([&] { return bench.sent.back() == "AT+CGATT=0"; }, 1min));
  bench.control("late 1000");  // time enough for the context to go
  ASSERT_TRUE(bench.until([&] { return result.has_value(); }, 3min));
  EXPECT_EQ(times_sent(bench, "AT+CGACT=1,1"), 1);
  const auto activation = std::ranges::find(bench.sent, "AT+CGACT=1,1");
  EXPECT_TRUE(std::ranges::contains(activation, bench.sent.end(), "AT+CGACT?"))
      << "looked at behind";
  ASSERT_FALSE(result->has_value());
  EXPECT_EQ(result->error().code, ErrorCode::modem_refused);
  EXPECT_THAT(result->error().text, HasSubstr("context 1 stays inactive"));
}

TEST_F(FailureMode, m21_ppp_frames_on_the_at_port_are_noise) {
  in_service();
  for (int i = 0; i < 20; ++i) with_fault(bench, "ppp-noise 1500", 5s);
  bench.pass(1min);
  EXPECT_EQ(bench.facts().resets, 0U);
  EXPECT_EQ(bench.facts().port, PortState::ok);
  EXPECT_EQ(bench.facts().timeouts, 0U);
  expect_whole_identity(bench.facts());
  expect_home_service(bench.facts());
}

}  // namespace
}  // namespace oobm::hal
