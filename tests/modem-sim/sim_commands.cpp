// What the module answers to each command.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration own_latency = 15ms;
constexpr core::Duration card_latency = 80ms;
constexpr core::Duration network_latency = 120ms;
constexpr core::Duration power_latency = 900ms;
constexpr core::Duration scan_latency = 40s;
constexpr core::Duration restart_delay = 300ms;
constexpr std::string_view factory_epoch = "80/01/06,00:03:12+00";
constexpr int zone_quarters = -20;  // local time of the network, quarters of an hour

constexpr std::array<std::pair<int, std::string_view>, 7> error_texts{{
    {3, "operation not allowed"},
    {4, "operation not supported"},
    {10, "SIM not inserted"},
    {11, "SIM PIN required"},
    {12, "SIM PUK required"},
    {30, "no network service"},
    {50, "incorrect parameters"},
}};

int number(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string in_quotes(std::string_view text) { return std::string("\"").append(text).append("\""); }

std::string two_digits(int value) {
  const auto text = std::to_string(value % 100);
  return text.size() < 2 ? "0" + text : text;
}

std::string swapped_nibbles(std::string digits) {
  while (digits.size() < 20) digits += 'F';
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) std::swap(digits[i], digits[i + 1]);
  return digits;
}

std::string clock_text(core::UnixTime time) {
  const auto zone = std::chrono::minutes(15 * zone_quarters);
  const std::chrono::sys_seconds local{std::chrono::seconds(time.seconds) + zone};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{local - day};
  const auto count = [](auto part) { return two_digits(static_cast<int>(part.count())); };
  return two_digits(static_cast<int>(date.year())) + "/" +
         two_digits(static_cast<int>(static_cast<unsigned>(date.month()))) + "/" +
         two_digits(static_cast<int>(static_cast<unsigned>(date.day()))) + "," +
         count(clock.hours()) + ":" + count(clock.minutes()) + ":" + count(clock.seconds()) +
         std::to_string(zone_quarters);
}

std::string octets_with_mask(std::string address) { return address += ".255.255.255.252"; }

// The value between the n-th comma and the next, without quotes.
std::string argument(std::string_view list, std::size_t index) {
  for (; index > 0; --index) {
    const auto comma = list.find(',');
    if (comma == std::string_view::npos) return {};
    list.remove_prefix(comma + 1);
  }
  std::string value(list.substr(0, list.find(',')));
  std::erase(value, '"');
  return value;
}

}  // namespace

const std::vector<SimModem::Row>& SimModem::table() {
  static const std::vector<Row> rows{
      {"E", &SimModem::set_echo},
      {"V", &SimModem::ok},
      {"Q", &SimModem::ok},
      {"X", &SimModem::ok},
      {"Z", &SimModem::ok},
      {"H", &SimModem::ok},
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
      {"+CCID", &SimModem::iccid, true},
      {"+CRSM", &SimModem::read_card_file},
      {"+CIMI", &SimModem::imsi},
      {"+CFUN", &SimModem::function},
      {"+CEREG", &SimModem::registration},
      {"+CREG", &SimModem::circuit_registration},
      {"+COPS", &SimModem::operator_selection},
      {"+CSQ", &SimModem::signal},
      {"+CESQ", &SimModem::extended_signal},
      {"+CCLK", &SimModem::clock},
      {"+CTZU", &SimModem::ok},
      {"+CTZR", &SimModem::ok},
      {"+CPSMS", &SimModem::ok},
      {"+CEDRXS", &SimModem::ok},
      {"+CGDCONT", &SimModem::contexts},
      {"+CGATT", &SimModem::attach},
      {"+CGACT", &SimModem::activate},
      {"+CGPADDR", &SimModem::address},
      {"+CGCONTRDP", &SimModem::context_details},
      {"+KSREP", &SimModem::boot_report, true},
      {"+KSLEEP", &SimModem::ok, true},
      {"+KCELLMEAS", &SimModem::cell_measurement, true},
  };
  return rows;
}

SimModem::Reply SimModem::ok(const Request&) { return {}; }

