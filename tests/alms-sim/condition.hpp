// What a script may wait for, so that it need not poll:
//   announced             the router has announced itself (with fresh: from now on)
//   answered:CODE         the last answer to it was PENDING, ACCEPTED or this refusal code
//   state:STATE           ALMS holds the system in this state
//   data:ID[=VALUE]       the router has reported ID (as VALUE; with fresh: from now on)
//   ack:UID[=OK|=ERROR]   the task has been acknowledged (so)
//   sent:UID              the broker has taken the task
#pragma once

#include <optional>
#include <string>

#include "tests/alms-sim/error.hpp"
#include "tests/alms-sim/model.hpp"

namespace oobm::alms_sim {

enum class ConditionKind : std::uint8_t { announced, answered, state, data, ack, sent };

struct Condition {
  ConditionKind kind = ConditionKind::announced;
  std::string serial;
  std::string name;           // code, state, data id or uid
  std::string value;          // empty: any
  std::int64_t since_ms = 0;  // older data and announcements do not count
};

// Errors: BAD_CONDITION.
Result<Condition> parse_condition(const std::string& serial, const std::string& text);

// What fulfils it; nothing while it does not hold.
std::optional<Json> fulfilled(const Condition& condition, const World& world);

}  // namespace oobm::alms_sim
