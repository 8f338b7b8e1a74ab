// Parsers of what the network says: registration, power saving, signal, time, contexts, bands. What
// each must refuse, then what it must read.
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/at/clock.hpp"
#include "hal/at/hl78xx.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/power_saving.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/signal.hpp"

namespace oobm::hal::at {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RegistrationReport answer_of(std::string_view line) {
  return parse_registration(line, RegistrationForm::answer).value();
}
RegistrationReport report_of(std::string_view line) {
  return parse_registration(line, RegistrationForm::report).value();
}

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(RegistrationForms, answer_and_report_are_told_apart) {
  const auto answer = RegistrationForm::answer;
  const auto report = RegistrationForm::report;
  const std::vector<std::pair<std::string, RegistrationForm>> rows{
      {"+CEREG: 5,2", answer},
      {"+CEREG: 0,1", answer},
      {"+CEREG: 2,1,\"2616\",\"DDAEA01\",7", answer},
      {"+CEREG: 5,1,\"002F\",\"0012BEEF\",7,,,\"00000001\",\"00011111\"", answer},
      {"+CEREG: 05,01", answer},
      {"+CEREG: 5,90", answer},
      {"+CEREG: 2", report},
      {"+CEREG: 5,\"002F\",\"0012BEEF\",7", report},
      {"+CEREG: 2,\"09C5\",\"020C7B16\",7,0,11", report},
      {"+CEREG: 0,,,,,,", report},
      {"+CEREG: 1,002F,0012BEEF,7", report},
      {"+CEREG: 1,123,0012BEEF,7", report},
      {"+CEREG: 5,77", report},
  };
  for (const auto& [line, form] : rows) {
    EXPECT_EQ(registration_form(line, std::nullopt), form) << line;
    EXPECT_EQ(registration_form(line, 5), form) << line;
  }
  for (const auto* line : {"", "+CEREG:", "+CEREG: x", "+CEREG: \"5\",2", "+COPS: 0", "CEREG: 1"})
    EXPECT_FALSE(registration_form(line, 5)) << line;
}

TEST(RegistrationForms, all_bare_numbers_are_an_answer_only_with_our_own_level) {
  EXPECT_EQ(registration_form("+CEREG: 1,12,0012BEEF,7", 5), RegistrationForm::report);
  EXPECT_EQ(registration_form("+CEREG: 2,1,0012,0012BEEF,7", 2), RegistrationForm::answer);
}

TEST(RegistrationForms, a_cell_in_the_third_field_is_a_report) {
  EXPECT_EQ(registration_form("+CEREG: 2,10,0012BEEF,7", 2), RegistrationForm::report);
  // Too long for a cell identity: a module that fills its answer with more fields.
  EXPECT_EQ(registration_form("+CEREG: 5,2,2147483647,2147483647", 5), RegistrationForm::answer);
  EXPECT_EQ(registration_form("+CEREG: 5,1,\"002F\",\"0012BEEF\",7", 5), RegistrationForm::answer);
}

TEST(RegistrationParser, refuses_unknown_status) {
  for (const auto* line : {"", "+CEREG:", "+CEREG: 5,77", "+CEREG: 5,-1", "+CEREG: 5,x"})
    EXPECT_FALSE(parse_registration(line, RegistrationForm::answer)) << line;
  EXPECT_FALSE(parse_registration("+CEREG: 12", RegistrationForm::report));
}

TEST(RegistrationParser, every_status) {
  const std::vector<std::pair<int, Registration>> rows{
      {0, Registration::not_registered}, {1, Registration::home},
      {2, Registration::searching},      {3, Registration::denied},
      {4, Registration::unknown},        {5, Registration::roaming},
      {6, Registration::sms_only},       {7, Registration::sms_only},
      {8, Registration::emergency_only}, {9, Registration::home},
      {10, Registration::roaming},       {11, Registration::emergency_only},
      {90, Registration::not_registered}};
  for (const auto& [stat, registration] : rows) {
    EXPECT_EQ(answer_of("+CEREG: 5," + std::to_string(stat)).status, registration) << stat;
    EXPECT_EQ(report_of("+CEREG: " + std::to_string(stat)).status, registration) << stat;
  }
}

TEST(RegistrationParser, cause_while_still_searching) {
  const auto report = report_of("+CEREG: 2,\"09C5\",\"020C7B16\",7,0,11");
  EXPECT_EQ(report.status, Registration::searching);
  EXPECT_EQ(report.cause_type, 0);
  EXPECT_EQ(report.cause, 11);
  EXPECT_EQ(report.tac, 0x09c5U);
  EXPECT_EQ(report.cell_id, 0x020c7b16U);
}

TEST(RegistrationParser, fields_of_an_answer) {
  const auto answer = answer_of("+CEREG: 5,1,\"002F\",\"0012BEEF\",9,,,\"00000001\",\"00011111\"");
  EXPECT_EQ(answer.n, 5);
  EXPECT_EQ(answer.tac, 0x2fU);
  EXPECT_EQ(answer.cell_id, 0x12beefU);
  EXPECT_EQ(answer.technology, Technology::nb_iot);
  EXPECT_FALSE(answer.cause);
}

TEST(RegistrationParser, routing_area_between_area_and_cell) {
  const auto answer = answer_of("+CEREG: 2,1,\"1F00\",\"20\",\"79D903\",7");
  EXPECT_EQ(answer.tac, 0x1f00U);
  EXPECT_EQ(answer.cell_id, 0x79d903U);
  EXPECT_EQ(answer.technology, Technology::lte);
}

TEST(RegistrationParser, values_out_of_range_are_unknown) {
  const auto answer = answer_of("+CEREG: 2,1,\"12345\",\"FFFFFFFF\",99");
  EXPECT_FALSE(answer.tac);
  EXPECT_FALSE(answer.cell_id);
  EXPECT_FALSE(answer.technology);
}

TEST(RegistrationParser, power_saving_times) {
  const auto answer = answer_of("+CEREG: 5,1,\"002F\",\"0012BEEF\",7,,,\"00000001\",\"00011111\"");
  EXPECT_EQ(answer.active_time->length, seconds(2));
  EXPECT_EQ(answer.periodic_update->length, minutes(310));
  const auto report = report_of("+CEREG: 1,\"002F\",\"0012BEEF\",7,,,\"11100000\",\"11100000\"");
  EXPECT_EQ(report.active_time, NetworkTimer{});
  EXPECT_FALSE(report_of("+CEREG: 1,\"002F\",\"0012BEEF\",7,,,\"junk\"").active_time);
  EXPECT_FALSE(report_of("+CEREG: 0,,,,,,").active_time);
}

TEST(Operator, forms) {
  for (const auto* line : {"", "+COPS:", "+COPS: x", "+COPS: 9"})
    EXPECT_FALSE(parse_cops(line)) << line;
  EXPECT_EQ(parse_cops("+COPS: 0").value().name, "");
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"Vodafone\",9").value().technology, Technology::nb_iot);
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"vodafone ES\"").value().name, "vodafone ES");
  EXPECT_EQ(parse_cops("+COPS: 0,2,26803,7").value().name, "26803");
}

