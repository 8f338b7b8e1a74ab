#include "agent/store/state_codec.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/store/json_reader.hpp"
#include "agent/store/json_writer.hpp"

namespace oobm::store {
namespace {

using nlohmann::json;

// ---- State -> JSON
// -------------------------------------------------------------------------------

std::optional<std::int64_t> seconds(const std::optional<core::UnixTime>& time) {
  return time ? std::optional(time->seconds) : std::nullopt;
}

void write(JsonObject&& out, const core::Ack& ack) {
  out.text("uid", ack.uid).boolean("ok", ack.ok).text("message", ack.message);
}

void write(JsonObject&& out, const core::LifecycleReport& report) {
  out.text("state", core::to_text(report.state)).text("reason", core::code(report.reason));
  out.number("since", seconds(report.since)).number("valid_until", seconds(report.valid_until));
}

void write(JsonObject&& out, const core::ActivationReport& report) {
  out.boolean("proven", report.proven).text("fault", core::code(report.fault));
  out.text("detail", report.detail).text("interface", report.interface);
  out.text("address", report.address).text("imei", report.imei).text("iccid", report.iccid);
  out.text("operator", report.operator_name).text("technology", report.technology);
  out.number("seconds_taken", report.seconds_taken).real("rsrp_dbm", report.rsrp_dbm);
}

void write(JsonObject&& out, const core::ExitReport& report) {
  out.text("cause", report.cause).number("in_a_row", report.in_a_row);
  out.number("seconds_ran", report.seconds_ran);
}

const char* kind(const core::DurableMessage& message) {
  constexpr const char* kinds[] = {"ack", "lifecycle", "activation", "exit"};
  static_assert(std::variant_size_v<core::DurableMessage> == std::size(kinds));
  return kinds[message.index()];
}

void write(JsonObject&& out, const core::OutboxItem& item) {
  out.number("id", item.id).number("at", seconds(item.at));
  std::visit([&](const auto& message) { write(out.member(kind(item.message)), message); },
             item.message);
}

void write(JsonObject&& out, const core::TaskRecord& record) {
  const bool done = record.status == core::TaskRecord::Status::done;
  out.text("uid", record.uid).text("name", record.name).text("status", done ? "done" : "started");
  out.text("boot_id", record.boot_id);
  if (record.issued_ms != 0) out.number("issued_ms", record.issued_ms);
  if (done) write(out.member("ack"), record.ack);
}

void write(JsonObject&& out, const core::RebootStamp& stamp) {
  out.text("boot_id", stamp.boot_id).number("at_ms", stamp.at.since_boot.count());
  out.number("time", seconds(stamp.time));
}

void write(JsonObject&& out, const core::CarriedRequest& request) {
  out.text("nonce", request.nonce).text("boot_id", request.boot_id);
  out.number("at_ms", request.at.since_boot.count());
}

void write(JsonObject&& out, const core::RegistrationMemory& memory) {
  out.text("iss", memory.issuer).text("reg", memory.registration).number("seq", memory.sequence);
  out.text("jti", memory.last_id).text("imei", memory.imei);
}

void write(JsonObject&& out, const core::Settings& settings) {
  out.number("heartbeat_period_s", settings.heartbeat_period_s);
  out.number("telemetry_period_s", settings.telemetry_period_s);
}

constexpr const char* uplink_names[core::uplink_count] = {"oobm", "main_wan"};

std::array<std::uint64_t, 2> pair(const core::Bytes& bytes) { return {bytes.sent, bytes.received}; }

// What nothing was spent on is left out.
void write(JsonObject&& out, const core::SpentByUse& spent) {
  for (std::size_t use = 0; use < spent.size(); ++use) {
    if (spent[use] == core::Spent{}) continue;
    out.member(core::to_text(static_cast<core::Use>(use)))
        .numbers("payload", pair(spent[use].payload))
        .numbers("wire", pair(spent[use].wire));
  }
}

void write(JsonObject&& out, const core::UsageLedger& ledger) {
  out.number("notice_percent", ledger.notice_percent);
  if (ledger.period)
    out.numbers("period", std::array<std::int64_t, 2>{ledger.period->year, ledger.period->number});
  out.number("since", seconds(ledger.since));
  for (std::size_t uplink = 0; uplink < ledger.spent.size(); ++uplink)
    write(out.member(uplink_names[uplink]), ledger.spent[uplink]);
}

void write_all(JsonObject& out, const char* key, const auto& items) {
  out.each(key, items,
           [](JsonObject&& object, const auto& item) { write(std::move(object), item); });
}

std::optional<CodecError> out_of_bounds(const core::State& state) {
  const auto error = [](const char* where, std::size_t bound) {
    return CodecError{where, "more than " + std::to_string(bound) + " entries"};
  };
  if (state.ledger.size() > core::max_ledger_records)
    return error("ledger", core::max_ledger_records);
  if (state.outbox.size() > core::max_outbox_items) return error("outbox", core::max_outbox_items);
  if (state.superseded.size() > core::max_superseded)
    return error("superseded", core::max_superseded);
  if (state.reboots.size() > core::reboots_a_day) return error("reboots", core::reboots_a_day);
  return std::nullopt;
}

// ---- JSON -> State
// -------------------------------------------------------------------------------

void read(JsonReader& in, const char* key, core::Reason& reason, std::string& detail) {
  std::string code;
  in.text(key, code);
  if (code.empty()) return;
  const auto known = core::reason_from_code(code);
  reason = known.value_or(core::Reason::none);
  // A reason is for people; an older agent that does not know it must not lose its memory over it.
  if (!known) detail = "reason " + code + " is not known to this version";
}

void read(JsonReader& in, const char* key, core::Lifecycle& state) {
  std::string text;
  in.text(key, text);
  const auto known = core::lifecycle_from_text(text);
  if (known)
    state = *known;
  else
    in.fail(key, "no lifecycle state: \"" + text + "\"");
}

void read(JsonReader& in, const char* key, std::optional<core::UnixTime>& time) {
  std::optional<std::int64_t> seconds;
  in.number(key, seconds);
  if (seconds) time = core::UnixTime{*seconds};
}

void read(JsonReader in, core::Ack& ack) {
  in.text("uid", ack.uid);
  in.boolean("ok", ack.ok);
  in.text("message", ack.message);
}

void read(JsonReader in, core::LifecycleReport& report) {
  std::string ignored;
  read(in, "state", report.state);
  read(in, "reason", report.reason, ignored);
  read(in, "since", report.since);
  read(in, "valid_until", report.valid_until);
}

void read(JsonReader in, core::ActivationReport& report) {
  in.boolean("proven", report.proven);
  in.text("detail", report.detail);
  read(in, "fault", report.fault, report.detail);
  in.text("interface", report.interface);
  in.text("address", report.address);
  in.text("imei", report.imei);
  in.text("iccid", report.iccid);
  in.text("operator", report.operator_name);
  in.text("technology", report.technology);
  in.number("seconds_taken", report.seconds_taken);
  in.real("rsrp_dbm", report.rsrp_dbm);
}

void read(JsonReader in, core::ExitReport& report) {
  in.text("cause", report.cause);
  in.number("in_a_row", report.in_a_row);
  in.number("seconds_ran", report.seconds_ran);
}

template <class T>
void read_message(JsonReader in, core::DurableMessage& message) {
  read(std::move(in), message.emplace<T>());
}

void read(JsonReader in, core::OutboxItem& item) {
  in.number("id", item.id);
  read(in, "at", item.at);
  if (in.has("ack"))
    read_message<core::Ack>(in.member("ack"), item.message);
  else if (in.has("lifecycle"))
    read_message<core::LifecycleReport>(in.member("lifecycle"), item.message);
  else if (in.has("activation"))
    read_message<core::ActivationReport>(in.member("activation"), item.message);
  else if (in.has("exit"))
    read_message<core::ExitReport>(in.member("exit"), item.message);
  else
    in.fail("", "neither ack nor lifecycle nor activation nor exit");
}

void read(JsonReader in, core::TaskRecord& record) {
  std::string status;
  in.text("uid", record.uid);
  in.text("name", record.name);
  in.text("status", status);
  in.text("boot_id", record.boot_id);
  in.number("issued_ms", record.issued_ms);
  if (status != "started" && status != "done") in.fail("status", R"(neither "started" nor "done")");
  record.status =
      status == "done" ? core::TaskRecord::Status::done : core::TaskRecord::Status::started;
  if (status == "done") read(in.member("ack"), record.ack);
}

void read(const JsonReader& in, const char* key, core::BootTime& at) {
  std::int64_t milliseconds = 0;
  in.number(key, milliseconds);
  if (milliseconds < 0) in.fail(key, "before the boot");
  at.since_boot = core::Duration(milliseconds);
}

void read(JsonReader in, core::RebootStamp& stamp) {
  in.text("boot_id", stamp.boot_id);
  read(in, "at_ms", stamp.at);
  read(in, "time", stamp.time);
}

// A nonce that is empty would be answered by every statement that has none.
void read(JsonReader in, core::CarriedRequest& request) {
  in.text("nonce", request.nonce);
  in.text("boot_id", request.boot_id);
  read(in, "at_ms", request.at);
  if (request.nonce.empty()) in.fail("nonce", "missing");
}

void read(JsonReader in, core::RegistrationMemory& memory) {
  in.text("iss", memory.issuer);
  in.text("reg", memory.registration);
  in.number("seq", memory.sequence);
  in.text("jti", memory.last_id);
  in.text("imei", memory.imei);
}

void read(JsonReader in, core::Settings& settings) {
  in.number("heartbeat_period_s", settings.heartbeat_period_s);
  in.number("telemetry_period_s", settings.telemetry_period_s);
}

void read(const JsonReader& in, const char* key, core::Bytes& bytes) {
  std::vector<std::uint64_t> pair;
  in.numbers(key, 2, pair);
  if (pair.size() == 2)
    bytes = {.sent = pair[0], .received = pair[1]};
  else
    in.fail(key, "not two numbers");
}

void read(JsonReader in, core::SpentByUse& spent) {
  for (std::size_t use = 0; use < spent.size(); ++use) {
    const std::string name(core::to_text(static_cast<core::Use>(use)));
    if (!in.has(name.c_str())) continue;
    const auto row = in.member(name.c_str());
    read(row, "payload", spent[use].payload);
    read(row, "wire", spent[use].wire);
  }
}

void read_period(const JsonReader& in, std::optional<core::Month>& period) {
  if (!in.has("period")) return;
  std::vector<std::int32_t> pair;
  in.numbers("period", 2, pair);
  if (pair.size() == 2 && pair[0] >= 1970 && pair[0] <= 9999 && pair[1] >= 1 && pair[1] <= 12)
    period = core::Month{pair[0], pair[1]};
  else
    in.fail("period", "no year and month");
}

void read(JsonReader in, core::UsageLedger& ledger) {
  read_period(in, ledger.period);
  read(in, "since", ledger.since);
  in.number("notice_percent", ledger.notice_percent);
  for (std::size_t uplink = 0; uplink < ledger.spent.size(); ++uplink)
    if (in.has(uplink_names[uplink])) read(in.member(uplink_names[uplink]), ledger.spent[uplink]);
}

template <class List>
void read_all(const JsonReader& in, const char* key, List& list, std::size_t bound) {
  in.each(key, bound, [&](JsonReader item) { read(std::move(item), list.emplace_back()); });
}

void read_identity(const JsonReader& in, core::State& state) {
  std::optional<std::string> text;
  in.text("first_imei", text);
  if (!text) return;
  auto imei = core::Imei::parse(*text);
  if (imei)
    state.first_imei = std::move(*imei);
  else
    in.fail("first_imei", imei.error());
}

void read_registration(const JsonReader& in, core::State& state) {
  if (in.has("registration")) read(in.member("registration"), state.registration.emplace());
  in.texts("superseded", core::max_superseded, state.superseded);
}

// Ids say which message a broker has acknowledged: two that are equal would lose one.
void check_outbox(const JsonReader& in, const core::State& state) {
  std::uint64_t last = 0;
  for (const auto& item : state.outbox) {
    if (item.id <= last) return in.fail("outbox", "ids do not rise");
    last = item.id;
  }
  if (last >= state.next_outbox_id) in.fail("next_outbox_id", "already given to a message");
}

void read(JsonReader in, LoadedState& loaded) {
  core::State& state = loaded.state;
  read(in, "lifecycle", state.lifecycle);
  in.text("reason_detail", state.reason_detail);
  read(in, "reason", state.reason, state.reason_detail);
  read(in, "since", state.since);
  in.boolean("test", state.test);
  in.boolean("path_proven", state.path_proven);
  in.text("entitlement", loaded.entitlement_text);
  in.text("trust", loaded.trust_text);
  read_registration(in, state);
  in.number("time_floor", state.time_floor.seconds);
  read_identity(in, state);
  in.number("last_notice_days", state.last_notice_days);
  if (in.has("settings")) read(in.member("settings"), state.settings);
  if (in.has("usage")) read(in.member("usage"), state.usage);
  read_all(in, "ledger", state.ledger, core::max_ledger_records);
  in.number("ledger_horizon_ms", state.ledger_horizon_ms);
  if (in.has("reboots")) read_all(in, "reboots", state.reboots, core::reboots_a_day);
  if (in.has("request")) read(in.member("request"), state.request.emplace());
  read_all(in, "outbox", state.outbox, core::max_outbox_items);
  in.number("next_outbox_id", state.next_outbox_id);
  check_outbox(in, state);
}

}  // namespace

std::expected<std::string, CodecError> state_to_json(const core::State& state) {
  if (auto error = out_of_bounds(state)) return std::unexpected(std::move(*error));
  // A member that is added to State and forgotten here would be lost at every restart: the next
  // line stops compiling instead.
  const auto& [lifecycle, reason, reason_detail, since, test, path_proven, entitlement, trust,
               registration, superseded, time_floor, first_imei, last_notice_days, settings, usage,
               ledger, ledger_horizon_ms, reboots, request, outbox, next_outbox_id] = state;
  std::string document;
  {
    JsonObject out(document);
    out.text("lifecycle", core::to_text(lifecycle)).text("reason", core::code(reason));
    out.text("reason_detail", reason_detail).number("since", seconds(since));
    out.boolean("test", test).boolean("path_proven", path_proven);
    if (entitlement) out.text("entitlement", entitlement->text);
    if (trust) out.text("trust", trust->text);
    if (registration) write(out.member("registration"), *registration);
    out.texts("superseded", superseded).number("time_floor", time_floor.seconds);
    if (first_imei) out.text("first_imei", first_imei->str());
    out.number("last_notice_days", last_notice_days);
    write(out.member("settings"), settings);
    write(out.member("usage"), usage);
    write_all(out, "ledger", ledger);
    out.number("ledger_horizon_ms", ledger_horizon_ms);
    write_all(out, "reboots", reboots);
    if (request) write(out.member("request"), *request);
    write_all(out, "outbox", outbox);
    out.number("next_outbox_id", next_outbox_id);
  }
  return document;
}

std::expected<LoadedState, CodecError> state_from_json(std::string_view text) {
  // The parser takes a NUL for the end of its input, and would believe what stands before it.
  const bool whole = !text.contains('\0');
  const json document = whole ? json::parse(text, nullptr, false) : json();
  if (!whole || document.is_discarded()) return std::unexpected(CodecError{"", "not JSON"});
  std::optional<CodecError> error;
  LoadedState loaded;
  read(JsonReader(document, "", error), loaded);
  if (error) return std::unexpected(std::move(*error));
  return loaded;
}

}  // namespace oobm::store
