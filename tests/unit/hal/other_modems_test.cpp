// Modules of other makers: whatever their dialect, the facts are the same. What the parsers meet on
// the way is in the dialogues (dialects.cpp), which are made by hand after public manuals.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/at/clock.hpp"
#include "hal/at/identity.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/result_code.hpp"
#include "hal/at/signal.hpp"
#include "hal/at/sim.hpp"
#include "tests/unit/hal/dialects.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class OtherModem : public testing::TestWithParam<Dialect> {};

std::string name_of(const testing::TestParamInfo<Dialect>& info) {
  std::string name = info.param.name;
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}

void expect_common_facts(const RadioFacts& facts) {
  EXPECT_EQ(facts.port, PortState::ok);
  ASSERT_TRUE(facts.imei) << facts.imei_problem;
  EXPECT_EQ(facts.imei->str(), dialect_imei);
  EXPECT_EQ(facts.power, RadioPower::on);
  EXPECT_EQ(facts.sim, SimState::ready);
  ASSERT_TRUE(facts.iccid);
  EXPECT_EQ(facts.iccid->str(), dialect_iccid);
  ASSERT_TRUE(facts.imsi);
  EXPECT_EQ(facts.registration, Registration::home);
  EXPECT_EQ(facts.tac, 0x2616U);
  EXPECT_EQ(facts.cell_id, 0x0ddaea01U);
  EXPECT_EQ(facts.rsrp_dbm, -97);
  EXPECT_EQ(facts.rsrq_db, -10.0);
  EXPECT_FALSE(facts.reject);
}

void expect_context(const RadioFacts& facts) {
  ASSERT_TRUE(facts.pdp);
  EXPECT_EQ(facts.pdp->apn, "oobm.example");
  EXPECT_THAT(facts.pdp->addresses, Contains("10.64.0.2"));
  EXPECT_THAT(facts.pdp->dns_servers, Contains("10.64.0.53"));
}

TEST_P(OtherModem, facts_of_a_module_in_service) {
  ScriptedModule module(GetParam());
  module.run(30s);
  expect_common_facts(module.facts());
  expect_context(module.facts());
  EXPECT_FALSE(module.facts().manufacturer.empty());
  EXPECT_FALSE(module.facts().model.empty());
  EXPECT_EQ(module.facts().timeouts, 0U);
  EXPECT_EQ(module.facts().resets, 0U);
}

TEST_P(OtherModem, lines_that_end_in_any_way) {
  for (const auto& [open, close] :
       std::vector<std::pair<std::string, std::string>>{{"", "\r"},
                                                        {"", "\n"},
                                                        {"\r\n", "\r"},
                                                        {"\n", "\n"},
                                                        {"\r\r\n", "\r\n\r\n"},
                                                        {"\r\n", " \t\r\n"},
                                                        {"", "\r\r\n"}}) {
    auto dialect = GetParam();
    dialect.open = open;
    dialect.close = close;
    ScriptedModule module(std::move(dialect));
    module.run(30s);
    expect_common_facts(module.facts());
  }
}

TEST_P(OtherModem, reports_of_all_makers_before_each_final_code) {
  constexpr std::array<std::string_view, 14> reports{
      "*EUICC: 1",        "+UUSORD: 0,16",         "%NOTIFYEV:\"SIBTAU\",1",
      "^SYSLOADING",      "+QIND: SMS DONE",       "#STN: 37",
      "$QCRMCALL: 0, V4", "+CGEV: ME PDN ACT 1",   "+CTZE: \"-20\",0,\"2026/09/21,14:13:20\"",
      "+CSCON: 1",        "%MDMEV: ME OVERHEATED", "+CREG: 3",
      "*ATREADY_NOT",     "+CEDRXP: 4,\"0010\""};
  auto dialect = GetParam();
  for (const auto report : reports) dialect.between += "\r\n" + std::string(report) + "\r\n";
  ScriptedModule module(dialect);
  module.run(30s);
  expect_common_facts(module.facts());
  expect_context(module.facts());
  EXPECT_EQ(module.facts().resets, 0U);
}