TEST(Operator, names_in_other_forms) {
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"0056006F00640061\",9").value().name, "Voda");
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"00560006\"").value().name, "00560006") << "no printable text";
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"CAFE\"").value().name, "CAFE");
  EXPECT_TRUE(parse_cops("+COPS: 0,2,26803,7").value().numeric);
  EXPECT_FALSE(parse_cops("+COPS: 0,0,\"NOS\",7").value().numeric);
}

TEST(PowerSaving, timers_that_are_none) {
  for (const auto* bits : {"", "0", "0000000", "000000000", "0000000x", "00000002", "-0000001"}) {
    EXPECT_FALSE(parse_active_time(bits)) << bits;
    EXPECT_FALSE(parse_periodic_update(bits)) << bits;
  }
}

TEST(PowerSaving, units_of_both_codings) {
  const std::vector<std::tuple<std::string, seconds, seconds>> rows{
      {"000", seconds(2), minutes(10)}, {"001", minutes(1), hours(1)},
      {"010", minutes(6), hours(10)},   {"011", minutes(1), seconds(2)},
      {"100", minutes(1), seconds(30)}, {"101", minutes(1), minutes(1)},
      {"110", minutes(1), hours(320)},
  };
  for (const auto& [unit, active, periodic] : rows) {
    EXPECT_EQ(parse_active_time(unit + "00011").value().length, 3 * active) << unit;
    EXPECT_EQ(parse_periodic_update(unit + "11111").value().length, 31 * periodic) << unit;
  }
  EXPECT_EQ(parse_active_time("00000000").value().length, seconds(0));
}

