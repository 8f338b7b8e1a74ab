#include "agent/daemon/control_protocol.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

namespace oobm::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t max_echo_bytes = 40;  // of a client's text in an error

std::unexpected<ControlError> bad_request(std::string sentence) {
  return std::unexpected(ControlError{"BAD_REQUEST", std::move(sentence)});
}

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  shown += text.substr(0, max_echo_bytes);
  return shown += text.size() > max_echo_bytes ? "...\"" : "\"";
}

// The first member that is neither "cmd" nor one of `allowed`.
std::optional<std::string> unknown_member(const json& request,
                                          std::span<const std::string_view> allowed) {
  for (const auto& [key, value] : request.items())
    if (key != "cmd" && !std::ranges::contains(allowed, std::string_view(key))) return key;
  return std::nullopt;
}

std::expected<ControlRequest, ControlError> parse_events(const json& request) {
  EventsRequest events;
  if (const auto follow = request.find("follow"); follow != request.end()) {
    if (!follow->is_boolean()) return bad_request("\"follow\" must be true or false");
    events.follow = follow->get<bool>();
  }
  if (const auto last = request.find("last"); last != request.end()) {
    const auto* count = last->get_ptr<const std::uint64_t*>();
    if (count == nullptr || *count > event_log_capacity)
      return bad_request("\"last\" must be a whole number from 0 to " +
                         std::to_string(event_log_capacity));
    events.last = static_cast<std::uint32_t>(*count);
  }
  return events;
}

std::expected<ControlRequest, ControlError> parse_at(const json& request) {
  AtRequest at;
  const auto command = request.find("command");
  const auto* text = command == request.end() ? nullptr : command->get_ptr<const std::string*>();
  if (text == nullptr) return bad_request("\"command\" is missing or not a text");
  at.command = *text;
  if (const auto force = request.find("force"); force != request.end()) {
    if (!force->is_boolean()) return bad_request("\"force\" must be true or false");
    at.force = force->get<bool>();
  }
  return at;
}

template <IdentityRequest::Action action>
std::expected<ControlRequest, ControlError> parse_identity(const json& request) {
  IdentityRequest identity{.action = action};
  if (action != IdentityRequest::Action::install) return identity;
  const auto text = request.find("certificate");
  const auto* pem = text == request.end() ? nullptr : text->get_ptr<const std::string*>();
  if (pem == nullptr) return bad_request("\"certificate\" is missing or not a text");
  identity.certificate = *pem;
  return identity;
}

template <RecordRequest::Action action>
std::expected<ControlRequest, ControlError> parse_record(const json&) {
  return RecordRequest{.action = action};
}

template <RecordRequest::Action action>
std::expected<ControlRequest, ControlError> parse_import(const json& request) {
  const auto found = request.find("statement");
  const auto* text = found == request.end() ? nullptr : found->get_ptr<const std::string*>();
  if (text == nullptr) return bad_request("\"statement\" is missing or not a text");
  return RecordRequest{.action = action, .statement = *text};
}

std::expected<ControlRequest, ControlError> parse_fetch(const json& request) {
  FetchRequest fetch;
  const std::pair<const char*, std::string*> texts[] = {
      {"url", &fetch.url}, {"sha256", &fetch.sha256}, {"name", &fetch.name}};
  for (const auto& [name, value] : texts) {
    const auto found = request.find(name);
    const auto* text = found == request.end() ? nullptr : found->get_ptr<const std::string*>();
    if (text == nullptr) return bad_request(in_quotes(name) + " is missing or not a text");
    *value = *text;
  }
  if (const auto size = request.find("size"); size != request.end()) {
    const auto* bytes = size->get_ptr<const std::uint64_t*>();
    if (bytes == nullptr) return bad_request("\"size\" must be a whole number of bytes");
    fetch.size = *bytes;
  }
  return fetch;
}

std::expected<ControlRequest, ControlError> parse_transfers(const json& request) {
  TransfersRequest transfers;
  if (const auto cancel = request.find("cancel"); cancel != request.end()) {
    if (!cancel->is_boolean()) return bad_request("\"cancel\" must be true or false");
    transfers.cancel = cancel->get<bool>();
  }
  return transfers;
}

template <class T>
std::expected<ControlRequest, ControlError> parse_bare(const json&) {
  return T{};
}

constexpr std::array<std::string_view, 2> at_members{"command", "force"};
constexpr std::array<std::string_view, 1> install_members{"certificate"};
constexpr std::array<std::string_view, 2> events_members{"last", "follow"};
constexpr std::array<std::string_view, 4> fetch_members{"url", "sha256", "name", "size"};
constexpr std::array<std::string_view, 1> transfers_members{"cancel"};
constexpr std::array<std::string_view, 1> import_members{"statement"};
using Record = RecordRequest::Action;

