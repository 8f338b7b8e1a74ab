// What a module may or may not have, in virtual time: optional commands, a card that starts slowly,
// technologies and bands, sleep.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hal/virtual_bench.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using modem_sim::SimConfig;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ModemFeatures, command_that_the_module_does_not_have_is_asked_once) {
  VirtualBench bench(generic());  // says that +CESQ is not supported
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.pass(10h);
  EXPECT_EQ(count(bench, "AT+CESQ"), 1);
  EXPECT_GE(count(bench, "AT+CSQ"), 100);
  bench.control("reboot quiet");
  bench.pass(10min);
  EXPECT_EQ(bench.facts().resets, 1U);
  EXPECT_EQ(count(bench, "AT+CESQ"), 1) << "a restart brings no new command";
}

TEST(ModemFeatures, error_100_degrades_the_fact_and_is_asked_again) {
  VirtualBench bench;
  bench.control("refuse 1");  // +CESQ
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  EXPECT_FALSE(bench.facts().rsrq_db);
  bench.pass(1h);
  bench.control("refuse off");
  bench.pass(10min);
  EXPECT_TRUE(bench.facts().rsrq_db);
}

TEST(ModemFeatures, card_that_starts_is_asked_sooner_for_half_a_minute) {
  VirtualBench bench;
  bench.control("card 6");
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().sim == SimState::busy; }, 1min));
  bench.sent.clear();
  bench.pass(30s);
  const auto soon = count(bench, "AT+CPIN?");
  EXPECT_GE(soon, 4);
  EXPECT_LE(soon, 8);
  bench.sent.clear();
  bench.pass(1min);
  EXPECT_LE(count(bench, "AT+CPIN?"), 7) << "then at the regular times";
  bench.control("card 0");
  EXPECT_TRUE(bench.until_registered());
}

TEST(ModemFeatures, attempts_of_the_card_are_told) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().pin_attempts, 3);
  EXPECT_EQ(bench.facts().puk_attempts, 10);
}

TEST(ModemFeatures, settings_that_the_module_does_not_have_are_told_and_not_sent) {
  VirtualBench bench(generic(), {}, {.technologies = {Technology::nb_iot}, .bands = {}});
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.pass(1h);
  EXPECT_EQ(bench.facts().resets, 0U);
  EXPECT_THAT(bench.sent, Not(Contains(StartsWith("AT+KSELACQ=")))) << "it has no such command";
  EXPECT_THAT(bench.facts().settings_problem, HasSubstr("has no setting"));
}

TEST(ModemFeatures, settings_that_the_module_does_not_keep_are_told_and_not_repeated) {
  // The simulated module keeps the bands of the technology that was written last alone.
  VirtualBench bench(
      {}, {}, {.technologies = {}, .bands = {{Technology::lte_m, {2}}, {Technology::nb_iot, {8}}}});
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 2min));
  ASSERT_TRUE(bench.until_registered());
  EXPECT_THAT(bench.facts().settings_problem, HasSubstr("has not kept"));
  bench.control("reboot");
  bench.pass(1h);
  EXPECT_EQ(bench.facts().resets, 2U) << "the module's own, and none of ours";
  EXPECT_EQ(count(bench, "AT+KBNDCFG=0,00000000000000000002"), 1);
}

TEST(ModemFeatures, settings_are_written_once_and_take_effect_by_one_restart) {
  VirtualBench bench({}, {},
                     {.technologies = {Technology::lte_m}, .bands = {{Technology::lte_m, {2, 4}}}});
  bench.plug();
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 1; }, 2min));
  ASSERT_TRUE(bench.until_registered());
  EXPECT_EQ(bench.facts().last_reset_reason, "settings changed");
  EXPECT_EQ(count(bench, "AT+KSELACQ=0,1"), 1);
  EXPECT_EQ(count(bench, "AT+KBNDCFG=0,0000000000000000000A"), 1);
  bench.control("reboot");
  ASSERT_TRUE(bench.until([&] { return bench.facts().resets == 2; }, 10min));
  ASSERT_TRUE(bench.until_registered());
  bench.pass(1h);
  EXPECT_EQ(bench.facts().resets, 2U) << "never over and over";
  EXPECT_EQ(count(bench, "AT+KSELACQ=0,1"), 1);
}

