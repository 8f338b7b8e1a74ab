#include "agent/daemon/recovery_memory.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "agent/daemon/private_folder.hpp"
#include "agent/store/json_reader.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;

using store::JsonReader;

constexpr std::int64_t longest_ms = 100LL * 365 * 86'400'000;  // no clock of ours runs longer
constexpr store::Range<std::int64_t> durations{.least = -longest_ms, .most = longest_ms};

core::Duration duration(const JsonReader& in, const char* key) {
  std::int64_t ms = 0;
  in.require({key});
  in.number(key, ms, durations);
  return core::Duration(ms);
}

hal::BudgetMemory::Step step(const JsonReader& in) {
  hal::BudgetMemory::Step step{.pause = duration(in, "pause_ms"), .taken = {}};
  std::vector<std::int64_t> taken;
  in.numbers("taken_ms", hal::most_steps_per_day, taken, durations);
  for (const auto ms : taken) step.taken.emplace_back(ms);
  return step;
}

void read(const JsonReader& in, hal::BudgetMemory& memory) {
  in.require({"boot_id"});
  in.text("boot_id", memory.boot_id);
  memory.at = {duration(in, "at_ms")};
  memory.counted = duration(in, "counted_ms");
  const auto steps = in.member("steps");
  for (const auto& row : hal::step_rules()) {
    const std::string name(row.name);
    // A step that this version has and the one before did not was never taken.
    if (steps.has(name.c_str()))
      memory.steps[std::to_underlying(row.step)] = step(steps.member(name.c_str()));
  }
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
  return store::one_line({{"boot_id", memory.boot_id},
                          {"at_ms", memory.at.since_boot.count()},
                          {"counted_ms", memory.counted.count()},
                          {"steps", std::move(steps)}});
}

std::optional<hal::BudgetMemory> recovery_from_json(std::string_view json) {
  return store::document_from<hal::BudgetMemory>(
      json, [](const JsonReader& in, hal::BudgetMemory& memory) { read(in, memory); });
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
