// All that survives a reboot, in one value: committed as one document, so that "task done" and
// "result queued" cannot come apart. Bounds are named here.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/lifecycle.hpp"
#include "agent/core/message.hpp"
#include "agent/core/reboot_budget.hpp"
#include "agent/core/statement.hpp"
#include "agent/core/task.hpp"
#include "agent/core/usage.hpp"

namespace oobm::core {

inline constexpr std::size_t max_ledger_records = 64;
inline constexpr std::size_t max_outbox_items = 64;
inline constexpr std::size_t max_superseded = 8;

// One task uid that was seen. `started` is stored before the task runs.
struct TaskRecord {
  enum class Status : std::uint8_t { started, done };
  std::string uid;
  std::string name;  // task_name()
  Status status = Status::started;
  std::string boot_id;          // boot in which it was started
  Ack ack{};                    // when done
  std::uint64_t issued_ms = 0;  // Task::issued_ms
  friend bool operator==(const TaskRecord&, const TaskRecord&) = default;
};

struct OutboxItem {
  std::uint64_t id = 0;  // rises
  DurableMessage message;
  std::optional<UnixTime> at;
  friend bool operator==(const OutboxItem&, const OutboxItem&) = default;
};

// Settings that ALMS may write, in seconds; bounds in agent/core/settings.hpp.
struct Settings {
  std::int32_t heartbeat_period_s = 3600;
  std::int32_t telemetry_period_s = 900;
  friend bool operator==(const Settings&, const Settings&) = default;
};

struct HeldEntitlement {
  std::string text;  // as signed; verified again at every start
  Entitlement claims;
  friend bool operator==(const HeldEntitlement&, const HeldEntitlement&) = default;
};

struct HeldTrust {
  std::string text;
  TrustSet claims;
  friend bool operator==(const HeldTrust&, const HeldTrust&) = default;
};

// The nonce of a request that a person carries to ALMS, good for one answer. It is kept, unlike an
// announcement's, since days and restarts may pass until the answer is brought.
struct CarriedRequest {
  std::string nonce;
  std::string boot_id;  // boot in which it was made
  BootTime at;          // ... and when in it
  friend bool operator==(const CarriedRequest&, const CarriedRequest&) = default;
};

struct State {
  Lifecycle lifecycle = Lifecycle::unregistered;
  Reason reason = Reason::never_registered;
  std::string reason_detail;      // at most 200 characters
  std::optional<UnixTime> since;  // trusted time of the last change, where it was known
  bool test = false;              // TEST_READY
  bool path_proven = false;       // in this registration
  std::optional<HeldEntitlement> entitlement;
  std::optional<HeldTrust> trust;  // newer than the one shipped
  std::optional<RegistrationMemory> registration;
  std::vector<std::string> superseded;  // oldest first
  UnixTime time_floor;
  std::optional<Imei> first_imei;  // the first ever read, where factory data has none
  int last_notice_days = 0;        // 0: none given in this term
  Settings settings;
  UsageLedger usage;              // as last stored; the agent's own is newer
  std::deque<TaskRecord> ledger;  // oldest first
  // The newest service task that the ledger has forgotten, as Task::issued_ms; 0: none yet. What
  // is no newer cannot be told from one that was carried out.
  std::uint64_t ledger_horizon_ms = 0;
  std::vector<RebootStamp> reboots;  // by command, lately; oldest first
  std::optional<CarriedRequest> request;
  std::deque<OutboxItem> outbox;  // oldest first
  std::uint64_t next_outbox_id = 1;
  friend bool operator==(const State&, const State&) = default;
};

}  // namespace oobm::core
