// Every parser: what it must refuse, then what it must read.
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/at/clock.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/identity.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/result_code.hpp"
#include "hal/at/signal.hpp"
#include "hal/at/sim.hpp"

namespace oobm::hal::at {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ResultCode, only_whole_lines_are_result_codes) {
  for (const auto* line : {"", "OKAY", "ERROR 3", "NO CARRIERS", "CONNECTED", "+CME ERROR",
                           "+CSQ: 1,2", "0", "BUSY: 1"})
    EXPECT_FALSE(parse_result_code(line)) << line;
}

TEST(ResultCode, kinds_and_numbers) {
  EXPECT_TRUE(parse_result_code(" ok ")->ok());
  EXPECT_EQ(parse_result_code("CONNECT 115200")->kind, Final::connect);
  EXPECT_EQ(parse_result_code("+CME ERROR: 10")->number, 10);
  EXPECT_EQ(parse_result_code("+CME Error:SIM busy")->number, 14);
  EXPECT_EQ(parse_result_code("+CME ERROR: operation not supported")->number, 4);
  EXPECT_EQ(parse_result_code("+CME ERROR: something new")->number, std::nullopt);
  EXPECT_EQ(parse_result_code("+CMS ERROR: 301")->kind, Final::cms_error);
  EXPECT_EQ(parse_result_code("COMMAND NOT SUPPORT")->kind, Final::error);
}

TEST(ResultCode, errors_that_tell_the_card_state) {
  const std::vector<std::pair<std::string, std::optional<SimState>>> rows{
      {"ERROR", {}},
      {"+CME ERROR: 100", {}},
      {"+CME ERROR: 10", SimState::absent},
      {"+CME ERROR: 11", SimState::pin_required},
      {"+CME ERROR: 12", SimState::puk_required},
      {"+CME ERROR: 13", SimState::failure},
      {"+CME ERROR: 14", SimState::busy},
      {"+CME ERROR: 15", SimState::failure},
      {"+CME ERROR: SIM not inserted", SimState::absent},
  };
  for (const auto& [line, state] : rows) EXPECT_EQ(sim_state_of(*parse_result_code(line)), state);
}

TEST(Fields, absent_fields_are_empty_and_extra_ones_harmless) {
  const auto fields = Fields::split(" 1 ,\"a,b\",,\" 2\"");
  EXPECT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].number(), 1);
  EXPECT_EQ(fields[1].text, "a,b");
  EXPECT_TRUE(fields[1].quoted);
  EXPECT_TRUE(fields[2].empty());
  EXPECT_EQ(fields[3].text, "2");
  EXPECT_TRUE(fields[99].empty());
  EXPECT_EQ(Fields::split(std::string(100, ',')).size(), Fields::max_fields);
}

TEST(Fields, numbers_are_whole_or_none) {
  EXPECT_EQ((Field{.text = "007"}).number(), 7);
  EXPECT_EQ((Field{.text = "+3"}).number(), 3);
  EXPECT_EQ((Field{.text = "-3"}).number(), -3);
  for (const auto* text : {"", "+", "-", "+-3", "3x", " 3", "99999999999"})
    EXPECT_FALSE((Field{.text = text}).number()) << text;
}

TEST(Identity, imei_is_never_an_imeisv_nor_a_guess) {
  for (const auto* line :
       {"", "123456789012345", "001100110011002", "35945909000123", "1234567890",
        "35945909000123145", "3594590900012X6", "+CGSN:", "IMEI: 359459090001236"})
    EXPECT_FALSE(parse_imei(line)) << line;
  EXPECT_THAT(parse_imei("359459090001237").error().text, HasSubstr("wrong check digit"));
}

TEST(Identity, imei_in_its_forms) {
  for (const auto* line :
       {"359459090001236", "+CGSN: \"359459090001236\"", "+CGSN: 359459090001236",
        " 359459090001236 ", "3594590900012314", "+CGSN: \"3594590900012314\""})
    EXPECT_EQ(parse_imei(line).value().str(), "359459090001236") << line;
}

TEST(Identity, iccid) {
  for (const auto* line : {"", "+CCID:", "+CCID: 12345678901234567890", "+CCID: 8901410",
                           "+XCCID: 89014103211118510720"})
    EXPECT_FALSE(parse_iccid(line)) << line;
  for (const auto* line :
       {"+CCID: 89014103211118510720", "%CCID: 89014103211118510720", "+ICCID:89014103211118510720",
        "+QCCID: \"89014103211118510720\"", "89014103211118510720"})
    EXPECT_EQ(parse_iccid(line).value().str(), "89014103211118510720") << line;
  EXPECT_EQ(parse_iccid("+CCID: 8986001122334455667F").value().str(), "8986001122334455667");
}

TEST(Identity, iccid_file_is_worth_what_the_status_words_say) {
  for (const auto* line :
       {"+CRSM: 148,4,\"\"", "+CRSM: 148,4", "+CRSM: 144,0,\"\"",
        "+CRSM: 144,0,\"9810143012111581\"", "+CRSM: 106,130,\"98101430121111580127\"",
        "+CRSM: ,,\"98101430121111580127\"", "+CRSM:", "+CRSM: 144,0,\"12345678901234567890\"",
        "OK"})
    EXPECT_FALSE(parse_iccid_file(line)) << line;
  EXPECT_EQ(parse_iccid_file("+CRSM: 144,0,\"98101430121181157002\"").value().str(),
            "89014103211118510720");
  EXPECT_EQ(parse_iccid_file("+CRSM: 145,16,\"986800112233445566f7\"").value().str(),
            "8986001122334455667");
}

