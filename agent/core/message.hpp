// What the router says to ALMS, as values; agent/alms gives them their wire form and knows the data
// ids. Acks, lifecycle and activation reports are durable: they wait in the outbox, in order, until
// the broker has acknowledged them. So do reports of abnormal ends. The rest may be lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/lifecycle.hpp"
#include "agent/core/radio.hpp"
#include "agent/core/region.hpp"
#include "agent/core/task.hpp"
#include "agent/core/time.hpp"

namespace oobm::core {

struct Announcement {
  RouterIdentity identity;
  std::optional<Iccid> iccid;
  std::string agent_version;
  std::string nonce;
  std::uint64_t entitlement_sequence = 0;  // 0: none held
};

struct LifecycleReport {
  Lifecycle state = Lifecycle::unregistered;
  Reason reason = Reason::none;
  std::optional<UnixTime> since;
  std::optional<UnixTime> valid_until;
  friend bool operator==(const LifecycleReport&, const LifecycleReport&) = default;
};

// The outcome of an activation: proof, or the layer that failed.
struct ActivationReport {
  bool proven = false;
  Reason fault = Reason::none;
  std::string detail;  // at most 200 characters
  std::string interface;
  std::string address;
  std::string imei;
  std::string iccid;
  std::string operator_name;
  std::string technology;
  std::optional<double> rsrp_dbm;
  std::int32_t seconds_taken = 0;
  friend bool operator==(const ActivationReport&, const ActivationReport&) = default;
};

// An earlier run of the agent ended otherwise than in good order.
struct ExitReport {
  std::string cause;          // "signal 11", "status 3", "hung"
  std::int32_t in_a_row = 1;  // abnormal ends, this one included
  std::int32_t seconds_ran = 0;
  friend bool operator==(const ExitReport&, const ExitReport&) = default;
};

// Of the OOBM uplink, on the wire, in this billing period.
struct Usage {
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::optional<std::uint64_t> allowance_bytes;
};

struct Heartbeat {
  Lifecycle state = Lifecycle::unregistered;
  std::chrono::seconds uptime{0};
};

struct Telemetry {
  RadioView radio;
  WanView wan;
  Usage usage;
};

// Answer to a `read` task: the current values of these data ids, unknown ids left out.
struct ReadAnswer {
  std::vector<std::string> ids;  // at most 64
  Telemetry telemetry;
  LifecycleReport lifecycle;
  std::map<std::string, Value> settings;  // current values, by data id
};

using DurableMessage = std::variant<Ack, LifecycleReport, ActivationReport, ExitReport>;
using Message = std::variant<Ack, LifecycleReport, ActivationReport, Announcement, Heartbeat,
                             Telemetry, ReadAnswer, ExitReport>;

struct Outgoing {
  Message message;
  // When it was so, in trusted time; absent where time is not known: ALMS then stamps on receipt.
  std::optional<UnixTime> at;
};

}  // namespace oobm::core
