#include "agent/daemon/status_json.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/daemon/radio_json.hpp"
#include "agent/daemon/time_text.hpp"
#include "agent/uplink/failure.hpp"

namespace oobm::daemon {
namespace {

// Members in the order of the page, so that a person can read it too.
using Json = nlohmann::ordered_json;

Json value(const std::string& text) { return text; }
Json value(core::UnixTime time) { return rfc3339(time); }
Json value(core::Duration duration) { return duration.count(); }
Json value(const core::Imei& imei) { return imei.str(); }
Json value(const core::Iccid& iccid) { return iccid.str(); }
template <class T>
  requires std::is_arithmetic_v<T>
Json value(T number) {
  return number;
}

// Absent means unknown: neither null nor an empty text is ever written.
template <class T>
void put(Json& object, const char* key, const std::optional<T>& optional) {
  if (optional) object[key] = value(*optional);
}
void put(Json& object, const char* key, std::string_view text) {
  if (!text.empty()) object[key] = text;
}

// Names for programs: what people read with blanks or hyphens, with underscores.
std::string name(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c == ' ' || c == '-') c = '_';
  return result;
}

Json reason_json(const core::Refusal& refusal) {
  const auto& row = core::row(refusal.reason);
  Json object{{"code", row.code}, {"sentence", row.sentence}};
  put(object, "detail", refusal.detail);
  put(object, "next_step", row.next_step);
  return object;
}

Json router_json(const core::Status& status) {
  Json board = Json::object();
  put(board, "serial", status.board.serial);
  put(board, "sku", status.board.sku);
  put(board, "factory_imei", status.board.factory_imei);
  put(board, "factory_region", status.board.factory_region);
  put(board, "firmware", status.board.firmware);
  put(board, "error", status.board.error);
  Json object{{"board", board}};
  if (!status.identity) return object;
  object["serial"] = status.identity->serial.str();
  object["sku"] = status.identity->sku.str();
  object["model"] = status.identity->model;
  object["region"] = core::to_text(status.identity->region);
  put(object, "imei", status.identity->imei);
  put(object, "firmware", status.identity->firmware);
  return object;
}

Json alms_json(const core::Status& status) {
  Json object = Json::object();
  put(object, "instance", status.instance_id);
  put(object, "name", status.instance_name);
  put(object, "portal", status.portal);
  if (status.alms_refusal) object["refusal"] = reason_json(*status.alms_refusal);
  return object;
}

Json entitlement_json(const core::Entitlement& held, const std::optional<int>& days_left) {
  const bool avc = held.account.account_class == core::AccountClass::avc;
  Json object{
      {"registration", held.base.registration},
      {"sequence", held.base.sequence},
      {"issued_at", rfc3339(held.base.issued_at)},
      {"state", core::to_text(held.state)},
      {"account",
       {{"id", held.account.id}, {"name", held.account.name}, {"class", avc ? "AVC" : "STANDARD"}}},
      {"offer",
       {{"name", held.offer.name},
        {"devices", held.offer.devices},
        {"services", held.offer.services}}},
      {"billing", held.billing == core::Billing::direct ? "DIRECT" : "PREPAID"},
      {"grace_s", held.grace.count()}};
  put(object, "valid_until", held.valid_until);
  if (held.valid_until) object["grace_until"] = rfc3339(*held.valid_until + held.grace);
  put(object, "days_left", days_left);
  put(object, "support_until", held.support_until);
  put(object, "warranty_until", held.warranty_until);
  if (held.data)
    object["data"] = {{"limit_bytes", held.data->limit_bytes}, {"period", held.data->period}};
  return object;
}

Json fault_json(const core::LinkFault& fault, const std::optional<core::Duration>& age) {
  const auto& row = core::row(fault.reason);
  Json object{{"reason", row.code}};
  put(object, "code", fault.code);
  put(object, "sentence", fault.sentence.empty() ? row.sentence : fault.sentence);
  // What failed on the way to ALMS has a table of its own, which is more exact.
  const auto* known = uplink::find_code(fault.code);
  if (known != nullptr) object["layer"] = uplink::name(known->layer);
  put(object, "next_step", known != nullptr ? known->next_step : row.next_step);
  put(object, "age_ms", age);
  return object;
}

Json link_json(const core::Status& status) {
  Json object{{"phase", name(core::to_text(status.phase))}};
  if (status.uplink) object["dates_ok"] = status.dates_ok;
  if (status.uplink) object["uplink"] = name(core::to_text(*status.uplink));
  if (status.last_fault)
    object["last_fault"] = fault_json(*status.last_fault, status.last_fault_age);
  if (status.oobm_fault)
    object["oobm_fault"] = fault_json(*status.oobm_fault, status.oobm_fault_age);
  put(object, "last_contact_age_ms", status.last_contact_age);
  put(object, "next_attempt_in_ms", status.next_attempt_in);
  return object;
}

Json radio_json(const core::RadioView& radio) {
  constexpr std::array<std::string_view, 4> sims{"unknown", "ready", "absent", "locked"};
  Json object{{"present", radio.present},
              {"responding", radio.responding},
              {"sim", sims[static_cast<std::size_t>(radio.sim)]},
              {"registration", name(core::to_text(radio.registration))},
              {"resets", radio.resets}};
  if (const auto fault = core::radio_fault(radio)) object["fault"] = reason_json({*fault, {}});
  put(object, "reject_cause", radio.reject_cause);
  put(object, "imei", radio.imei);
  put(object, "iccid", radio.iccid);
  put(object, "technology", radio.technology);
  put(object, "operator", radio.operator_name);
  put(object, "firmware", radio.firmware);
  put(object, "rsrp_dbm", radio.rsrp_dbm);
  put(object, "rsrq_db", radio.rsrq_db);
  put(object, "rssi_dbm", radio.rssi_dbm);
  put(object, "cell_id", radio.cell_id);
  put(object, "tracking_area", radio.tracking_area);
  return object;
}

Json recovery_json(const hal::RecoveryView& view, core::BootTime now) {
  const auto& trouble = hal::rule(view.trouble);
  Json object{{"trouble", trouble.name}, {"sentence", trouble.words}};
  if (view.since) object["age_ms"] = (now - *view.since).count();
  if (view.last) {
    const auto& last = *view.last;
    constexpr std::array<std::string_view, 3> outcomes{"running", "done", "failed"};
    object["last"] = {{"step", hal::rule(last.step).name},
                      {"words", hal::rule(last.step).words},
                      {"trouble", hal::rule(last.trouble).name},
                      {"outcome", outcomes[static_cast<std::size_t>(last.phase)]},
                      {"age_ms", (now - last.at).count()}};
    put(object["last"], "error", last.error);
  }
  if (view.next) {
    const auto& step = hal::rule(view.next->step);
    const auto wait = std::max(view.next->at - now, core::Duration(0));
    object["next"] = {{"step", step.name}, {"words", step.words}, {"in_ms", wait.count()}};
  }
  for (const auto& row : hal::step_rules())
    object["left_today"][row.name] = view.left_today[static_cast<std::size_t>(row.step)];
  object["steps_taken"] = view.steps_taken;
  return object;
}

Json wan_json(const core::WanView& wan) {
  Json object{{"up", wan.up}};
  put(object, "interface", wan.interface);
  put(object, "address", wan.address);
  return object;
}

Json spent_json(const core::Spent& spent) {
  return {{"payload_sent", spent.payload.sent},
          {"payload_received", spent.payload.received},
          {"wire_sent", spent.wire.sent},
          {"wire_received", spent.wire.received}};
}

// What nothing was spent on is left out.
Json uplink_usage_json(const core::UsageLedger& ledger, core::Uplink uplink) {
  Json uses = Json::object();
  const auto& row = ledger.spent[static_cast<std::size_t>(uplink)];
  for (std::size_t use = 0; use < row.size(); ++use)
    if (row[use] != core::Spent{})
      uses[std::string(core::to_text(static_cast<core::Use>(use)))] = spent_json(row[use]);
  return {{"total", spent_json(core::total(ledger, uplink))}, {"uses", uses}};
}

Json usage_json(const core::Status& status) {
  const auto& [bytes_sent, bytes_received, allowance_bytes] = status.usage;
  const auto& ledger = status.ledger;
  Json object{{"bytes_sent", bytes_sent}, {"bytes_received", bytes_received}};
  put(object, "allowance_bytes", allowance_bytes);
  if (allowance_bytes) object["percent"] = core::percent_used(ledger, *allowance_bytes);
  object["used_up"] = status.allowance_used_up;
  if (ledger.period) {
    object["period_begin"] = rfc3339(core::begin_of(*ledger.period));
    object["period_end"] = rfc3339(core::begin_of(core::after(*ledger.period)));
  }
  put(object, "since", ledger.since);
  object["wire_measured"] = status.wire_measured;
  for (const auto uplink : {core::Uplink::oobm, core::Uplink::main_wan})
    object["uplinks"][name(core::to_text(uplink))] = uplink_usage_json(ledger, uplink);
  return object;
}

Json task_json(const core::TaskRecord& task) {
  const bool done = task.status == core::TaskRecord::Status::done;
  Json object{{"uid", task.uid}, {"name", task.name}, {"status", done ? "done" : "started"}};
  if (!done) return object;
  object["ok"] = task.ack.ok;
  put(object, "message", task.ack.message);
  return object;
}

Json lifecycle_json(const core::Status& status) {
  Json object{{"state", core::to_text(status.lifecycle)}, {"test", status.test}};
  put(object, "since", status.since);
  return object;
}

// Names of the sources in the order of core::TimeSource.
constexpr std::array<std::string_view, 2> time_sources{"modem", "system"};

Json time_source_json(const core::TimeSourceReport& source, core::UnixTime believed) {
  Json object{{"name", core::to_text(source.source)}};
  if (const auto& reading = source.believed) {
    object["utc"] = rfc3339(reading->says);
    object["age_ms"] = reading->age.count();
    object["difference_s"] = (reading->says - believed).count();
  }
  if (const auto& reading = source.refused)
    object["refused"] = {{"utc", rfc3339(reading->says)},
                         {"age_ms", reading->age.count()},
                         {"because", source.refused_because}};
  return object;
}

Json time_json(const core::TimeReport& clock) {
  Json object{{"utc", rfc3339(clock.belief.time)},
              {"level", core::to_text(clock.belief.level)},
              {"because", clock.because},
              {"to_raise", clock.to_raise},
              {"not_before", rfc3339(clock.floor)}};
  for (const auto& source : clock.sources)
    object["sources"][time_sources[static_cast<std::size_t>(source.source)]] =
        time_source_json(source, clock.belief.time);
  if (const auto& reading = clock.signed_time)
    object["sources"]["alms"] = {{"name", "signed by ALMS for this boot"},
                                 {"utc", rfc3339(reading->says)},
                                 {"age_ms", reading->age.count()},
                                 {"difference_s", (reading->says - clock.belief.time).count()}};
  return object;
}

}  // namespace