SimModem::Reply SimModem::error(int cme) const {
  if (error_form_ == 0) return {.final = "ERROR"};
  if (error_form_ == 2)
    for (const auto& [code, text] : error_texts)
      if (code == cme) return {.final = "+CME ERROR: " + std::string(text)};
  return {.final = "+CME ERROR: " + std::to_string(cme)};
}

SimModem::Reply SimModem::lines(std::vector<std::string> texts, core::Duration latency) const {
  return {.lines = std::move(texts), .latency = latency};
}

SimModem::Reply SimModem::card_error() const {
  if (card_ == Card::pin) return error(11);
  if (card_ == Card::puk) return error(12);
  return error(10);
}

SimModem::Reply SimModem::set_echo(const Request& request) {
  echo_ = request.arguments != "0";
  return {};
}

SimModem::Reply SimModem::set_error_form(const Request& request) {
  if (request.form == '?') return lines({"+CMEE: " + std::to_string(error_form_)}, own_latency);
  const int form = number(request.arguments, 0);
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
  return lines({std::string(config_.personality->revision)}, own_latency);
}

SimModem::Reply SimModem::serial_number(const Request& request) {
  const int kind = number(request.arguments, 0);
  if (kind == 1) return lines({"+CGSN: " + in_quotes(config_.imei)}, own_latency);
  if (kind == 2)
    return lines({"+CGSN: " + in_quotes(config_.imei.substr(0, 14) + "14")}, own_latency);
  if (kind == 3) return lines({"+CGSN: \"14\""}, own_latency);
  return lines({config_.imei}, own_latency);
}

SimModem::Reply SimModem::pin(const Request& request) {
  if (powered_ == 0 || card_ == Card::absent) return error(10);
  // The agent must never enter a PIN; an operator at a terminal gets "wrong password".
  if (request.form == '=') return error(16);
  if (card_ == Card::pin) return lines({"+CPIN: SIM PIN"}, card_latency);
  if (card_ == Card::puk) return lines({"+CPIN: SIM PUK"}, card_latency);
  return lines({"+CPIN: READY"}, card_latency);
}

SimModem::Reply SimModem::iccid(const Request&) {
  if (powered_ == 0 || card_ == Card::absent) return error(10);
  return lines({"+CCID: " + config_.iccid}, card_latency);
}

SimModem::Reply SimModem::read_card_file(const Request& request) {
  if (powered_ == 0 || card_ == Card::absent) return error(10);
  if (argument(request.arguments, 0) != "176" || argument(request.arguments, 1) != "12258")
    return lines({"+CRSM: 106,130,\"\""}, card_latency);
  return lines({"+CRSM: 144,0," + in_quotes(swapped_nibbles(config_.iccid))}, card_latency);
}

SimModem::Reply SimModem::imsi(const Request&) {
  if (!card_usable()) return card_error();
  return lines({config_.imsi}, card_latency);
}

SimModem::Reply SimModem::function(const Request& request) {
  if (request.form == '?') return lines({"+CFUN: " + std::to_string(powered_)}, own_latency);
  const int level = number(request.arguments, -1);
  if (level != 0 && level != 1 && level != 4) return error(50);
  powered_ = level;
  Reply reply{.latency = power_latency};
  if (argument(request.arguments, 1) == "1") {
    reply.then = [this](core::BootTime now) {
      after(now, restart_delay, [this](core::BootTime then) {
        ++restarts_;
        start(then, true);
      });
    };
  } else {
    reply.then = [this](core::BootTime now) { reconsider(now); };
  }
  return reply;
}

SimModem::Reply SimModem::registration(const Request& request) {
  if (request.form == '?')
    return lines({"+CEREG: " + std::to_string(registration_level_) + "," +
                  registration_fields(registration_level_)},
                 network_latency);
  const int level = number(request.arguments, -1);
  if (level < 0 || level > 5) return error(50);
  registration_level_ = level;
  return {};
}

// Circuit-switched service is denied on a data-only subscription.
SimModem::Reply SimModem::circuit_registration(const Request& request) {
  if (request.form == '?') return lines({"+CREG: 0,3"}, network_latency);
  return {};
}