TEST(PowerSaving, deactivated_is_not_unknown) {
  EXPECT_EQ(parse_active_time("11100000").value(), NetworkTimer{});
  EXPECT_EQ(parse_periodic_update("11111111").value(), NetworkTimer{});
}

TEST(PowerSaving, what_was_asked_for) {
  for (const auto* line : {"", "+CPSMS:", "+CPSMS: 2", "+CPSMS: x"})
    EXPECT_FALSE(parse_cpsms(line)) << line;
  const auto off = parse_cpsms("+CPSMS: 0").value();
  EXPECT_FALSE(off.wanted);
  EXPECT_FALSE(off.active_time);
  const auto on = parse_cpsms("+CPSMS: 1,,,\"00100001\",\"00000001\"").value();
  EXPECT_TRUE(on.wanted);
  EXPECT_EQ(on.periodic_update->length, hours(1));
  EXPECT_EQ(on.active_time->length, seconds(2));
}

TEST(Signal, csq) {
  for (const auto* line : {"", "+CSQ:x", "+CSQ: a,b", "+CESQ: 1"})
    EXPECT_FALSE(parse_csq(line)) << line;
  EXPECT_EQ(parse_csq("+CSQ: 0,99").value().rssi_dbm, -113);
  EXPECT_EQ(parse_csq("+CSQ: 31,99").value().rssi_dbm, -51);
  EXPECT_EQ(parse_csq("+CSQ: 99,99").value().rssi_dbm, std::nullopt);
  EXPECT_EQ(parse_csq("+CSQ: 32,99").value().rssi_dbm, std::nullopt);
  EXPECT_EQ(parse_csq("+CSQ:17,99,2147483647,2147483647").value().rssi_dbm, -79);
}

TEST(Signal, cesq) {
  for (const auto* line : {"", "+CESQ: 99,99,255,255", "+CESQ: 99,99,255,255,x,y"})
    EXPECT_FALSE(parse_cesq(line)) << line;
  const auto report = parse_cesq("+CESQ:99,99,255,255,20,44").value();
  EXPECT_EQ(report.rsrq_db, -10.0);
  EXPECT_EQ(report.rsrp_dbm, -97);
  const auto unknown = parse_cesq("+CESQ: 99,99,255,255,255,255").value();
  EXPECT_FALSE(unknown.rsrq_db);
  EXPECT_FALSE(unknown.rsrp_dbm);
  EXPECT_EQ(parse_cesq("+CESQ: 99,99,255,255,35,98").value().rsrp_dbm, std::nullopt);
}

TEST(Signal, kcellmeas) {
  EXPECT_FALSE(parse_kcellmeas("+KCELLMEAS: -97"));
  EXPECT_FALSE(parse_kcellmeas("+KCELLMEAS: 0,,,,").value().rsrp_dbm);
  const auto report = parse_kcellmeas("+KCELLMEAS: -97,112,10,5,14").value();
  EXPECT_EQ(report.rsrp_dbm, -97);
  EXPECT_EQ(report.sinr_db, 14);
}

TEST(Clock, refuses_what_is_no_time) {
  for (const auto* line : {"", "+CCLK:", "+CCLK: \"\"", "+CCLK: \"26/01/02,03:04:05\"",
                           "+CCLK: \"26/13/02,03:04:05+00\"", "+CCLK: \"26/02/30,03:04:05+00\"",
                           "+CCLK: \"26/01/02,24:04:05+00\"", "+CCLK: \"yy/MM/dd,hh:mm:ss+zz\"",
                           "+CCLK: \"26/01/02,03:04:05+97\"", "+CCLK: \"26/01/02 03:04:05+00\"",
                           "+CCLK: \"026/01/02,03:04:05+00\"", "+CCLK: \"2100/01/02,03:04:05+00\""})
    EXPECT_FALSE(parse_cclk(line)) << line;
}

