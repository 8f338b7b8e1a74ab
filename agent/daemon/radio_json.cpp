#include "agent/daemon/radio_json.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <oobm/hal/emm_cause.hpp>

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& object, const char* key, std::string_view text) {
  if (!text.empty()) object[key] = text;
}
template <class T>
void put(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}
template <class T>
void put(Json& object, const char* key, const std::vector<T>& list) {
  if (!list.empty()) object[key] = list;
}

std::int64_t seconds(core::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

std::int64_t age_ms(core::BootTime at, core::BootTime now) { return (now - at).count(); }

Json port_json(const hal::RadioFacts& facts) {
  Json port{{"state", hal::to_string(facts.port)}};
  put(port, "device", facts.port_device);
  put(port, "text", facts.port_text);
  return port;
}

void add_module(Json& radio, const hal::RadioFacts& facts, core::BootTime now) {
  put(radio, "manufacturer", facts.manufacturer);
  put(radio, "model", facts.model);
  put(radio, "imei_problem", facts.imei_problem);
  if (facts.power) radio["power"] = hal::to_string(*facts.power);
  put(radio, "settings_problem", facts.settings_problem);
  if (facts.resets > 0)
    radio["last_reset"] = {{"reason", facts.last_reset_reason},
                           {"age_ms", age_ms(facts.last_reset_at, now)}};
  radio["timeouts"] = facts.timeouts;
  radio["noise_lines"] = facts.noise_lines;
}

void add_card(Json& radio, const hal::RadioFacts& facts) {
  if (facts.sim) radio["sim_state"] = hal::to_string(*facts.sim);
  if (facts.imsi) radio["imsi"] = facts.imsi->masked();
  put(radio, "pin_attempts", facts.pin_attempts);
  put(radio, "puk_attempts", facts.puk_attempts);
}

Json reject_json(const hal::RejectCause& cause, core::BootTime now) {
  Json reject{{"cause", cause.value}, {"age_ms", age_ms(cause.at, now)}};
  if (cause.vendor_specific)
    reject["vendor_specific"] = true;
  else
    put(reject, "meaning", hal::emm_meaning(cause.value));
  return reject;
}

void add_network(Json& radio, const hal::RadioFacts& facts, core::BootTime now) {
  if (facts.registration) radio["registration_age_ms"] = age_ms(facts.registration_since, now);
  if (facts.reject) radio["reject"] = reject_json(*facts.reject, now);
  put(radio, "band", facts.band);
  put(radio, "sinr_db", facts.sinr_db);
  if (facts.rssi_dbm || facts.rsrp_dbm) radio["signal_age_ms"] = age_ms(facts.signal_at, now);
  if (facts.power_saving)
    radio["power_saving"] = {{"active_s", seconds(facts.power_saving->active)},
                             {"periodic_s", seconds(facts.power_saving->periodic)}};
}

void add_allowed(Json& radio, const hal::RadioFacts& facts) {
  for (const auto technology : facts.technologies)
    radio["technologies"].push_back(hal::to_string(technology));
  for (const auto& allowed : facts.bands)
    radio["bands"].push_back(
        {{"technology", hal::to_string(allowed.technology)}, {"bands", allowed.bands}});
}

Json context_json(const hal::PdpFacts& facts) {
  Json context{{"cid", facts.cid}};
  put(context, "apn", facts.apn);
  put(context, "addresses", facts.addresses);
  put(context, "dns", facts.dns_servers);
  put(context, "mtu", facts.mtu);
  return context;
}

}  // namespace

void add_radio_facts(Json& radio, const hal::RadioFacts& facts, core::BootTime now) {
  radio["port"] = port_json(facts);
  add_module(radio, facts, now);
  add_card(radio, facts);
  add_network(radio, facts, now);
  add_allowed(radio, facts);
  if (facts.pdp) radio["context"] = context_json(*facts.pdp);
}

}  // namespace oobm::daemon
