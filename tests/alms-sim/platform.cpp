#include "tests/alms-sim/platform.hpp"

#include <algorithm>

#include "tests/alms-sim/statement.hpp"

namespace oobm::alms_sim {
namespace {

constexpr std::size_t uid_octets = 16;  // AirVantage: 32 hexadecimal digits
constexpr std::size_t jti_octets = 8;

Publication publication_of(const Task& task) {
  return {task.uid, tasks_topic(task.serial), Json::array({task.wire}).dump(), false};
}

std::string sim_value(SystemState state, bool follows) {
  switch (state) {
    case SystemState::inventory:
      return "dormant";
    case SystemState::suspended:
      return follows ? "suspended" : "active";
    case SystemState::retired:
      return "suspended";
    default:
      return "active";
  }
}

std::string task_name(const std::string& verb, const Json& body) {
  if (verb != "command" || !body.is_object()) return verb;
  return body.value("id", verb);
}

}  // namespace

void Platform::advance(System& system) const {
  // A sequence from before a loss of our own memory would be refused as a replay.
  const auto found = world_.routers.find(system.serial);
  if (found != world_.routers.end() && found->second.known_registration == system.registration) {
    system.seq = std::max(system.seq, found->second.announced_seq);
  }
  ++system.seq;
  system.last_jti = random_hex(jti_octets);
}

std::string Platform::region_of(const std::string& serial) const {
  const Sku* sku = find_sku(world_, facts(serial).sku);
  return sku != nullptr ? sku->region : region_served(settings_.instance);
}

std::string Platform::issue_entitlement(System& system, const std::string& nonce, Millis now) {
  advance(system);
  const Envelope envelope{settings_.instance, nonce, now + settings_.signer_skew};
  const Json claims = entitlement_claims(world_, system, region_of(system.serial), envelope);
  return sign_statement(entitlement_type, claims, keys_.signing());
}

std::string Platform::issue_deregistration(System& system, const std::string& nonce, Millis now) {
  advance(system);
  const Envelope envelope{settings_.instance, nonce, now + settings_.signer_skew};
  return sign_statement(deregistration_type, deregistration_claims(system, envelope),
                        keys_.signing());
}

std::string Platform::send_task(const std::string& serial, const std::string& verb, Json body,
                                Millis now, std::string uid) {
  if (uid.empty()) uid = random_hex(uid_octets);
  const std::string name = task_name(verb, body);
  Task task;
  task.uid = uid;
  task.serial = serial;
  task.name = name;
  task.wire = task_object(uid, now, verb, std::move(body));
  task.created_ms = millis_count(now);
  outputs_.publications.push_back(publication_of(task));
  if (world_.tasks.size() >= max_tasks_kept) world_.tasks.erase(world_.tasks.begin());
  world_.tasks.push_back(std::move(task));
  note(serial, "task", name + " " + uid, now);
  return uid;
}

std::string Platform::send_command(const std::string& serial, const std::string& id, Json params,
                                   Millis now) {
  return send_task(serial, "command", {{"id", id}, {"params", std::move(params)}}, now);
}

void Platform::send_raw(Publication publication) {
  outputs_.publications.push_back(std::move(publication));
}

void Platform::task_sent(const std::string& uid) {
  for (Task& task : world_.tasks) {
    if (task.uid == uid) task.sent = true;
  }
}

void Platform::requeue_unsent() {
  for (const Task& task : world_.tasks) {
    if (!task.sent) outputs_.publications.push_back(publication_of(task));
  }
}

void Platform::order_sim(const System& system) {
  const std::string value = sim_value(system.state, settings_.sim_follows);
  outputs_.sims.push_back({system.imei, value});
  const RouterFacts known = facts(system.serial);
  const std::string& iccid = system.iccid.empty() ? known.iccid : system.iccid;
  if (!iccid.empty()) outputs_.sims.push_back({iccid, value});
}

void Platform::note(const std::string& serial, std::string kind, std::string text, Millis now) {
  auto& journal = router(serial).journal;
  if (journal.size() >= max_journal_entries) journal.erase(journal.begin());
  journal.push_back({millis_count(now), std::move(kind), std::move(text)});
}

Router& Platform::router(const std::string& serial) { return world_.routers[serial]; }

RouterFacts Platform::facts(const std::string& serial) const {
  const auto found = world_.routers.find(serial);
  if (found == world_.routers.end()) return {};
  const auto& identity = found->second.identity;
  const auto value = [&identity](const char* name) {
    const auto at = identity.find(name);
    return at == identity.end() ? std::string() : at->second;
  };
  return {value("serial"), value("sku"), value("imei"), value("iccid")};
}

}  // namespace oobm::alms_sim
