// The agent's memory across restarts: the state document, believed only as far as its signed texts
// still verify. Whatever cannot be read is said and kept aside, never guessed.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "agent/core/state.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/store/slots.hpp"

namespace oobm::daemon {

class Memory {
 public:
  // `folder` must exist.
  explicit Memory(const std::string& folder);

  // The stored state with its entitlement and key set verified again; newer keys are adopted into
  // `directory`. A fresh state where nothing usable is stored.
  core::State load(Directory& directory);

  // Commits; blocks while the flash works. Errors: a sentence; the earlier document is still there.
  std::expected<void, std::string> commit(const core::State& state);

  // Sentences for log and technician about what load() found.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  store::TwoSlotStore slots_;
  std::vector<std::string> remarks_;
};

}  // namespace oobm::daemon