TEST(Clock, local_time_and_quarters_of_an_hour) {
  EXPECT_EQ(parse_cclk("+CCLK: \"18/08/09,12:34:57-08\"").value().seconds, 1533825297);
  EXPECT_EQ(parse_cclk("+CCLK: \"18/08/09,12:34:57+00\"").value().seconds, 1533818097);
  EXPECT_EQ(parse_cclk("+CCLK: 18/08/09,12:34:57+22").value().seconds, 1533818097 - 22 * 900);
}

TEST(Clock, epochs_of_manufacturers_are_no_evidence) {
  for (const auto* line : {"+CCLK: \"80/01/06,00:00:12+00\"", "+CCLK: \"04/01/01,00:00:12+00\"",
                           "+CCLK: \"70/01/01,00:00:00+00\"", "+CCLK: \"69/12/31,00:00:00+00\""})
    EXPECT_FALSE(credible_network_time(parse_cclk(line).value())) << line;
  EXPECT_TRUE(credible_network_time(parse_cclk("+CCLK: \"26/11/21,00:00:00+00\"").value()));
}

TEST(Clock, odd_forms_of_a_good_time) {
  for (const auto* line : {"+CCLK: \"2018/08/09,12:34:57+00\"", "+CCLK: 18/8/9,12:34:57+0",
                           "+cclk:\"18/08/09,12:34:57+00", "+CCLK: \"18/08/09,12:34:57+00,1\"",
                           "+CCLK: \"18/08/09,12:34:57+00\",1"})
    EXPECT_EQ(parse_cclk(line).value().seconds, 1533818097) << line;
}

TEST(Clock, time_zones) {
  for (const auto* line : {"", "+CTZV:", "+CTZV: 8", "+CTZV: +97", "+CTZE: \"x\"", "+CTZV: ++8"})
    EXPECT_FALSE(parse_time_zone(line)) << line;
  EXPECT_EQ(parse_time_zone("+CTZV: -20").value(), hours(-5));
  EXPECT_EQ(parse_time_zone("+CTZE: \"+22\",0,\"2026/11/21,10:20:30\"").value(), minutes(330));
}

TEST(Pdp, addresses) {
  for (const auto* text : {"", "1.2.3", "1.2.3.256", "1.2.3.4.5", "0.0.0.0", "a.b.c.d",
                           "::", "1..2.3", "1.2.3.4.", "12345::1", "0.0.0.0.0.0.0.0"})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_EQ(parse_address("10.64.0.2"), "10.64.0.2");
  EXPECT_EQ(parse_address("10.64.0.2.255.255.255.252"), "10.64.0.2");
  EXPECT_EQ(parse_address("10.64.0.2/30"), "10.64.0.2");
  EXPECT_EQ(parse_address("32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"), "2001:db8::1");
  EXPECT_EQ(parse_address("2001:DB8::1/64"), "2001:db8::1");
}

TEST(Pdp, context_definitions) {
  for (const auto* line : {"", "+CGDCONT:", "+CGDCONT: x,\"IP\"", "+CGDCONT: -1", "+CGDCONT: 256"})
    EXPECT_FALSE(parse_cgdcont(line)) << line;
  const auto context = parse_cgdcont("+CGDCONT: 2,\"IP\",\"everywhere\",,0,0,,0,,,,,,,,").value();
  EXPECT_EQ(context.cid, 2);
  EXPECT_EQ(context.apn, "everywhere");
}

TEST(Pdp, network_identifier_without_the_operator_part) {
  EXPECT_EQ(network_identifier("iot.example.mnc004.mcc204.gprs"), "iot.example");
  EXPECT_EQ(network_identifier("iot.example"), "iot.example");
  EXPECT_EQ(network_identifier(".gprs"), ".gprs");
}