TEST(Identity, imsi_is_not_shown) {
  for (const auto* line : {"", "12345", "0010101234567890", "00101012345678x"})
    EXPECT_FALSE(parse_imsi(line)) << line;
  EXPECT_EQ(parse_imsi("001010123456789").value().masked(), "00101xxxxxxxxxx");
  EXPECT_EQ(parse_imsi("0010101234567890").error().text.find("0010101"), std::string::npos);
}

TEST(Identity, plain_text) {
  EXPECT_FALSE(parse_plain("", "+CGMM"));
  EXPECT_FALSE(parse_plain("+CGMM: ", "+CGMM"));
  EXPECT_EQ(parse_plain("+CGMM: \"HL7802\"", "+CGMM").value(), "HL7802");
  EXPECT_EQ(parse_plain("Some\tvendor\x01", "+CGMI").value(), "Some?vendor?");
  EXPECT_EQ(parse_plain(std::string(500, 'x'), "+CGMI").value().size(), max_text_chars);
}

TEST(Sim, states) {
  for (const auto* line : {"", "+CPIN:", "+CPIN: SIM", "+CPIN READY", "READY"})
    EXPECT_FALSE(parse_cpin(line)) << line;
  const std::vector<std::pair<std::string, SimState>> rows{
      {"+CPIN: READY", SimState::ready},
      {"+CPIN:READY", SimState::ready},
      {"+cpin: \"SIM PIN\"", SimState::pin_required},
      {"+CPIN: SIM PUK", SimState::puk_required},
      {"+CPIN: SIM PIN2", SimState::ready},
      {"+CPIN: PH-NET PIN", SimState::network_locked},
      {"+CPIN: NOT READY", SimState::busy},
  };
  for (const auto& [line, state] : rows) EXPECT_EQ(parse_cpin(line).value(), state) << line;
}

TEST(Sim, functional_level) {
  for (const auto* line : {"", "+CFUN:", "+CFUN: 7", "+CFUN: x", "+CFUN: -1"})
    EXPECT_FALSE(parse_cfun(line)) << line;
  EXPECT_EQ(parse_cfun("+CFUN: 1,0").value(), RadioPower::on);
  EXPECT_EQ(parse_cfun("+CFUN: 4").value(), RadioPower::airplane);
  EXPECT_EQ(parse_cfun("+CFUN: 0").value(), RadioPower::off);
}

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

RegistrationReport answer_of(std::string_view line) {
  return parse_registration(line, RegistrationForm::answer).value();
}
RegistrationReport report_of(std::string_view line) {
  return parse_registration(line, RegistrationForm::report).value();
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

TEST(Operator, forms) {
  for (const auto* line : {"", "+COPS:", "+COPS: x", "+COPS: 9"})
    EXPECT_FALSE(parse_cops(line)) << line;
  EXPECT_EQ(parse_cops("+COPS: 0").value().name, "");
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"Vodafone\",9").value().technology, Technology::nb_iot);
  EXPECT_EQ(parse_cops("+COPS: 0,0,\"vodafone ES\"").value().name, "vodafone ES");
  EXPECT_EQ(parse_cops("+COPS: 0,2,26803,7").value().name, "26803");
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

// Total functions: any bytes give a value or an error, and nothing is read out of bounds
// (sanitizers).
TEST(Parsers, survive_random_lines) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string alphabet = "0123456789,\"+-:/ .ABCDEFxyz\x01\xff";
  const std::vector<std::string> names{
      "+CEREG: ", "+COPS: ", "+CSQ: ",       "+CESQ: ", "+CCLK: ",    "+CPIN: ",
      "+CFUN: ",  "+CRSM: ", "+CGCONTRDP: ", "+CGSN: ", "+CGDCONT: ", ""};
  std::size_t read = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string line = names[random() % names.size()];
    for (auto length = random() % 60; length > 0; --length)
      line += alphabet[random() % alphabet.size()];
    read += parse_result_code(line).has_value() + parse_imei(line).has_value() +
            parse_iccid(line).has_value() + parse_iccid_file(line).has_value() +
            parse_imsi(line).has_value() + parse_cpin(line).has_value() +
            parse_cfun(line).has_value() + parse_cops(line).has_value() +
            parse_csq(line).has_value() + parse_cesq(line).has_value() +
            parse_kcellmeas(line).has_value() + parse_cclk(line).has_value() +
            parse_cgdcont(line).has_value() + parse_cgpaddr(line).has_value() +
            parse_cgcontrdp(line).has_value() + parse_plain(line, "+CGMM").has_value();
    if (const auto form = registration_form(line, 5))
      read += parse_registration(line, *form).has_value();
  }
  EXPECT_GT(read, 0U);
}

}  // namespace
}  // namespace oobm::hal::at