SimModem::Reply SimModem::operator_selection(const Request& request) {
  if (request.form == '=') return {.latency = network_latency};
  if (request.form == 'x') return {.latency = scan_latency};
  if (!attached()) return lines({"+COPS: 0"}, network_latency);
  return lines({"+COPS: 0,0," + in_quotes(config_.operator_name) + ",7"}, network_latency);
}

SimModem::Reply SimModem::signal(const Request&) {
  if (powered_ != 1 || !coverage_) return lines({"+CSQ: 99,99"}, own_latency);
  const int rssi_dbm = std::clamp(rsrp_dbm_ + 28, -113, -51);
  return lines({"+CSQ: " + std::to_string((rssi_dbm + 113) / 2) + ",99"}, own_latency);
}

SimModem::Reply SimModem::extended_signal(const Request&) {
  if (powered_ != 1 || !coverage_) return lines({"+CESQ: 99,99,255,255,255,255"}, own_latency);
  return lines({"+CESQ: 99,99,255,255,20," + std::to_string(std::clamp(rsrp_dbm_ + 141, 0, 97))},
               own_latency);
}

SimModem::Reply SimModem::cell_measurement(const Request&) {
  if (!attached()) return lines({"+KCELLMEAS: 0,,,,"}, own_latency);
  return lines({"+KCELLMEAS: " + std::to_string(rsrp_dbm_) + ",112,10,5,14"}, own_latency);
}

SimModem::Reply SimModem::clock(const Request& request) {
  if (request.form == '=') return {};
  Reply reply = lines({}, own_latency);
  // Before the network has spoken the clock shows its epoch.
  const bool set = attached() && time_base_.seconds > 0;
  reply.lines.push_back("+CCLK: " +
                        in_quotes(set ? clock_text(network_time()) : std::string(factory_epoch)));
  return reply;
}

SimModem::Reply SimModem::boot_report(const Request& request) {
  if (request.form == '?')
    return lines({std::string("+KSREP: ") + (boot_report_ ? "1" : "0") + ",0"}, own_latency);
  boot_report_ = request.arguments == "1";
  return {};
}

SimModem::Reply SimModem::contexts(const Request& request) {
  if (request.form == '=') {
    const int cid = number(request.arguments, -1);
    if (cid < 1 || cid > 11) return error(50);
    apns_[cid] = argument(request.arguments, 2);
    return {};
  }
  std::vector<std::string> texts;
  texts.reserve(apns_.size());
  for (const auto& [cid, apn] : apns_)
    texts.push_back("+CGDCONT: " + std::to_string(cid) + ",\"IP\"," + in_quotes(apn) +
                    ",,0,0,,0,,,,");
  return lines(std::move(texts), own_latency);
}

SimModem::Reply SimModem::attach(const Request& request) {
  if (request.form == '?') return lines({attached() ? "+CGATT: 1" : "+CGATT: 0"}, own_latency);
  return {.latency = network_latency};
}

SimModem::Reply SimModem::activate(const Request& request) {
  if (request.form == '?') return lines({attached() ? "+CGACT: 1,1" : "+CGACT: 1,0"}, own_latency);
  // As the real one: an error when the context already is what was asked for.
  const bool wanted = number(request.arguments, 0) == 1;
  return wanted == attached() ? error(3) : Reply{.latency = network_latency};
}

SimModem::Reply SimModem::address(const Request&) {
  if (!attached()) return lines({"+CGPADDR: 1"}, own_latency);
  return lines({"+CGPADDR: 1," + in_quotes(config_.address)}, own_latency);
}

SimModem::Reply SimModem::context_details(const Request&) {
  if (!attached()) return {};
  return lines({"+CGCONTRDP: 1,5," + in_quotes(apns_[1] + ".mnc001.mcc001.gprs") + "," +
                in_quotes(octets_with_mask(config_.address)) + ",," + in_quotes(config_.dns) +
                ",,,,0,0," + std::to_string(config_.mtu)},
               own_latency);
}

// Data calls need another port.
SimModem::Reply SimModem::dial(const Request&) {
  return {.final = "NO CARRIER", .latency = network_latency};
}

}  // namespace oobm::modem_sim