TEST(ModemFeatures, settings_as_wanted_cost_nothing) {
  VirtualBench bench({}, {}, {.technologies = {}, .bands = {}});
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  EXPECT_THAT(bench.facts().technologies,
              ElementsAre(Technology::lte_m, Technology::nb_iot, Technology::gsm));
  ASSERT_EQ(bench.facts().bands.size(), 1U);
  EXPECT_THAT(bench.facts().bands.front().bands, ElementsAre(2, 3, 4, 8, 12, 13, 18, 20, 26, 28));
  EXPECT_TRUE(bench.facts().band);
  EXPECT_EQ(bench.facts().settings_problem, "");
  EXPECT_EQ(bench.facts().resets, 0U);
}

TEST(ModemFeatures, silence_without_sleep_is_a_failure) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("sleep 600000");
  ASSERT_TRUE(bench.until([&] { return bench.facts().port == PortState::silent; }, 10min));
  EXPECT_TRUE(bench.until_registered(20min));
}

TEST(ModemFeatures, silence_with_sleep_granted_is_none) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  // Awake for 2 s after each contact, back within 10 hours.
  bench.control("urc +CEREG: 1,\"2616\",\"0DDAEA01\",7,,,\"00000001\",\"01000001\"");
  bench.control("sleep 3600000");
  ASSERT_TRUE(bench.until([&] { return bench.facts().port == PortState::asleep; }, 10min));
  EXPECT_THAT(bench.facts().port_text, HasSubstr("sleeps"));
  EXPECT_EQ(bench.facts().registration, Registration::home) << "what was so is taken to be so";
  const auto before = bench.reopenings;
  bench.pass(50min);
  EXPECT_EQ(bench.facts().port, PortState::asleep);
  EXPECT_EQ(bench.reopenings, before) << "its port is not opened anew";
  EXPECT_TRUE(bench.until([&] { return bench.facts().port == PortState::ok; }, 30min));
  EXPECT_TRUE(bench.until_registered());
}

TEST(ModemFeatures, sleep_beyond_what_was_granted_is_a_failure) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  // Back within 10 minutes.
  bench.control("urc +CEREG: 1,\"2616\",\"0DDAEA01\",7,,,\"00000001\",\"00000001\"");
  bench.control("sleep 3600000");
  ASSERT_TRUE(bench.until([&] { return bench.facts().port == PortState::asleep; }, 10min));
  EXPECT_TRUE(bench.until([&] { return bench.facts().port == PortState::silent; }, 30min));
}

TEST(ModemFeatures, ppp_on_the_command_port_is_left_by_escape) {
  VirtualBench bench;
  int calls = 0;
  bench.sim.set_data_peer(
      {.connected = [&] { ++calls; }, .received = [](auto) {}, .ended = [&] { --calls; }});
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  // Somebody else dials on our port; the far end begins its session.
  bench.sim.feed("ATD*99***1#\r", bench.now);
  ASSERT_TRUE(bench.until([&] { return calls == 1; }, 1min));
  bench.sim.send_to_host("\x7e\xff\x7d\x23\xc0!}!}\x7e");
  bench.service.refresh(bench.now);
  ASSERT_TRUE(bench.until([&] { return calls == 0; }, 10min)) << "escaped and hung up";
  EXPECT_THAT(bench.sent, Contains(HasSubstr("+++")));
  EXPECT_TRUE(bench.until_registered(10min));
}

TEST(ModemFeatures, ppp_frames_on_a_port_that_answers_are_noise) {
  VirtualBench bench;
  bench.plug();
  ASSERT_TRUE(bench.until_registered());
  bench.control("ppp-noise 200");
  bench.pass(1min);
  EXPECT_TRUE(bench.until_registered());
  EXPECT_THAT(bench.sent, Not(Contains(HasSubstr("+++")))) << "it answers, so it is not in a call";
}

}  // namespace
}  // namespace oobm::hal