TEST(Pdp, details_in_every_form) {
  EXPECT_FALSE(parse_cgcontrdp("+CGCONTRDP:"));
  const auto octets = parse_cgcontrdp(
                          "+CGCONTRDP: 1,5,\"apn.mnc001.mcc001.gprs\",\"10.0.0.2.255.0.0.0\",,"
                          "\"10.0.0.1\",\"10.0.0.3\",,,0,0,1358")
                          .value();
  EXPECT_EQ(octets.apn, "apn");
  EXPECT_THAT(octets.addresses, ElementsAre("10.0.0.2"));
  EXPECT_THAT(octets.dns_servers, ElementsAre("10.0.0.1", "10.0.0.3"));
  EXPECT_EQ(octets.mtu, 1358);
  const auto mask = parse_cgcontrdp(
                        "+CGCONTRDP: 1,5,\"apn\",\"10.0.0.2\",\"255.255.255.0\","
                        "\"10.0.0.9\",\"10.0.0.1\",\"10.0.0.3\"")
                        .value();
  EXPECT_THAT(mask.dns_servers, ElementsAre("10.0.0.1", "10.0.0.3"));
  const auto bare = parse_cgcontrdp("+CGCONTRDP: 1,5,apn,10.0.0.2/24").value();
  EXPECT_THAT(bare.addresses, ElementsAre("10.0.0.2"));
  EXPECT_THAT(bare.dns_servers, IsEmpty());
  const auto absurd = parse_cgcontrdp("+CGCONTRDP: 1,5,\"a\",\"x\",,\"y\",,,,0,0,99999").value();
  EXPECT_THAT(absurd.addresses, IsEmpty());
  EXPECT_FALSE(absurd.mtu);
}

TEST(Pdp, lines_of_one_context_are_joined_without_doubles) {
  PdpFacts facts;
  const char* line = "+CGCONTRDP: 1,5,\"apn\",\"10.0.0.2\",,\"10.0.0.1\"";
  merge(facts, parse_cgcontrdp(line).value());
  merge(facts, parse_cgcontrdp(line).value());
  merge(facts, parse_cgcontrdp("+CGCONTRDP: 1,5,\"apn\",\"2001:db8::2\",,\"2001:db8::1\"").value());
  EXPECT_THAT(facts.addresses, ElementsAre("10.0.0.2", "2001:db8::2"));
  EXPECT_THAT(facts.dns_servers, ElementsAre("10.0.0.1", "2001:db8::1"));
}

TEST(Pdp, assigned_address) {
  EXPECT_THAT(parse_cgpaddr("+CGPADDR: 1").value().addresses, IsEmpty());
  EXPECT_THAT(parse_cgpaddr("+CGPADDR: 1,\"10.0.0.2\",\"2001:db8::2\"").value().addresses,
              ElementsAre("10.0.0.2", "2001:db8::2"));
}

TEST(Pdp, states) {
  for (const auto* line : {"", "+CGACT:", "+CGACT: 1", "+CGACT: 1,2", "+CGACT: (0-1)"})
    EXPECT_FALSE(parse_cgact(line)) << line;
  const auto state = parse_cgact("+CGACT: 3,1").value();
  EXPECT_EQ(state.cid, 3);
  EXPECT_TRUE(state.active);
  EXPECT_FALSE(parse_cgact("+CGACT: 10,0").value().active);
  EXPECT_FALSE(parse_cgatt("+CGATT: 7"));
  EXPECT_TRUE(parse_cgatt("+CGATT: 1").value());
}

TEST(Pdp, addresses_with_a_blank_between) {
  EXPECT_THAT(parse_cgpaddr("+CGPADDR: 1,10.0.0.2 2001:db8::2").value().addresses,
              ElementsAre("10.0.0.2", "2001:db8::2"));
}

