// The language of the control socket: one JSON object per line in each direction. Requests:
//   {"cmd":"status"}
//   {"cmd":"sync"}
//   {"cmd":"at","command":"AT+CSQ","force":true|false}
//   {"cmd":"events","last":N,"follow":true|false}
//   {"cmd":"identity"}, {"cmd":"identity_csr"}, {"cmd":"identity_install","certificate":"PEM"}
//   {"cmd":"version"}
//   {"cmd":"entitlement_request"}, {"cmd":"state"}, {"cmd":"support_bundle"}
//   {"cmd":"entitlement_import","statement":"JWS"}, {"cmd":"trust_import","statement":"JWS"}
//   {"cmd":"fetch","url":"https://...","sha256":"...","name":"...","size":N}
//   {"cmd":"transfers","cancel":true|false}
//   {"cmd":"install"}
// Replies: {"ok":true,...} or {"ok":false,"code":"...","error":"..."}. After the reply to `events`
// come {"event":{...}} lines: the last N events, then, with follow, each new one; without follow a
// closing {"end":true}. Unknown commands and members are refused by name. docs/cli.md describes
// every member.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/core/time.hpp"
#include "agent/daemon/event_log.hpp"

namespace oobm::daemon {

inline constexpr std::size_t max_control_line_bytes =
    16 * 1024;  // of a request, line feed included

struct StatusRequest {};
struct SyncRequest {};
struct EventsRequest {
  std::uint32_t last = event_log_capacity;  // how many old events first
  bool follow = false;
};
struct VersionRequest {};
// A technician's AT command for the OOBM module, not yet checked.
struct AtRequest {
  std::string command;
  bool force = false;
};
// The router's own certificate: what it is, a request for a new one, or a new one (PEM).
struct IdentityRequest {
  enum class Action : std::uint8_t { show, csr, install };
  Action action = Action::show;
  std::string certificate{};
};
// A file to be fetched, not yet checked.
struct FetchRequest {
  std::string url;
  std::string sha256;
  std::string name;
  std::uint64_t size = 0;  // bytes; 0: not known
};
struct TransfersRequest {
  bool cancel = false;
};
struct InstallRequest {};
// What a technician takes away, or brings: agent/daemon/records.hpp.
struct RecordRequest {
  enum class Action : std::uint8_t {
    entitlement_request,
    entitlement_import,
    trust_import,
    state,
    support_bundle,
  };
  Action action = Action::state;
  std::string statement{};  // of an import
};
using ControlRequest =
    std::variant<StatusRequest, SyncRequest, EventsRequest, VersionRequest, AtRequest,
                 IdentityRequest, FetchRequest, TransfersRequest, InstallRequest, RecordRequest>;

// What the module answered, unmasked; it goes to the one who asked and nowhere else.
struct AtReply {
  bool ok = false;     // the final result code is OK
  std::string result;  // that code
  std::vector<std::string> lines;
};

// `code` is stable: BAD_REQUEST, UNKNOWN_COMMAND, LINE_TOO_LONG, TOO_MANY_CLIENTS,
// WAITING_AFTER_CRASH, IDENTITY_REFUSED, a reason's code, one of the hardware layer's, or one of
// the transfers'.
struct ControlError {
  std::string code;
  std::string sentence;
};

std::expected<ControlRequest, ControlError> parse_request(std::string_view line);

// Complete lines, line feed included.
std::string status_reply(std::string_view status_json);  // {"ok":true,"status":{...}}
std::string sync_reply(core::BootTime accepted_at);      // {"ok":true,"at_ms":...}
std::string at_reply(
    const AtReply& reply);  // {"ok":true,"answer":{"ok":...,"result":...,"lines":[...]}}
std::string identity_reply(std::string_view identity_json);  // {"ok":true,"identity":{...}}
std::string events_reply(std::uint64_t dropped);             // {"ok":true,"dropped":...}
std::string version_reply(std::string_view version);         // {"ok":true,"version":"..."}
std::string record_reply(std::string_view record_json);      // {"ok":true,"record":{...}}
std::string fetch_reply(std::uint64_t id);                   // {"ok":true,"id":...}
std::string transfers_reply(std::string_view list_json);     // {"ok":true,"transfers":[...]}
std::string install_reply(std::string_view install_json);    // {"ok":true,"install":{...}}
std::string error_reply(const ControlError& error);          // {"ok":false,...}
// {"ok":false,"code":"WAITING_AFTER_CRASH","error":"...","left_s":...}
std::string waiting_reply(std::string_view sentence, std::int64_t left_s);
std::string event_line(const EventRecord& record);  // {"event":{...}}
std::string end_line();                             // {"end":true}

}  // namespace oobm::daemon
