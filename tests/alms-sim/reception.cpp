#include "tests/alms-sim/reception.hpp"

#include <algorithm>
#include <utility>

#include "tests/alms-sim/subscription.hpp"

namespace oobm::alms_sim {
namespace {

constexpr std::string_view nonce_id = "oobm.announce_nonce";
constexpr std::string_view sequence_id = "oobm.entitlement_seq";
constexpr std::string_view asset = "oobm.";
constexpr std::string_view trust_command = "oobm.trust_update";
constexpr std::uint64_t shipped_trust_version = 1;
// A router that refuses the keys is asked to announce itself no more often than this.
constexpr std::int64_t least_keys_pause_ms = 600'000;
constexpr std::size_t max_answer_text = 200;  // octets; the router refuses a longer text
// Ids of an announcement that say who the router is.
constexpr std::string_view identity_ids[] = {"serial",   "imei",          "iccid",
                                             "model",    "sku",           "region",
                                             "firmware", "agent_version", "claim_token"};
// Data whose every change is worth a line in the journal.
constexpr std::string_view journalled_ids[] = {"oobm.online", "oobm.lifecycle_state",
                                               "oobm.activation_result"};

std::string shortened(std::string text) {
  if (text.size() <= max_answer_text) return text;
  std::size_t end = max_answer_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string as_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

const Datum* find_datum(const std::vector<Datum>& data, std::string_view id) {
  const auto found = std::ranges::find(data, id, &Datum::id);
  return found == data.end() ? nullptr : &*found;
}

void take_identity(Router& router, const std::vector<Datum>& data, Millis now) {
  router.identity.clear();
  for (const std::string_view name : identity_ids) {
    const Datum* datum = find_datum(data, std::string(asset).append(name));
    if (datum != nullptr) router.identity[std::string(name)] = as_text(datum->value);
  }
  const Datum* sequence = find_datum(data, sequence_id);
  const bool counted = sequence != nullptr && sequence->value.is_number_unsigned();
  router.announced_seq = counted ? sequence->value.get<std::uint64_t>() : 0;
  router.open_nonce = as_text(find_datum(data, nonce_id)->value);
  router.announced_ms = millis_count(now);
  ++router.announcements;
}

}  // namespace

void Reception::on_message(std::string_view topic, std::string_view payload, Millis now) {
  const auto parsed = parse_topic(topic);
  World& world = platform_.world();
  const bool known =
      parsed && (world.routers.contains(parsed->serial) || world.routers.size() < max_routers);
  if (!known || parsed->channel == Channel::tasks) {
    ++world.unattributed;
    return;
  }
  if (parsed->channel == Channel::acks) return take_acks(parsed->serial, payload, now);
  take_data(parsed->serial, payload, now);
}

void Reception::take_data(const std::string& serial, std::string_view payload, Millis now) {
  const auto data = parse_data(payload, now);
  if (!data) {
    ++platform_.world().unattributed;
    return platform_.note(serial, "unreadable", data.error().text, now);
  }
  Router& router = platform_.router(serial);
  for (const Datum& datum : *data) {
    if (!router.data.contains(datum.id) && router.data.size() >= max_data_ids) continue;
    if (std::ranges::contains(journalled_ids, datum.id)) {
      platform_.note(serial, "reported", datum.id + "=" + as_text(datum.value), now);
    }
    router.data[datum.id] = {datum.value, datum.at_ms, millis_count(now)};
  }
  if (find_datum(*data, nonce_id) == nullptr) return;
  const std::string former_sim = platform_.facts(serial).iccid;
  take_identity(router, *data, now);
  const auto system = platform_.world().systems.find(serial);
  const bool other_sim = platform_.facts(serial).iccid != former_sim;
  if (other_sim && system != platform_.world().systems.end()) platform_.order_sim(system->second);
  announced(serial, now);
}

void Reception::take_acks(const std::string& serial, std::string_view payload, Millis now) {
  const auto acks = parse_acks(payload);
  if (!acks) {
    ++platform_.world().unattributed;
    return platform_.note(serial, "unreadable", acks.error().text, now);
  }
  for (const Ack& ack : *acks) {
    platform_.note(serial, "ack", ack.uid + " " + ack.status + " " + ack.message, now);
    for (Task& task : platform_.world().tasks) {
      if (task.uid != ack.uid || task.serial != serial) continue;
      ++task.acks_count;
      keys_acknowledged(task, ack, now);
      if (task.acks.size() >= max_acks_kept) continue;
      task.acks.push_back({ack.status, ack.message, millis_count(now)});
    }
  }
  // Not inside the loop: it adds a task.
  if (const auto who = std::exchange(missed_keys_, {}); !who.empty())
    platform_.send_command(who, "oobm.sync", Json::object(), now);
}

void Reception::send_keys(const std::string& serial, Millis now) {
  Router& router = platform_.router(serial);
  if (router.announced_seq == 0) router.trust_version = 0;
  const auto& keys = platform_.keys();
  if (keys.version() <= std::max(router.trust_version, shipped_trust_version)) return;
  platform_.send_command(serial, std::string(trust_command), {{"statement", keys.trust()}}, now);
}

void Reception::keys_acknowledged(const Task& task, const Ack& ack, Millis now) {
  Router& router = platform_.router(task.serial);
  const bool held = ack.status == "OK" || ack.message.starts_with("TRUST_VERSION");
  if (task.name == trust_command && held) router.trust_version = platform_.keys().version();
  if (!ack.message.starts_with("STATEMENT_KEY")) return;
  router.trust_version = 0;
  if (millis_count(now) - router.keys_missed_ms < least_keys_pause_ms) return;
  router.keys_missed_ms = millis_count(now);
  missed_keys_ = task.serial;
}

void Reception::announced(const std::string& serial, Millis now) {
  const RouterFacts facts = platform_.facts(serial);
  platform_.note(serial, "announced", "imei=" + facts.imei + " sku=" + facts.sku, now);
  send_keys(serial, now);
  answer(serial, now);
}

void Reception::answer(const std::string& serial, Millis now) {
  World& world = platform_.world();
  if (const auto system = world.systems.find(serial); system != world.systems.end()) {
    return answer_system(system->second, now);
  }
  const auto refused = world.refusals.find(serial);
  if (refused != world.refusals.end())
    reply(serial, "REFUSED", {refused->second.code, refused->second.text}, "", now);
  else
    reply(serial, "PENDING",
          {"NOT_REGISTERED", "Serial " + serial +
                                 " is in no account of this instance: register it in ALMS by "
                                 "serial number and IMEI."},
          "", now);
  repeat_deregistration(serial, now);
}

void Reception::answer_system(System& system, Millis now) {
  const auto fits = check_registration(platform_.world(), platform_.settings().instance, system,
                                       platform_.facts(system.serial));
  if (!fits) return reply(system.serial, "REFUSED", fits.error(), "", now);
  suspend_if_ended(platform_, system, now);
  Router& router = platform_.router(system.serial);
  const std::string statement = platform_.issue_entitlement(system, router.open_nonce, now);
  router.known_registration = system.registration;
  if (system.state == SystemState::retired) {
    return reply(system.serial, "REFUSED", {"RETIRED", "This system is retired for good."},
                 statement, now);
  }
  reply(system.serial, "ACCEPTED", {}, statement, now);
}

void Reception::reply(const std::string& serial, const std::string& result, const Error& why,
                      const std::string& statement, Millis now) {
  Router& router = platform_.router(serial);
  Json params = {{"result", result}, {"nonce", router.open_nonce}};
  if (!why.code.empty()) params["code"] = why.code;
  if (!why.text.empty()) params["text"] = shortened(why.text);
  if (!statement.empty()) {
    params["entitlement"] = statement;
    router.open_nonce.clear();
  }
  router.last_answer = result == "REFUSED" ? why.code : result;
  platform_.note(serial, "answered", result + (why.code.empty() ? "" : " " + why.code), now);
  platform_.send_command(serial, "oobm.register_result", std::move(params), now);
}

void Reception::repeat_deregistration(const std::string& serial, Millis now) {
  const auto former = platform_.world().deregistered.find(serial);
  const Router& router = platform_.router(serial);
  if (former == platform_.world().deregistered.end() || router.announced_seq == 0) return;
  // After the answer, which needs the nonce as well; with it, since the router may hold an older
  // registration that somebody put back.
  const std::string statement =
      platform_.issue_deregistration(former->second, router.open_nonce, now);
  platform_.send_command(serial, "oobm.deregister", {{"statement", statement}}, now);
}

void Reception::inform(const std::string& serial, Millis now) {
  World& world = platform_.world();
  const auto found = world.routers.find(serial);
  if (found == world.routers.end() || found->second.announcements == 0) return;
  if (!found->second.open_nonce.empty()) return answer(serial, now);
  const auto system = world.systems.find(serial);
  const bool knows = system != world.systems.end() &&
                     found->second.known_registration == system->second.registration;
  if (!knows) {
    platform_.send_command(serial, "oobm.sync", Json::object(), now);
    return;
  }
  const std::string statement = platform_.issue_entitlement(system->second, "", now);
  platform_.send_command(serial, "oobm.entitle", {{"entitlement", statement}}, now);
}

}  // namespace oobm::alms_sim
