// Functional level, registration, signal, the clock and data contexts.
#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/modem-sim/sim_modem.hpp"
#include "tests/modem-sim/sim_text.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration own_latency = 15ms;
constexpr core::Duration network_latency = 120ms;
constexpr core::Duration power_latency = 900ms;
constexpr core::Duration scan_latency = 40s;
constexpr core::Duration restart_delay = 300ms;
constexpr int zone_quarters = -20;  // local time of the network, quarters of an hour
constexpr int default_context = 1;
constexpr int highest_context = 11;
constexpr int data_only_status = 3;  // of circuit-switched service on a data-only subscription
constexpr std::string_view bands_in_use = "00000000000000000002";  // band 2
constexpr std::string_view no_band = "00000000000000000000";

// By the value of the fault `clock`; 0 before the network has spoken.
constexpr std::array<std::string_view, 6> clock_texts{
    "80/01/06,00:03:12+00", "80/01/06,00:03:12+00", "04/01/01,00:00:12+00",
    "80/11/21,10:00:00+00", "26/11/21,10:00:00",    "yy/MM/dd,hh:mm:ss+zz"};
constexpr std::int64_t clock_silent = 6;
constexpr std::int64_t clock_2080 = 3;
constexpr std::int64_t seconds_to_2080 = 1'704'067'200;  // 54 years

std::string two_digits(int value) {
  const auto text = std::to_string(value % 100);
  return text.size() < 2 ? "0" + text : text;
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

}  // namespace

SimModem::Reply SimModem::function(const Request& request) {
  if (request.form == '?') return lines({"+CFUN: " + std::to_string(powered_)}, own_latency);
  const int level = leading_number(request.arguments, -1);
  if (level != 0 && level != 1 && level != 4) return error(50);
  const bool comes_on = std::exchange(powered_, level) != 1 && level == 1;
  Reply reply{.latency = power_latency};
  if (argument(request.arguments, 1) == "1") {
    reply.then = [this](core::BootTime now) {
      after(now, restart_delay, [this](core::BootTime then) { restart(then, true); });
    };
    return reply;
  }
  reply.then = [this, comes_on](core::BootTime now) {
    if (comes_on) cure(cure_function, now);
    reconsider(now);
  };
  return reply;
}

SimModem::Reply SimModem::registration(const Request& request) {
  if (request.form == '?')
    return lines({"+CEREG: " + std::to_string(registration_level_) + "," +
                  registration_fields(registration_level_, false)},
                 network_latency);
  const int level = leading_number(request.arguments, -1);
  if (level < 0 || level > config_.personality->highest_report_level) return error(50);
  registration_level_ = level;
  return {};
}

SimModem::Reply SimModem::circuit_registration(const Request& request) {
  if (request.form != '?') return {};
  const auto claimed = fault(FaultId::creg) ? fault(FaultId::creg) : data_only_status;
  return lines({"+CREG: 0," + std::to_string(claimed)}, network_latency);
}

SimModem::Reply SimModem::operator_selection(const Request& request) {
  if (request.form == '=') return {.latency = network_latency};
  if (request.form == 'x') return {.latency = scan_latency};
  if (!attached()) return lines({"+COPS: 0"}, network_latency);
  return lines({"+COPS: 0,0," + in_quotes(config_.operator_name) + ",7"}, network_latency);
}

SimModem::Reply SimModem::signal(const Request&) {
  if (powered_ != 1 || fault(FaultId::no_coverage)) return lines({"+CSQ: 99,99"}, own_latency);
  const int rssi_dbm = std::clamp(rsrp_dbm_ + 28, -113, -51);
  return lines({"+CSQ: " + std::to_string((rssi_dbm + 113) / 2) + ",99"}, own_latency);
}

SimModem::Reply SimModem::extended_signal(const Request&) {
  if (powered_ != 1 || fault(FaultId::no_coverage))
    return lines({"+CESQ: 99,99,255,255,255,255"}, own_latency);
  return lines({"+CESQ: 99,99,255,255,20," + std::to_string(std::clamp(rsrp_dbm_ + 141, 0, 97))},
               own_latency);
}

SimModem::Reply SimModem::cell_measurement(const Request&) {
  if (!attached()) return lines({"+KCELLMEAS: 0,,,,"}, own_latency);
  return lines({"+KCELLMEAS: " + std::to_string(rsrp_dbm_) + ",112,10,5,14"}, own_latency);
}

SimModem::Reply SimModem::band(const Request&) {
  return lines({"+KBND: 0," + std::string(attached() ? bands_in_use : no_band)}, own_latency);
}

SimModem::Reply SimModem::clock(const Request& request) {
  const auto form = fault(FaultId::clock);
  if (request.form == '=' || form == clock_silent) return {};
  const bool set = attached() && time_base_.seconds > 0;
  if (form == 0 && set)
    return lines({"+CCLK: " + in_quotes(clock_text(network_time()))}, own_latency);
  if (form == clock_2080 && set)
    return lines(
        {"+CCLK: " + in_quotes(clock_text(network_time() + std::chrono::seconds(seconds_to_2080)))},
        own_latency);
  return lines({"+CCLK: " + in_quotes(clock_texts[static_cast<std::size_t>(form)])}, own_latency);
}

SimModem::Reply SimModem::contexts(const Request& request) {
  if (request.form == '=') {
    const int cid = leading_number(request.arguments, -1);
    if (cid < 1 || cid > highest_context) return error(50);
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
  const bool off = leading_number(request.arguments, 1) == 0;
  return {.latency = network_latency, .then = [this, off](core::BootTime now) {
            const bool was_off = std::exchange(detached_, off);
            if (was_off && !off) cure(cure_reattach, now);
            reconsider(now);
          }};
}

SimModem::Reply SimModem::activate(const Request& request) {
  if (request.form == '?') {
    std::vector<std::string> texts;
    for (const auto& [cid, apn] : apns_)
      texts.push_back("+CGACT: " + std::to_string(cid) + (context_active(cid) ? ",1" : ",0"));
    return lines(std::move(texts), own_latency);
  }
  const bool wanted = leading_number(request.arguments, 0) == 1;
  const int cid = leading_number(argument(request.arguments, 1), default_context);
  const auto form = fault(FaultId::activation);
  const bool strict = form == activation_strict || config_.personality->strict_activation;
  if (form == activation_false) return {.latency = network_latency};
  if (strict && wanted == context_active(cid)) return error(3);
  if (wanted && !attached()) return error(148);
  return {.latency = network_latency, .then = [this, wanted, cid](core::BootTime now) {
            active_contexts_[cid] = wanted;
            if (wanted) cure(cure_redial, now);
          }};
}

SimModem::Reply SimModem::address(const Request& request) {
  const int cid = leading_number(request.arguments, default_context);
  const auto start = "+CGPADDR: " + std::to_string(cid);
  if (!context_active(cid)) return lines({start}, own_latency);
  return lines({start + "," + in_quotes(config_.address)}, own_latency);
}

SimModem::Reply SimModem::context_details(const Request& request) {
  const int cid = leading_number(request.arguments, default_context);
  if (!context_active(cid)) return {};
  return lines({"+CGCONTRDP: " + std::to_string(cid) + ",5," +
                in_quotes(apns_[cid] + ".mnc001.mcc001.gprs") + "," +
                in_quotes(octets_with_mask(config_.address)) + ",," + in_quotes(config_.dns) +
                ",,,,0,0," + std::to_string(config_.mtu)},
               own_latency);
}

}  // namespace oobm::modem_sim
