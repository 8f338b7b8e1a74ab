// What the module answers to each command: the table, settings, and who it is.
#include <utility>

#include "tests/modem-sim/sim_modem.hpp"
#include "tests/modem-sim/sim_text.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration own_latency = 15ms;

constexpr std::array<std::pair<int, std::string_view>, 11> error_texts{{
    {3, "operation not allowed"},
    {4, "operation not supported"},
    {10, "SIM not inserted"},
    {11, "SIM PIN required"},
    {12, "SIM PUK required"},
    {13, "SIM failure"},
    {14, "SIM busy"},
    {16, "incorrect password"},
    {30, "no network service"},
    {50, "incorrect parameters"},
    {148, "unspecified GPRS error"},
}};

// Answers to the questions about settings that nobody has made.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> factory_settings{{
    {"+CPSMS", "0"},
    {"+CEDRXS", "4,\"0010\""},
    {"+CTZU", "0"},
    {"+CTZR", "0"},
    {"+KSLEEP", "1,2,10"},
    {"+KSELACQ", "0,1,2,3"},
    {"+KSRAT", "0"},
    {"+KBNDCFG", "0,0000000000000A0A188E"},
    {"+KCARRIERCFG", "0"},
    {"+KUSBCOMP", "1,1,2,3"},
    {"+KCNXCFG", "1,\"GPRS\",\"\""},
}};

}  // namespace

const std::vector<SimModem::Row>& SimModem::table() {
  static const std::vector<Row> rows{
      {"E", &SimModem::set_echo},
      {"V", &SimModem::ok},
      {"Q", &SimModem::ok},
      {"X", &SimModem::ok},
      {"Z", &SimModem::ok},
      {"H", &SimModem::hook},
      {"O", &SimModem::online},
      {"&C", &SimModem::ok},
      {"&D", &SimModem::ok},
      {"&F", &SimModem::ok},
      {"&K", &SimModem::ok},
      {"&W", &SimModem::ok},
      {"I", &SimModem::information},
      {"D", &SimModem::dial},
      {"+CMEE", &SimModem::set_error_form},
      {"+CGMI", &SimModem::manufacturer},
      {"+CGMM", &SimModem::model},
      {"+CGMR", &SimModem::revision},
      {"+CGSN", &SimModem::serial_number},
      {"+CPIN", &SimModem::pin},
      {"+CPINR", &SimModem::pin_counters},
      {"+CLCK", &SimModem::facility_lock},
      {"+CCID", &SimModem::iccid, Knower::own},
      {"+QCCID", &SimModem::iccid, Knower::own},
      {"+CRSM", &SimModem::read_card_file},
      {"+CIMI", &SimModem::imsi},
      {"+CFUN", &SimModem::function},
      {"+CEREG", &SimModem::registration},
      {"+CREG", &SimModem::circuit_registration},
      {"+COPS", &SimModem::operator_selection},
      {"+CSQ", &SimModem::signal},
      {"+CESQ", &SimModem::extended_signal},
      {"+CCLK", &SimModem::clock},
      {"+CTZU", &SimModem::stored},
      {"+CTZR", &SimModem::stored},
      {"+CPSMS", &SimModem::stored},
      {"+CEDRXS", &SimModem::stored},
      {"+CGDCONT", &SimModem::contexts},
      {"+CGAUTH", &SimModem::ok},
      {"+CGATT", &SimModem::attach},
      {"+CGACT", &SimModem::activate},
      {"+CGPADDR", &SimModem::address},
      {"+CGCONTRDP", &SimModem::context_details},
      {"+KSREP", &SimModem::boot_report, Knower::hl78xx},
      {"+KCELLMEAS", &SimModem::cell_measurement, Knower::hl78xx},
      {"+KGSN", &SimModem::module_serial, Knower::hl78xx},
      {"+KBND", &SimModem::band, Knower::hl78xx},
      {"+KSLEEP", &SimModem::stored, Knower::hl78xx},
      {"+KSELACQ", &SimModem::stored, Knower::hl78xx},
      {"+KSRAT", &SimModem::stored, Knower::hl78xx},
      {"+KBNDCFG", &SimModem::stored, Knower::hl78xx},
      {"+KCARRIERCFG", &SimModem::stored, Knower::hl78xx},
      {"+KUSBCOMP", &SimModem::stored, Knower::hl78xx},
      {"+KCNXCFG", &SimModem::stored, Knower::hl78xx},
      {"+WPPP", &SimModem::ok, Knower::hl78xx},
  };
  return rows;
}