TEST_P(OtherModem, start_by_itself_in_the_middle_of_service_is_survived) {
  ScriptedModule module(GetParam());
  module.run(20s);
  module.say(GetParam().start);
  module.run(20s);
  expect_common_facts(module.facts());
}

INSTANTIATE_TEST_SUITE_P(ByHand, OtherModem, testing::ValuesIn(all_dialects()), name_of);

TEST(OtherModems, names_and_texts) {
  const std::vector<std::pair<Dialect, std::pair<std::string, std::string>>> rows{
      {quectel_bg95(), {"BG95-M3", "BG95M3LAR02A03"}},
      {telit_me910(), {"ME910C1-WW", "30.00.528"}},
      {nordic_nrf91(), {"nRF9160-SICA", "mfw_nrf9160_1.3.5"}},
      {sequans_gm02s(), {"GM02S", "UE8.0.5.13"}},
      {altair_alt1250(), {"ALT1250", "RK_03_00_00_00_51161_001"}},
      {sierra_wp76(), {"WP7607", "SWI9X07Y_02.28.03.05 000000 jenkins 2019/05/21 03:59:45"}}};
  for (const auto& [dialect, wanted] : rows) {
    ScriptedModule module(dialect);
    module.run(20s);
    EXPECT_EQ(module.facts().model, wanted.first);
    EXPECT_EQ(module.facts().firmware, wanted.second);
  }
}

TEST(OtherModems, technology_8_of_a_packet_registration_is_lte_m) {
  for (const auto& dialect : {quectel_bg95(), telit_me910()}) {
    ScriptedModule module(dialect);
    module.run(20s);
    EXPECT_EQ(module.facts().technology, Technology::lte_m) << dialect.name;
  }
}

TEST(OtherModems, operator_in_digits_and_in_ucs2) {
  ScriptedModule nordic(nordic_nrf91());
  nordic.run(1min);
  EXPECT_EQ(nordic.facts().operator_name, "00101");
  ScriptedModule sierra(sierra_wp76());
  sierra.run(1min);
  EXPECT_EQ(sierra.facts().operator_name, "Test Network");
}

TEST(OtherModems, clock_with_an_extra_field_and_clock_of_1980) {
  ScriptedModule altair(altair_alt1250());
  altair.run(1min);
  ASSERT_TRUE(altair.facts().network_time);
  ScriptedModule simcom(simcom_sim7080());
  simcom.run(1min);
  EXPECT_FALSE(simcom.facts().network_time);
}

TEST(OtherModems, both_families_of_addresses) {
  ScriptedModule module(ublox_sara_r5());
  module.run(20s);
  ASSERT_TRUE(module.facts().pdp);
  EXPECT_EQ(module.facts().pdp->cid, 1) << "context 0 has no name";
  EXPECT_THAT(module.facts().pdp->addresses, ElementsAre("10.64.0.2", "2001:db8::2"));
  EXPECT_THAT(module.facts().pdp->dns_servers,
              ElementsAre("10.64.0.53", "10.64.0.54", "2001:db8::53"));
  EXPECT_EQ(module.facts().pdp->mtu, 1400);
}

TEST(OtherModems, card_states) {
  const std::vector<std::pair<std::string, SimState>> rows{
      {"+CPIN: \"READY\"", SimState::ready},
      {"+CPIN:READY ", SimState::ready},
      {"+CPIN: \"SIM PIN\"", SimState::pin_required},
      {"+CPIN: SIM PUK ", SimState::puk_required},
      {"+CPIN: PH-NETSUB PIN", SimState::network_locked},
      {"+cpin: ready", SimState::ready}};
  for (const auto& [line, state] : rows) {
    const auto parsed = at::parse_cpin(line);
    ASSERT_TRUE(parsed) << line;
    EXPECT_EQ(*parsed, state) << line;
  }
}

