// Tasks: what ALMS asks of the router, as values. A task has a uid; each uid is carried out at most
// once. Statements arrive inside commands, already verified or refused by agent/alms.
// Wire form: AirVantage MQTT API,
// https://source.sierrawireless.com/airvantage/av/reference/hardware/protocols/mqtt-av
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/reason.hpp"
#include "agent/core/statement.hpp"

namespace oobm::core {

// A value of the AirVantage data types that this agent uses. `Date` is milliseconds since 1970.
struct Date {
  std::int64_t milliseconds = 0;
  friend bool operator==(const Date&, const Date&) = default;
};
using Value = std::variant<bool, std::int32_t, double, std::string, Date>;

// A statement as it came: verified, or the reason why it is not believed.
using StatementResult = std::expected<SignedStatement, Refusal>;

// oobm.register_result: the answer to an announcement.
struct RegisterResult {
  enum class Outcome : std::uint8_t { accepted, pending, refused };
  Outcome outcome = Outcome::pending;
  std::string code;                  // refusal code, as ALMS wrote it
  std::string text;                  // for people, as ALMS wrote it; at most 200 characters
  std::optional<std::string> nonce;  // the announcement's nonce
  std::optional<StatementResult> entitlement;
};

struct Entitle {
  StatementResult entitlement;
};  // oobm.entitle
struct Deregister {
  StatementResult statement;
};  // oobm.deregister
struct TrustUpdate {
  StatementResult statement;
};  // oobm.trust_update
struct SyncTask {};    // oobm.sync
struct Reboot {};      // oobm.reboot
struct ResetRadio {};  // oobm.reset_radio
struct Diagnose {};    // oobm.diagnose
struct SendSupportBundle {
  std::string url;  // where it is to be put
};  // oobm.send_support_bundle
struct ReadData {
  std::vector<std::string> ids;
};  // read
struct WriteSettings {
  std::map<std::string, Value> settings;
};  // write
struct SoftwareInstall {
  std::string type, revision, url;
};  // swinstall
// A verb, command or parameter that cannot be carried out: answered with an ERROR, never silence.
struct BadTask {
  Refusal refusal;
};

using TaskBody =
    std::variant<RegisterResult, Entitle, Deregister, TrustUpdate, SyncTask, Reboot, ResetRadio,
                 Diagnose, SendSupportBundle, ReadData, WriteSettings, SoftwareInstall, BadTask>;

struct Task {
  std::string uid;  // 1 to 64 characters
  TaskBody body;
  // When ALMS made it, in milliseconds of ALMS's own clock; 0: it does not say. Compared with
  // other tasks' alone, never with the time of this router.
  std::uint64_t issued_ms = 0;
};

// Lifecycle tasks are served in every state but Blocked; all others only in service.
bool is_lifecycle_task(const TaskBody& body);
bool is_lifecycle_task(std::string_view task_name);
// Running it twice does no harm, so it is run also where that it was begun cannot be stored.
bool is_idempotent(const TaskBody& body);
// The short name shown in logs and kept in the ledger ("entitle", "reboot", ...).
std::string_view task_name(const TaskBody& body);

// An acknowledgement ({serial}/acks/json). An ERROR message is "CODE: words".
struct Ack {
  std::string uid;
  bool ok = true;
  std::string message;  // at most 240 characters
  friend bool operator==(const Ack&, const Ack&) = default;
};

}  // namespace oobm::core
