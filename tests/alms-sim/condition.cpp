#include "tests/alms-sim/condition.hpp"

#include <algorithm>
#include <string_view>

namespace oobm::alms_sim {
namespace {

struct KindRow {
  std::string_view word;
  ConditionKind kind;
  bool needs_name;
};

constexpr KindRow kinds[] = {
    {"announced", ConditionKind::announced, false},
    {"answered", ConditionKind::answered, true},
    {"state", ConditionKind::state, true},
    {"data", ConditionKind::data, true},
    {"ack", ConditionKind::ack, true},
    {"sent", ConditionKind::sent, true},
};

bool same(const Json& value, const std::string& text) {
  return value.is_string() ? value.get<std::string>() == text : value.dump() == text;
}

std::optional<Json> fulfilled_by(const Condition& condition, const Router& router) {
  switch (condition.kind) {
    case ConditionKind::announced:
      if (router.announcements == 0 || router.announced_ms < condition.since_ms) break;
      return Json{{"announcements", router.announcements}, {"identity", router.identity}};
    case ConditionKind::answered:
      if (router.last_answer != condition.name) break;
      return Json{{"answer", router.last_answer}};
    default:
      const auto datum = router.data.find(condition.name);
      if (datum == router.data.end() || datum->second.received_ms < condition.since_ms) break;
      if (!condition.value.empty() && !same(datum->second.value, condition.value)) break;
      return Json{{"id", condition.name}, {"value", datum->second.value}};
  }
  return std::nullopt;
}

std::optional<Json> fulfilled_by(const Condition& condition, const Task& task) {
  if (task.uid != condition.name || task.serial != condition.serial) return std::nullopt;
  if (condition.kind == ConditionKind::sent) {
    return task.sent ? std::optional(as_json(task)) : std::nullopt;
  }
  if (task.acks.empty()) return std::nullopt;
  if (!condition.value.empty() && task.acks.back().status != condition.value) return std::nullopt;
  return as_json(task);
}

std::optional<Json> fulfilled_by(const Condition& condition, const System& system) {
  if (to_text(system.state) != condition.name) return std::nullopt;
  return as_json(system);
}

}  // namespace

Result<Condition> parse_condition(const std::string& serial, const std::string& text) {
  const auto colon = text.find(':');
  const std::string word = text.substr(0, colon);
  const auto row = std::ranges::find(kinds, word, &KindRow::word);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  if (row == std::end(kinds) || rest.empty() == row->needs_name) {
    return fail("BAD_CONDITION", "\"" + text +
                                     "\" is no condition: use announced, answered:CODE, "
                                     "state:STATE, data:ID[=VALUE], ack:UID[=OK] or sent:UID.");
  }
  const auto equals = rest.find('=');
  const std::string value = equals == std::string::npos ? "" : rest.substr(equals + 1);
  return Condition{row->kind, serial, rest.substr(0, equals), value, 0};
}

std::optional<Json> fulfilled(const Condition& condition, const World& world) {
  const bool about_task =
      condition.kind == ConditionKind::ack || condition.kind == ConditionKind::sent;
  if (about_task) {
    for (const Task& task : world.tasks) {
      if (auto found = fulfilled_by(condition, task)) return found;
    }
    return std::nullopt;
  }
  if (condition.kind == ConditionKind::state) {
    const auto system = world.systems.find(condition.serial);
    return system == world.systems.end() ? std::nullopt : fulfilled_by(condition, system->second);
  }
  const auto router = world.routers.find(condition.serial);
  return router == world.routers.end() ? std::nullopt : fulfilled_by(condition, router->second);
}

}  // namespace oobm::alms_sim