TEST(Pdp, masks_of_both_families_in_a_field_of_their_own) {
  const auto octets =
      parse_cgcontrdp(
          "+CGCONTRDP: 1,5,\"a\",\"32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.2\","
          "\"255.255.255.255.255.255.255.255.0.0.0.0.0.0.0.0\","
          "\"254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1\",\"32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1\"")
          .value();
  EXPECT_THAT(octets.addresses, ElementsAre("2001:db8::2"));
  EXPECT_THAT(octets.dns_servers, ElementsAre("2001:db8::1"));
  const auto native = parse_cgcontrdp(
                          "+CGCONTRDP: 1,5,\"a\",\"2001:db8::2\",\"FFFF:FFFF:FFFF:FFFF::\","
                          "\"fe80::1\",\"2001:db8::1\",,,,,,1280")
                          .value();
  EXPECT_THAT(native.dns_servers, ElementsAre("2001:db8::1"));
  EXPECT_EQ(native.mtu, 1280);
  const auto joined = parse_cgcontrdp(
                          "+CGCONTRDP: 4,5,\"a\",\"2.197.17.49.255.255.255.255\",\"2.197.17.49\","
                          "\"10.207.43.46\",\"10.206.56.132\",\"0.0.0.0\",\"0.0.0.0\",0")
                          .value();
  EXPECT_THAT(joined.dns_servers, ElementsAre("10.207.43.46", "10.206.56.132"));
  EXPECT_FALSE(joined.mtu);
}

TEST(Hl78xx, start_states) {
  for (const auto* line : {"", "+KSUP:", "+KSUP: 7", "+KSUP: -1"})
    EXPECT_FALSE(parse_ksup(line)) << line;
  EXPECT_EQ(parse_ksup("+KSUP: 0").value(), StartState::ready);
  EXPECT_EQ(parse_ksup("+KSUP: 2").value(), StartState::sim_absent);
  EXPECT_EQ(parse_ksup("+KSUP: 6").value(), StartState::sim_inactive);
}

TEST(Hl78xx, bands) {
  for (const auto* line : {"", "+KBND:", "+KBND: 0", "+KBND: 9,1", "+KBND: 0,xyz", "+KBND: 0,-1"})
    EXPECT_FALSE(parse_kbnd(line)) << line;
  EXPECT_FALSE(parse_kbnd("+KBND: 0," + std::string(65, '1')));
  EXPECT_THAT(parse_kbnd("+KBND: 0,00000000000000000000").value().bands, IsEmpty());
  EXPECT_THAT(parse_kbnd("+KBND: 0,00000000000000000008").value().bands, ElementsAre(4));
  EXPECT_THAT(parse_kbnd("+KBND: 1,10000000").value().bands, ElementsAre(29));
  const auto allowed = parse_kbndcfg("+KBNDCFG: 0,0000000000000A0A188E").value();
  EXPECT_EQ(technology_of_rat(allowed.rat), Technology::lte_m);
  EXPECT_THAT(allowed.bands, ElementsAre(2, 3, 4, 8, 12, 13, 18, 20, 26, 28));
  EXPECT_THAT(parse_kbndcfg("+KBNDCFG: 2,8" + std::string(63, '0')).value().bands,
              ElementsAre(256));
}

TEST(Hl78xx, technologies) {
  for (const auto* line : {"", "+KSELACQ:", "+KSELACQ: x,1"})
    EXPECT_FALSE(parse_kselacq(line)) << line;
  EXPECT_THAT(parse_kselacq("+KSELACQ: 0,2,1,3").value(),
              ElementsAre(Technology::nb_iot, Technology::lte_m, Technology::gsm));
  EXPECT_THAT(parse_kselacq("+KSELACQ: 0,0").value(), IsEmpty());
  EXPECT_FALSE(parse_ksrat("+KSRAT: 4"));
  EXPECT_EQ(technology_of_rat(parse_ksrat("+KSRAT: 3").value()), Technology::nb_iot);
  EXPECT_FALSE(technology_of_rat(4));
  EXPECT_FALSE(parse_kcarriercfg("+KCARRIERCFG: 100"));
  EXPECT_EQ(parse_kcarriercfg("+KCARRIERCFG: 15").value(), 15);
}

}  // namespace
}  // namespace oobm::hal::at
