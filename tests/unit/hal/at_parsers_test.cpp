// Every parser: what it must refuse, then what it must read.
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/at/clock.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/hl78xx.hpp"
#include "hal/at/identity.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/power_saving.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/result_code.hpp"
#include "hal/at/signal.hpp"
#include "hal/at/sim.hpp"

namespace oobm::hal::at {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Every error shows what was wrong with it: cut, and with nothing that could upset a terminal.
TEST(Errors, carry_the_offending_text) {
  const std::string bad = "x\x1b[31m" + std::string(200, 'y');
  EXPECT_THAT(parse_csq("+CSQ: " + bad).error().text, HasSubstr("+CSQ: x?[31myyy"));
  EXPECT_THAT(parse_cclk("+CCLK: " + bad).error().text, HasSubstr("+CCLK: x?[31myyy"));
  EXPECT_THAT(parse_cpin("+CPIN: BROKEN").error().text, HasSubstr("BROKEN"));
  EXPECT_THAT(parse_imei("35945909000123145").error().text, HasSubstr("35945909000123145"));
  EXPECT_LE(parse_csq("+CSQ: " + bad).error().text.size(), 3 * max_text_chars);
}

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

TEST(ResultCode, predicate_agrees_with_the_parser) {
  for (const auto* line : {"OK", "ok ", "+CME ERROR: 1", "CONNECT 9600", "MODEM ERROR: 3", "NA", "",
                           "OKAY", "+CME ERROR", "NAME"})
    EXPECT_EQ(is_result_code(line), parse_result_code(line).has_value()) << line;
}

TEST(ResultCode, error_texts_in_any_letter_case_give_their_number) {
  EXPECT_EQ(parse_result_code("+CME Error: incorrect PASSWORD")->number, 16);
  EXPECT_EQ(parse_result_code("+CME ERROR: \"SIM failure\"")->number, 13);
  EXPECT_EQ(parse_result_code("+CME ERROR: ESM failure")->number, 119);
  EXPECT_EQ(parse_result_code("+CME ERROR: emergency calls only")->number, 32);
  EXPECT_EQ(cme_text(127), "missing or unknown APN");
  EXPECT_EQ(cme_text(100), "unknown");
  EXPECT_EQ(cme_text(600), "") << "a vendor's own";
}

TEST(ResultCode, classes_of_errors) {
  const std::vector<std::pair<std::string, ErrorClass>> rows{
      {"ERROR", ErrorClass::other},
      {"+CMS ERROR: 14", ErrorClass::other},
      {"+CME ERROR: 14", ErrorClass::transient},
      {"+CME ERROR: 30", ErrorClass::transient},
      {"+CME ERROR: 100", ErrorClass::transient},
      {"+CME ERROR: 515", ErrorClass::transient},
      {"+CME ERROR: 4", ErrorClass::unsupported},
      {"+CME ERROR: operation not supported", ErrorClass::unsupported},
      {"+CME ERROR: 3", ErrorClass::misused},
      {"+CME ERROR: 50", ErrorClass::misused},
      {"+CME ERROR: 10", ErrorClass::card},
      {"+CME ERROR: 16", ErrorClass::card},
      {"+CME ERROR: 148", ErrorClass::other},
  };
  for (const auto& [line, kind] : rows)
    EXPECT_EQ(error_class(*parse_result_code(line)), kind) << line;
  EXPECT_EQ(sim_state_of(*parse_result_code("+CME ERROR: 40")), SimState::network_locked);
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

TEST(Fields, names_of_answers) {
  for (const auto* line :
       {"", "+", "+:", "CSQ: 1", "+CSQ", "+C SQ: 1", "+ABCDEFGHIJKLMNOPQ: 1", "~x:"})
    EXPECT_FALSE(names_an_answer(line)) << line;
  for (const auto* line : {"+CSQ: 1", "%MEAS: x", "^SYSSTART:", " +KSUP:0", "*a1:"})
    EXPECT_TRUE(names_an_answer(line)) << line;
}

TEST(Fields, number_within_bounds) {
  for (const auto* line : {"", "+CGATT:", "+CGATT: 2", "+CGATT: -1", "+CGATT: x", "+CGAT: 1"})
    EXPECT_FALSE(parse_number(line, "+CGATT", 0, 1)) << line;
  EXPECT_EQ(parse_number("+cgatt : 01,7", "+CGATT", 0, 1).value(), 1);
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

TEST(Identity, plain_answers_pass_their_validator) {
  for (const auto* line : {"", "AT+CGMI", "+XCGMI: 1", "+PBREADY", "*ATREADY", "^SYSSTART"})
    EXPECT_FALSE(is_plain_answer(line, "+CGMI")) << line;
  EXPECT_TRUE(is_plain_answer("Sierra Wireless", "+CGMI"));
  EXPECT_TRUE(is_plain_answer("+CGMI: x", "+CGMI"));
  EXPECT_FALSE(is_plain_answer("SIM READY", "+CGSN"));
  EXPECT_FALSE(is_plain_answer("PB DONE", "+CIMI"));
  EXPECT_TRUE(is_plain_answer("359459090001236", "+CGSN"));
  EXPECT_TRUE(is_plain_answer("+CGSN: unreadable", "+CGSN")) << "its own name: a bad answer";
}

TEST(Identity, serial_number_of_the_module) {
  for (const auto* line : {"", "+KGSN:", "+KGSN: \"\"", "+KGSN: AB 12", "+KGSN: AB-12", "AB12"})
    EXPECT_FALSE(parse_kgsn(line)) << line;
  EXPECT_FALSE(parse_kgsn("+KGSN: " + std::string(33, '1')));
  EXPECT_EQ(parse_kgsn("+KGSN: XG8312345678AB").value(), "XG8312345678AB");
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

TEST(Sim, attempts_left) {
  for (const auto* line : {"", "+CPINR:", "+CPINR: SIM PIN", "+CPINR: SIM PIN,x",
                           "+CPINR: SIM PIN,-1", "+CPINR: SIM PIN,100", "+CPINR: SIM PIN2,3,3"})
    EXPECT_FALSE(parse_cpinr(line)) << line;
  const auto pin = parse_cpinr("+CPINR: SIM PIN,2,3").value();
  EXPECT_EQ(pin.asked_in, SimState::pin_required);
  EXPECT_EQ(pin.left, 2);
  const auto puk = parse_cpinr("+CPINR: \"sim puk\",10").value();
  EXPECT_EQ(puk.asked_in, SimState::puk_required);
  EXPECT_EQ(puk.left, 10);
}

TEST(Sim, facility_lock) {
  for (const auto* line : {"", "+CLCK:", "+CLCK: 2", "+CLCK: (\"SC\")"})
    EXPECT_FALSE(parse_clck(line)) << line;
  EXPECT_TRUE(parse_clck("+CLCK: 1").value());
  EXPECT_FALSE(parse_clck("+CLCK: 0,7").value());
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
