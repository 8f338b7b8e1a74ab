// What the technician sees: the whole truth of one moment, first of all which layer fails, why, and
// what to do next. Built by the core, so that the CLI cannot tell another story than the daemon
// acts on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/capability.hpp"
#include "agent/core/event.hpp"
#include "agent/core/state.hpp"
#include "agent/core/trusted_clock.hpp"
#include "agent/core/usage.hpp"

namespace oobm::core {

enum class LinkPhase : std::uint8_t {
  idle,
  waiting_for_radio,
  waiting_for_bearer,
  connecting,
  online
};
std::string_view to_text(LinkPhase phase);

// What was given up for want of room or of a session, in this run. Acknowledgements never are.
struct Drops {
  std::uint64_t reports = 0;     // of lifecycle or activation, each replaced by a newer one
  std::uint64_t heartbeats = 0;  // each replaced by a newer one, or its session ended
  std::uint64_t telemetry = 0;
};

struct Status {
  // The verdict: one reason with its sentence and next step, and the particular case.
  bool blocked = false;
  Refusal verdict;
  Lifecycle lifecycle = Lifecycle::unregistered;
  bool test = false;
  std::optional<UnixTime> since;

  std::optional<RouterIdentity> identity;  // absent while blocked by a bad identity
  BoardClaim board;                        // as the board said it
  std::string instance_id;                 // empty: none
  std::string instance_name;
  std::string portal;

  std::optional<Refusal> alms_refusal;  // what ALMS last answered, where it was no entitlement
  std::optional<Entitlement> entitlement;
  std::optional<int> days_left;  // of the term, by trusted time
  TimeBelief time;
  TimeReport clock;  // the same with its evidence

  LinkPhase phase = LinkPhase::idle;
  std::optional<Uplink> uplink;  // of the open session
  // Of ALMS's certificate in that session; false: it serves lifecycle tasks alone.
  bool dates_ok = true;
  std::optional<LinkFault> last_fault;
  std::optional<Duration> last_fault_age;
  std::optional<LinkFault> oobm_fault;  // of the OOBM uplink, not of the main WAN that stands in
  std::optional<Duration> oobm_fault_age;
  std::optional<Duration> last_contact_age;  // since ALMS last answered, in this boot
  std::optional<Duration> next_attempt_in;

  RadioView radio;
  WanView wan;
  Usage usage;
  UsageLedger ledger;              // of this billing period, all uplinks and uses
  bool allowance_used_up = false;  // what is not needed to manage the router waits
  // The OOBM uplink's wire is what its interface has counted; else it is the gate's estimate. The
  // daemon knows.
  bool wire_measured = false;

  std::string storage_fault;           // why the state cannot be stored; empty when it can
  std::uint64_t store_generation = 0;  // commits of the router's whole life
  std::uint64_t store_commits = 0;     // ... of this run
  std::size_t outbox_items = 0;
  std::optional<TaskRecord> last_task;
  std::uint64_t ignored_events = 0;  // pairs that the transition table does not name
  std::uint64_t retained_tasks = 0;
  std::uint64_t unreadable_tasks = 0;
  std::uint64_t refused_statements = 0;
  Drops drops;
  std::size_t reboots_left = 0;  // by command, today
  bool request_open = false;     // a technician's request to ALMS waits for its answer
};

}  // namespace oobm::core