struct Command {
  std::string_view name;
  std::span<const std::string_view> members;
  std::expected<ControlRequest, ControlError> (*parse)(const json&);
};
constexpr std::array commands{
    Command{"at", at_members, parse_at},
    Command{"entitlement_import", import_members, parse_import<Record::entitlement_import>},
    Command{"entitlement_request", {}, parse_record<Record::entitlement_request>},
    Command{"events", events_members, parse_events},
    Command{"fetch", fetch_members, parse_fetch},
    Command{"identity", {}, parse_identity<IdentityRequest::Action::show>},
    Command{"identity_csr", {}, parse_identity<IdentityRequest::Action::csr>},
    Command{"identity_install", install_members, parse_identity<IdentityRequest::Action::install>},
    Command{"install", {}, parse_bare<InstallRequest>},
    Command{"state", {}, parse_record<Record::state>},
    Command{"status", {}, parse_bare<StatusRequest>},
    Command{"support_bundle", {}, parse_record<Record::support_bundle>},
    Command{"sync", {}, parse_bare<SyncRequest>},
    Command{"transfers", transfers_members, parse_transfers},
    Command{"trust_import", import_members, parse_import<Record::trust_import>},
    Command{"version", {}, parse_bare<VersionRequest>},
};

std::string line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

std::expected<ControlRequest, ControlError> parse_request(std::string_view text) {
  // The parser takes a NUL for the end of its input, and would obey what stands before it.
  const json request = text.contains('\0') ? json() : json::parse(text, nullptr, false);
  if (!request.is_object()) return bad_request("a request is one JSON object on one line");
  const auto cmd = request.find("cmd");
  const auto* name = cmd == request.end() ? nullptr : cmd->get_ptr<const std::string*>();
  if (name == nullptr) return bad_request("\"cmd\" is missing or not a text");
  const auto* command = std::ranges::find(commands, *name, &Command::name);
  if (command == commands.end()) {
    std::string known;
    for (const auto& row : commands) known.append(known.empty() ? "" : ", ").append(row.name);
    return std::unexpected(
        ControlError{"UNKNOWN_COMMAND", in_quotes(*name) + " is no command; there are: " + known});
  }
  if (const auto member = unknown_member(request, command->members))
    return bad_request(in_quotes(*member) + " is no member of the command \"" + *name + "\"");
  return command->parse(request);
}

std::string status_reply(std::string_view status_json) {
  std::string reply = R"({"ok":true,"status":)";
  return reply.append(status_json).append("}\n");
}

std::string sync_reply(core::BootTime accepted_at) {
  return line({{"ok", true}, {"at_ms", accepted_at.since_boot.count()}});
}

std::string at_reply(const AtReply& reply) {
  return line({{"ok", true},
               {"answer", {{"ok", reply.ok}, {"result", reply.result}, {"lines", reply.lines}}}});
}

std::string identity_reply(std::string_view identity_json) {
  std::string reply = R"({"ok":true,"identity":)";
  return reply.append(identity_json).append("}\n");
}

std::string events_reply(std::uint64_t dropped) {
  return line({{"ok", true}, {"dropped", dropped}});
}

std::string version_reply(std::string_view version) {
  return line({{"ok", true}, {"version", version}});
}

std::string fetch_reply(std::uint64_t id) { return line({{"ok", true}, {"id", id}}); }

std::string record_reply(std::string_view record_json) {
  std::string reply = R"({"ok":true,"record":)";
  return reply.append(record_json).append("}\n");
}

std::string transfers_reply(std::string_view list_json) {
  std::string reply = R"({"ok":true,"transfers":)";
  return reply.append(list_json).append("}\n");
}

std::string install_reply(std::string_view install_json) {
  std::string reply = R"({"ok":true,"install":)";
  return reply.append(install_json).append("}\n");
}

std::string error_reply(const ControlError& error) {
  return line({{"ok", false}, {"code", error.code}, {"error", error.sentence}});
}

std::string waiting_reply(std::string_view sentence, std::int64_t left_s) {
  return line(
      {{"ok", false}, {"code", "WAITING_AFTER_CRASH"}, {"error", sentence}, {"left_s", left_s}});
}

std::string event_line(const EventRecord& record) {
  return R"({"event":)" + to_json(record) + "}\n";
}

std::string end_line() { return "{\"end\":true}\n"; }

}  // namespace oobm::daemon