SimModem::Reply SimModem::ok(const Request&) { return {}; }

SimModem::Reply SimModem::stored(const Request& request) {
  if (request.form == '=') {
    stored_[request.name] = request.arguments;
    return {};
  }
  if (request.name == "+CPSMS" && power_saving())
    return lines({"+CPSMS: 1,,,\"00100110\",\"00000001\""}, own_latency);
  const auto own = stored_.find(request.name);
  if (own != stored_.end()) return lines({request.name + ": " + own->second}, own_latency);
  for (const auto& [name, value] : factory_settings)
    if (name == request.name) return lines({request.name + ": " + std::string(value)}, own_latency);
  return {};
}

SimModem::Reply SimModem::error(int cme) const {
  if (error_form_ == 0) return {.final = "ERROR"};
  if (error_form_ == 2)
    for (const auto& [code, text] : error_texts)
      if (code == cme) return {.final = "+CME ERROR: " + std::string(text)};
  return {.final = "+CME ERROR: " + std::to_string(cme)};
}

SimModem::Reply SimModem::lines(std::vector<std::string> texts, core::Duration latency) const {
  if (config_.personality->looser_text)
    for (auto& text : texts) text += " ";
  return {.lines = std::move(texts), .latency = latency};
}

SimModem::Reply SimModem::set_echo(const Request& request) {
  line(request.port).echo = request.arguments != "0";
  return {};
}

SimModem::Reply SimModem::set_error_form(const Request& request) {
  if (request.form == '?') return lines({"+CMEE: " + std::to_string(error_form_)}, own_latency);
  const int form = leading_number(request.arguments, 0);
  if (form < 0 || form > 2) return error(50);
  error_form_ = form;
  return {};
}

SimModem::Reply SimModem::information(const Request& request) {
  if (request.arguments != "9") return lines({config_.model}, own_latency);
  const auto version = config_.imei.substr(0, 14) + "14";
  return lines({std::string(config_.personality->revision), "IMEI-SV: " + version}, own_latency);
}

SimModem::Reply SimModem::manufacturer(const Request&) {
  return lines({std::string(config_.personality->manufacturer)}, own_latency);
}

SimModem::Reply SimModem::model(const Request&) { return lines({config_.model}, own_latency); }

SimModem::Reply SimModem::revision(const Request&) {
  const auto prefix = std::string(config_.personality->looser_text ? "+CGMR: " : "");
  return lines({prefix + std::string(config_.personality->revision)}, own_latency);
}

SimModem::Reply SimModem::serial_number(const Request& request) {
  const auto version = config_.imei.substr(0, 14) + "14";
  switch (fault(FaultId::imei)) {
    case 1:
      return lines({version}, own_latency);
    case 2:
      return lines({version + "0"}, own_latency);
    case 3:
      return lines({config_.imei.substr(0, 10)}, own_latency);
    case 4: {
      const int digit = config_.imei.back() - '0';
      return lines({config_.imei.substr(0, 14) + std::to_string((digit + 1) % 10)}, own_latency);
    }
    case 5:
      return lines({"+CGSN: " + in_quotes(config_.imei)}, own_latency);
    default:
      break;
  }
  const int kind = leading_number(request.arguments, 0);
  if (kind == 1) return lines({"+CGSN: " + in_quotes(config_.imei)}, own_latency);
  if (kind == 2) return lines({"+CGSN: " + in_quotes(version)}, own_latency);
  if (kind == 3) return lines({"+CGSN: \"14\""}, own_latency);
  return lines({config_.imei}, own_latency);
}

SimModem::Reply SimModem::module_serial(const Request&) {
  return lines({"+KGSN: " + config_.imei.substr(0, 14)}, own_latency);
}

SimModem::Reply SimModem::boot_report(const Request& request) {
  if (request.form == '?')
    return lines({std::string("+KSREP: ") + (boot_report_ ? "1" : "0") + ",0"}, own_latency);
  boot_report_ = request.arguments == "1";
  return {};
}

}  // namespace oobm::modem_sim
