#include "agent/daemon/recovery_memory.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "agent/daemon/private_folder.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t longest_ms = 100LL * 365 * 86'400'000;  // no clock of ours runs longer

std::optional<core::Duration> duration(const Json& node) {
  if (!node.is_number_integer()) return std::nullopt;
  const auto ms = node.get<std::int64_t>();
  if (ms > longest_ms || ms < -longest_ms) return std::nullopt;
  return core::Duration(ms);
}

std::optional<core::Duration> duration(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::nullopt : duration(*found);
}

std::optional<hal::BudgetMemory::Step> step_from(const Json& object) {
  const auto taken = object.is_object() ? object.find("taken_ms") : object.end();
  const auto pause = object.is_object() ? duration(object, "pause_ms") : std::nullopt;
  if (!pause || taken == object.end() || !taken->is_array() ||
      taken->size() > hal::most_steps_per_day)
    return std::nullopt;
  hal::BudgetMemory::Step step{.pause = *pause, .taken = {}};
  for (const auto& node : *taken) {
    const auto at = duration(node);
    if (!at) return std::nullopt;
    step.taken.push_back(*at);
  }
  return step;
}

}  // namespace

std::string to_json(const hal::BudgetMemory& memory) {
  Json steps = Json::object();
  for (const auto& row : hal::step_rules()) {
    const auto& step = memory.steps[std::to_underlying(row.step)];
    Json taken = Json::array();
    for (const auto at : step.taken) taken.push_back(at.count());
    steps[row.name] = {{"pause_ms", step.pause.count()}, {"taken_ms", std::move(taken)}};
  }
  return Json{{"boot_id", memory.boot_id},
              {"at_ms", memory.at.since_boot.count()},
              {"counted_ms", memory.counted.count()},
              {"steps", std::move(steps)}}
      .dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::optional<hal::BudgetMemory> recovery_from_json(std::string_view json) {
  const auto root = Json::parse(json, nullptr, false);
  if (!root.is_object()) return std::nullopt;
  const auto boot = root.find("boot_id");
  const auto at = duration(root, "at_ms");
  const auto counted = duration(root, "counted_ms");
  const auto steps = root.find("steps");
  if (boot == root.end() || !boot->is_string() || !at || !counted || steps == root.end() ||
      !steps->is_object())
    return std::nullopt;
  hal::BudgetMemory memory{
      .boot_id = boot->get<std::string>(), .at = {*at}, .counted = *counted, .steps = {}};
  for (const auto& row : hal::step_rules()) {
    const auto node = steps->find(row.name);
    // A step that this version has and the one before did not was never taken.
    if (node == steps->end()) continue;
    auto step = step_from(*node);
    if (!step) return std::nullopt;
    memory.steps[std::to_underlying(row.step)] = *std::move(step);
  }
  return memory;
}

RecoveryMemory::RecoveryMemory(const std::string& state_folder)
    : slots_(private_folder(state_folder, recovery_folder), recovery_schema) {}

std::optional<hal::BudgetMemory> RecoveryMemory::load(core::BootTime now) {
  auto stored = slots_.load();
  remarks_ = std::move(stored.remarks);
  if (stored.outcome == store::LoadOutcome::empty) return std::nullopt;
  if (stored.outcome == store::LoadOutcome::newer_schema) slots_.begin_anew();
  auto memory = recovery_from_json(stored.payload);
  if (memory) return memory;
  remarks_.emplace_back(
      "what was done to the radio lately cannot be read; each step of its recovery may be taken "
      "once in the coming day");
  return hal::Budget::nearly_spent(now);
}

std::expected<void, std::string> RecoveryMemory::save(const hal::BudgetMemory& memory) {
  const auto stored = slots_.commit(to_json(memory));
  if (!stored) return std::unexpected(stored.error().sentence);
  return {};
}

}  // namespace oobm::daemon
