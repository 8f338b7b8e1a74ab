// What was done to the radio lately, across restarts: a small document of its own, since it changes
// when the subscription's state does not, and its loss must not touch that state. Read and written
// as docs/store.md says for the state, in the folder "recovery" beside it.
//
// No document at all is a first start: full budgets, or a new router could not be helped. Documents
// of which none can be read, or one without sense: something was done, and nobody knows how much;
// one use of each step is left for a day (docs/adr/0009-recovery-caps-count-uptime.md).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/slots.hpp"
#include "hal/recovery/budget.hpp"

namespace oobm::daemon {

inline constexpr const char* recovery_folder = "recovery";
inline constexpr int recovery_schema = 1;

// One line of JSON.
std::string to_json(const hal::BudgetMemory& memory);
// Nothing: it is no such document. Numbers without sense are left to hal::Budget.
std::optional<hal::BudgetMemory> recovery_from_json(std::string_view json);

class RecoveryMemory {
 public:
  // `state_folder` must exist; its folder "recovery" is made when it is not there.
  explicit RecoveryMemory(const std::string& state_folder);

  // Nothing: a first start.
  std::optional<hal::BudgetMemory> load(core::BootTime now);
  // Blocks while the flash works. Errors: a sentence; the earlier document is still there.
  std::expected<void, std::string> save(const hal::BudgetMemory& memory);

  // Sentences for log and technician about what load() found.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  store::TwoSlotStore slots_;
  std::vector<std::string> remarks_;
};

}  // namespace oobm::daemon
