#include "tests/unit/hal/dialects.hpp"

namespace oobm::hal {
namespace {

// What a module that keeps to 3GPP TS 27.007 answers; each maker overwrites.
Dialect base(std::string name) {
  return {.name = std::move(name),
          .start = "",
          .answers = {{"AT+CMEE=1", ""},
                      {"AT+CGSN", "359459090001236"},
                      {"AT+CTZU=1", ""},
                      {"AT+CPSMS=0", ""},
                      {"AT+CEDRXS=0", ""},
                      {"AT+CEREG=5", ""},
                      {"AT+CFUN?", "+CFUN: 1"},
                      {"AT+CPIN?", "+CPIN: READY"},
                      {"AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"98101430121181157002\""},
                      {"AT+CIMI", "001010123456789"},
                      {"AT+CEREG?", "+CEREG: 5,1,\"2616\",\"0DDAEA01\",7"},
                      {"AT+COPS?", "+COPS: 0,0,\"Test Network\",7"},
                      {"AT+CSQ", "+CSQ: 22,99"},
                      {"AT+CESQ", "+CESQ: 99,99,255,255,20,44"},
                      {"AT+CCLK?", "+CCLK: \"26/09/21,09:13:20-20\""},
                      {"AT+CGDCONT?", "+CGDCONT: 1,\"IP\",\"oobm.example\",\"0.0.0.0\",0,0"},
                      {"AT+CGCONTRDP=1",
                       "+CGCONTRDP: 1,5,\"oobm.example\",\"10.64.0.2.255.255.255.252\","
                       "\"10.64.0.1\",\"10.64.0.53\",\"10.64.0.54\""},
                      {"AT+CGPADDR=1", "+CGPADDR: 1,\"10.64.0.2\""}}};
}

}  // namespace

Dialect quectel_bg95() {
  auto dialect = base("Quectel BG95");
  dialect.start = "\r\nRDY\r\n\r\nAPP RDY\r\n\r\n+QIND: SMS DONE\r\n";
  dialect.between = "\r\n+QIND: \"csq\",22,99\r\n";
  dialect.answers["AT+CGMI"] = "Quectel";
  dialect.answers["AT+CGMM"] = "BG95-M3";
  dialect.answers["AT+CGMR"] = "BG95M3LAR02A03";
  dialect.answers["AT+CFUN?"] = "+CFUN: 1";
  dialect.answers["AT+QCCID"] = "+QCCID: 89014103211118510720";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"DDAEA01\",8,,,\"00000000\",\"00000000\"";
  dialect.answers["AT+COPS?"] = "+COPS: 0,0,\"Test Network\",8";
  dialect.answers["AT+CCLK?"] = "+CCLK: \"26/09/21,09:13:20-20\"";
  dialect.answers["AT+CGDCONT?"] =
      "+CGDCONT: 1,\"IPV4V6\",\"oobm.example\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0\n"
      "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0";
  return dialect;
}

Dialect quectel_eg25() {
  auto dialect = base("Quectel EG25");
  dialect.start = "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\n+QUSIM: 1\r\n\r\nPB DONE\r\n";
  dialect.answers["AT+CGMI"] = "Quectel";
  dialect.answers["AT+CGMM"] = "EG25";
  dialect.answers["AT+CGMR"] = "EG25GGBR07A08M2G";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"DDAEA01\",7,,,,";
  dialect.answers["AT+CGDCONT?"] =
      "+CGDCONT: 1,\"IPV4V6\",\"oobm.example\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0,0";
  dialect.answers["AT+CGCONTRDP=1"] =
      "+CGCONTRDP: 1,5,\"oobm.example.mnc001.mcc001.gprs\",\"10.64.0.2\", "
      ",\"10.64.0.53\",\"10.64.0.54\"";
  return dialect;
}

Dialect ublox_sara_r5() {
  auto dialect = base("u-blox SARA-R5");
  dialect.between = "\r\n+UUSORD: 0,16\r\n";
  dialect.refusal = "\r\n+CME ERROR: operation not supported\r\n";
  dialect.answers["AT+CGMI"] = "u-blox";
  dialect.answers["AT+CGMM"] = "SARA-R510S";
  dialect.answers["AT+CGMR"] = "02.06";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"0ddaea01\",7,,,\"11100000\",\"11100000\"";
  dialect.answers["AT+CGDCONT?"] =
      "+CGDCONT: 0,\"IPV4V6\",\"\",\"\",0,0,0,2,0,0,0,0,0,0,0\n"
      "+CGDCONT: 1,\"IPV4V6\",\"oobm.example.mnc001.mcc001.gprs\",\"10.64.0.2 "
      "2001:DB8::2\",0,0,0,2,0,0,0,0,0,0,0";
  dialect.answers["AT+CGCONTRDP=1"] =
      "+CGCONTRDP: "
      "1,5,\"oobm.example.mnc001.mcc001.gprs\",\"10.64.0.2.255.255.255.252\",\"10.64.0.1\",\"10.64."
      "0.53\",\"10.64.0.54\",\"0.0.0.0\",\"0.0.0.0\",0,0,1400\n"
      "+CGCONTRDP: "
      "1,5,\"oobm.example.mnc001.mcc001.gprs\",\"32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.2.255.255.255."
      "255.255.255.255.255.0.0.0.0.0.0.0.0\",\"254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1\",\"32.1.13.184."
      "0.0.0.0.0.0.0.0.0.0.0.83\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\"";
  return dialect;
}

Dialect telit_me910() {
  auto dialect = base("Telit ME910");
  dialect.start = "\r\n#QSS: 1\r\n\r\n+PACSP0\r\n";
  dialect.between = "\r\n#QSS: 3\r\n";
  dialect.answers["AT+CGMI"] = "Telit";
  dialect.answers["AT+CGMM"] = "ME910C1-WW";
  dialect.answers["AT+CGMR"] = "30.00.528";
  dialect.answers["AT#CCID"] = "#CCID: 89014103211118510720";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"0DDAEA01\",8";
  dialect.answers["AT+COPS?"] = "+COPS: 0,0,\"Test Network\",8";
  dialect.answers["AT+CESQ"] = "+CESQ: 99,99,255,255,20,44";
  return dialect;
}

Dialect simcom_sim7080() {
  auto dialect = base("SIMCom SIM7080");
  dialect.start = "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n";
  dialect.between = "\r\nDST: 0\r\n\r\n*PSUTTZ: 26/09/21,14:13:20\",\"-20\",0\r\n";
  dialect.answers["AT+CGMI"] = "SIMCOM_Ltd";
  dialect.answers["AT+CGMM"] = "SIMCOM_SIM7080G";
  dialect.answers["AT+CGMR"] = "Revision:1951B16SIM7080";
  dialect.answers["AT+CCID"] = "89014103211118510720";
  dialect.answers["AT+CPSMS=0"] = "";
  dialect.answers.erase("AT+CEREG=5");
  dialect.answers["AT+CEREG=2"] = "";
  dialect.answers["AT+CEREG?"] = "+CEREG: 2,1,\"2616\",\"0DDAEA01\",7";
  dialect.answers["AT+CCLK?"] = "+CCLK: \"80/01/06,00:08:31+08\"";
  return dialect;
}

Dialect nordic_nrf91() {
  auto dialect = base("Nordic nRF91");
  dialect.start = "Ready\r\n";
  dialect.open = "";
  dialect.between = "%CESQ: 44,2,20,2\r\n%XSIM: 1\r\n";
  dialect.answers["AT+CGMI"] = "Nordic Semiconductor ASA";
  dialect.answers["AT+CGMM"] = "nRF9160-SICA";
  dialect.answers["AT+CGMR"] = "mfw_nrf9160_1.3.5";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"0DDAEA01\",7,,,\"11100000\",\"11100000\"";
  dialect.answers["AT+COPS?"] = "+COPS: 0,2,\"00101\",7";
  dialect.answers.erase("AT+CSQ");
  dialect.answers.erase("AT+CTZU=1");
  dialect.answers["AT+CGDCONT?"] =
      "+CGDCONT: 0,\"IP\",\"oobm.example.mnc001.mcc001.gprs\",\"10.64.0.2\",0,0";
  dialect.answers.erase("AT+CGCONTRDP=1");
  dialect.answers["AT+CGCONTRDP=0"] =
      "+CGCONTRDP: "
      "0,,\"oobm.example.mnc001.mcc001.gprs\",\"\",\"\",\"10.64.0.53\",\"10.64.0.54\",\"\",\"\",,,"
      "1400";
  dialect.answers["AT+CGPADDR=0"] = "+CGPADDR: 0,\"10.64.0.2\"";
  return dialect;
}

Dialect sequans_gm02s() {
  auto dialect = base("Sequans GM02S");
  dialect.start = "\r\n+SHUTDOWN\r\n\r\n+SYSSTART\r\n";
  dialect.close = "  \r\n";
  dialect.answers["AT+CGMI"] = "SEQUANS Communications";
  dialect.answers["AT+CGMM"] = "GM02S";
  dialect.answers["AT+CGMR"] = "UE8.0.5.13";
  dialect.answers["AT+CGSN"] = "+CGSN: \"359459090001236\"";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5, 1, \"2616\", \"0DDAEA01\", 7";
  dialect.answers["AT+CSQ"] = "+CSQ: 22, 99";
  dialect.answers["AT+CPIN?"] = "+CPIN:READY";
  return dialect;
}

Dialect cinterion_exs82() {
  auto dialect = base("Cinterion EXS82");
  dialect.start = "\r\n^SYSSTART\r\n\r\n+PBREADY\r\n";
  dialect.refusal = "\r\n+CME ERROR: unknown\r\n";
  dialect.between = "\r\n^SBC: Undervoltage Warning\r\n";
  dialect.answers["AT+CGMI"] = "Cinterion";
  dialect.answers["AT+CGMM"] = "EXS82-W";
  dialect.answers["AT+CGMR"] = "REVISION 01.200";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"0DDAEA01\",7,,,\"00000000\",\"00000000\"";
  dialect.answers["AT+CGCONTRDP=1"] =
      "+CGCONTRDP: "
      "1,5,oobm.example,10.64.0.2.255.255.255.252,10.64.0.1,10.64.0.53,10.64.0.54,,,,,1400";
  return dialect;
}

Dialect altair_alt1250() {
  auto dialect = base("Altair ALT1250");
  dialect.start = "\r\n%BOOTEV:0\r\n";
  dialect.between = "\r\n%NOTIFYEV:\"RRCSTATE\",1\r\n\r\n+CEREG: 1,2616,0DDAEA01,7\r\n";
  dialect.answers["AT+CGMI"] = "ALTAIR SEMICONDUCTOR";
  dialect.answers["AT+CGMM"] = "ALT1250";
  dialect.answers["AT+CGMR"] = "RK_03_00_00_00_51161_001";
  dialect.answers["AT%CCID"] = "%CCID: 89014103211118510720";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"0DDAEA01\",7,,,\"\",\"\"";
  dialect.answers["AT+CCLK?"] = "+CCLK: \"26/09/21,14:13:20+00,0\"";
  return dialect;
}

Dialect sierra_wp76() {
  auto dialect = base("Sierra Wireless WP76");
  dialect.start = "\r\n+WUSLWK: UNBLOCK\r\n";
  dialect.answers["AT+CGMI"] = "Sierra Wireless, Incorporated";
  dialect.answers["AT+CGMM"] = "WP7607";
  dialect.answers["AT+CGMR"] = "+CGMR: SWI9X07Y_02.28.03.05 000000 jenkins 2019/05/21 03:59:45";
  dialect.answers["AT+CGSN"] = "359459090001236";
  dialect.answers["AT+COPS?"] = "+COPS: 0,0,\"00540065007300740020004E006500740077006F0072006B\",7";
  dialect.answers["AT+CEREG?"] = "+CEREG: 5,1,\"2616\",\"DDAEA01\",7";
  return dialect;
}

std::vector<Dialect> all_dialects() {
  return {quectel_bg95(), quectel_eg25(),  ublox_sara_r5(),   telit_me910(),    simcom_sim7080(),
          nordic_nrf91(), sequans_gm02s(), cinterion_exs82(), altair_alt1250(), sierra_wp76()};
}

}  // namespace oobm::hal
