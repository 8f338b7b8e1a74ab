// The life of a router's subscription. Every move it can make is a row of one table, which names
// the state, the trigger, a guard, the next state, an action and the reason shown to people; what
// has no row does not happen, and is counted. docs/lifecycle.md is made from the table.
//
// Triggers are signed statements and trusted time, nothing else: a lost network, a refused login
// and a silent server are conditions of the link. Blocked is no state either; it is computed, lies
// over the stored state and leaves it as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "agent/core/reason.hpp"
#include "agent/core/statement.hpp"

namespace oobm::core {

enum class Lifecycle : std::uint8_t {
  unregistered,  // no account known
  inventory,     // registered, waits for a purchase order or an operator
  activating,    // ordered to activate; the path over the OOBM radio is not yet proven
  active,        // in service
  grace,         // past the end of the paid term, still served
  suspended,     // by ALMS, or lapsed after term and grace
  retired,       // terminated for good
};

std::string_view to_text(Lifecycle state);
std::optional<Lifecycle> lifecycle_from_text(std::string_view text);
std::span<const Lifecycle> all_lifecycles();

enum class Trigger : std::uint8_t {
  stated_inventory,     // accepted entitlement, state INVENTORY
  stated_active,        // ... ACTIVE or TEST_READY
  stated_suspended,     // ... SUSPENDED
  stated_retired,       // ... RETIRED
  stated_deregistered,  // accepted deregistration
  path_proven,          // an MQTT session ran over the OOBM interface
  term_ended,           // trusted time, level network or better, is past the end of the term
  grace_ended,  // trusted time, level agreed or better (or the floor), is past term and grace
  term_runs,    // trusted time is before the end of the term
};

std::string_view to_text(Trigger trigger);
std::span<const Trigger> all_triggers();
Trigger trigger_for(AlmsState state);

enum class Guard : std::uint8_t {
  always,
  proven,  // this registration's path over the OOBM radio was proven before
  unproven,
  lapsed_proven,    // suspended by the passing of time, path proven before
  lapsed_unproven,  // suspended by the passing of time, path never proven
  ended,            // the term that the statement names is already past
  over,             // the term that the statement names is past, and its grace too
};

std::string_view to_text(Guard guard);

// What a transition sets in motion, beside storing the new state and reporting it.
enum class Action : std::uint8_t {
  none,
  begin_activation,  // radio on, bearer up, prove the path
  enter_service,     // bearer on, telemetry
  withdraw_service,  // bearer off but for probes, no service
  forget,            // drop the entitlement
};

std::string_view to_text(Action action);

struct Transition {
  Lifecycle from;
  Trigger on;
  Guard guard;
  Lifecycle to;
  Action action;
  Reason reason;
};

struct GuardFacts {
  bool proven = false;
  bool lapsed = false;
  bool ended = false;
  bool over = false;
};

std::span<const Transition> transitions();

// The first row that applies, or nothing.
const Transition* find_transition(Lifecycle from, Trigger on, const GuardFacts& facts);

}  // namespace oobm::core
