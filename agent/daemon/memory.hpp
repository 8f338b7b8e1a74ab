// The agent's memory across restarts: the state document, believed only as far as its signed texts
// still verify. Whatever cannot be read is said and kept aside, never guessed.
//
// Keys outlive a registration: a stored key set counts for the instance whose root signed it,
// whether or not this router is registered there, unless the firmware has brought a newer one.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "agent/core/state.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/store/file_system.hpp"
#include "agent/store/slots.hpp"

namespace oobm::daemon {

// Beside the slots: the newest content that was whole and yet no state, as found. Mode 0600.
inline constexpr const char* undecodable_file = "state.undecodable";

class Memory {
 public:
  // `folder` must exist; `files` outlives this object.
  explicit Memory(const std::string& folder, store::FileSystem& files = store::posix_file_system());

  // The stored state with its entitlement and key set verified again; newer keys are adopted into
  // `directory`. A fresh state where nothing usable is stored: reason never_registered when nothing
  // was stored at all, state_lost when something was.
  core::State load(Directory& directory);

  // Commits; blocks while the flash works. Errors: a sentence; the earlier document is still there.
  std::expected<void, std::string> commit(const core::State& state);

  // Commits of this router's whole life, as far as its documents tell, and of this run.
  [[nodiscard]] std::uint64_t generation() const { return slots_.generation(); }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

  // Sentences for log and technician about what load() found.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  void set_aside(const std::string& payload);
  void restore_trust(Directory& directory, const std::string& text, core::State& state);
  void restore_entitlement(const Directory& directory, const std::string& text, core::State& state);

  std::string folder_;
  store::FileSystem& files_;
  store::TwoSlotStore slots_;
  std::vector<std::string> remarks_;
  std::uint64_t commits_ = 0;
};

}  // namespace oobm::daemon