TEST(OtherModems, errors_of_a_missing_card_in_words) {
  for (const auto* line :
       {"+CME ERROR: SIM not inserted", "+CME ERROR:SIM NOT INSERTED", "+CME Error: 10",
        "+CME ERROR: 010", "+CME ERROR: \"SIM not inserted\""}) {
    auto dialect = quectel_eg25();
    dialect.answers.erase("AT+CPIN?");
    dialect.refusal = "\r\n" + std::string(line) + "\r\n";
    ScriptedModule module(dialect);
    module.run(20s);
    EXPECT_EQ(module.facts().sim, SimState::absent) << line;
  }
}

TEST(OtherModems, icc_identities) {
  for (const auto* line : {"+QCCID: 89014103211118510720", "#CCID: 89014103211118510720",
                           "+CCID: \"89014103211118510720\"", "+ICCID: 89014103211118510720 ",
                           "%CCID: 89014103211118510720", "^SCID: 89014103211118510720",
                           "%XICCID: 89014103211118510720", "89014103211118510720"})
    EXPECT_TRUE(at::parse_iccid(line)) << line;
  EXPECT_EQ(at::parse_iccid("+QCCID: 8986001122334455667f").value().str(), "8986001122334455667");
}

TEST(OtherModems, signals) {
  EXPECT_FALSE(at::parse_csq("+CSQ: 99, 99").value().rssi_dbm);
  EXPECT_EQ(at::parse_csq("+CSQ: 022,099").value().rssi_dbm, -69);
  EXPECT_EQ(at::parse_csq("+CSQ: \"22\",\"99\"").value().rssi_dbm, -69);
  EXPECT_EQ(at::parse_cesq("+CESQ: 99,99,255,255,020,044").value().rsrp_dbm, -97);
  EXPECT_EQ(at::parse_cesq("+CESQ: 99, 99, 255, 255, 20, 44, 255, 255, 255").value().rsrp_dbm, -97);
}

TEST(OtherModems, registration_reports_of_all_sorts) {
  const auto report = at::RegistrationForm::report;
  const std::vector<std::pair<std::string, Registration>> rows{
      {"+CEREG: 1 ", Registration::home},
      {"+CEREG:1,\"2616\",\"0ddaea01\",7", Registration::home},
      {"+CEREG: 1, \"2616\" ,\"0DDAEA01\" , 7", Registration::home},
      {"+CEREG: 5,2616,DDAEA01,8", Registration::roaming},
      {"+CEREG: 4,\"FFFF\",\"FFFFFFFF\",9", Registration::unknown},
      {"+CEREG: 2,\"0000\",\"00000000\",7,0,17", Registration::searching},
      {"+CEREG: 0,,,,,,", Registration::not_registered},
      {"+CEREG: 80", Registration::home}};
  for (const auto& [line, status] : rows) {
    if (line == "+CEREG: 80") {
      EXPECT_FALSE(at::parse_registration(line, report)) << "temporarily lost: one maker's own";
      continue;
    }
    EXPECT_EQ(at::registration_form(line, 5), report) << line;
    ASSERT_TRUE(at::parse_registration(line, report)) << line;
    EXPECT_EQ(at::parse_registration(line, report)->status, status) << line;
  }
}

TEST(OtherModems, addresses_of_all_sorts) {
  EXPECT_THAT(at::parse_cgpaddr("+CGPADDR: 1,10.64.0.2").value().addresses,
              ElementsAre("10.64.0.2"));
  EXPECT_THAT(at::parse_cgpaddr("+CGPADDR: 1,\"10.64.0.2 2001:db8::2\"").value().addresses,
              Contains("10.64.0.2"));
  EXPECT_THAT(at::parse_cgpaddr("+CGPADDR: 1,\"0.0.0.0\"").value().addresses, testing::IsEmpty());
  EXPECT_THAT(at::parse_cgpaddr("+CGPADDR: 1,\"\",\"\"").value().addresses, testing::IsEmpty());
  EXPECT_THAT(at::parse_cgpaddr("+CGPADDR: 1,10.64.0.2,32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.2")
                  .value()
                  .addresses,
              ElementsAre("10.64.0.2", "2001:db8::2"));
}

}  // namespace
}  // namespace oobm::hal