bool in_service(const core::Status& status) {
  using core::Capability;
  const auto served = core::grant(status.lifecycle, status.blocked, Capability::service_task);
  return served == core::Grant::yes && status.phase == core::LinkPhase::online &&
         status.uplink == core::Uplink::oobm && status.dates_ok;
}

std::string status_json(const core::Status& status, const hal::RadioFacts& facts,
                        core::BootTime now, const hal::RecoveryView* recovery) {
  using core::Capability;
  const auto served = core::grant(status.lifecycle, status.blocked, Capability::service_task);
  Json object{{"schema", status_schema},
              {"at_ms", now.since_boot.count()},
              {"in_service", in_service(status)},
              {"entitled", served == core::Grant::yes},
              {"blocked", status.blocked},
              {"verdict", reason_json(status.verdict)},
              {"lifecycle", lifecycle_json(status)},
              {"router", router_json(status)},
              {"alms", alms_json(status)}};
  if (status.entitlement)
    object["entitlement"] = entitlement_json(*status.entitlement, status.days_left);
  object["time"] = time_json(status.clock);
  object["link"] = link_json(status);
  object["radio"] = radio_json(status.radio);
  add_radio_facts(object["radio"], facts, now);
  if (recovery != nullptr) object["radio"]["recovery"] = recovery_json(*recovery, now);
  object["wan"] = wan_json(status.wan);
  object["usage"] = usage_json(status);
  if (!status.storage_fault.empty()) object["storage_fault"] = status.storage_fault;
  object["store"] = {{"generation", status.store_generation},
                     {"commits_this_run", status.store_commits}};
  object["reboots_left"] = status.reboots_left;
  object["entitlement_request_open"] = status.request_open;
  object["outbox_items"] = status.outbox_items;
  if (status.last_task) object["last_task"] = task_json(*status.last_task);
  object["counters"] = {{"ignored_events", status.ignored_events},
                        {"retained_tasks", status.retained_tasks},
                        {"unreadable_tasks", status.unreadable_tasks},
                        {"refused_statements", status.refused_statements},
                        {"dropped_reports", status.drops.reports},
                        {"dropped_heartbeats", status.drops.heartbeats},
                        {"dropped_telemetry", status.drops.telemetry}};
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace oobm::daemon
