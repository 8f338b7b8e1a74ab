// What was ordered to be installed, how far it came, and how it ended: the one thing about an
// installation that must outlive the agent itself, since an installation that succeeds ends the
// program that began it. A small document of its own, read and written as docs/store.md says for
// the state, in the folder "install" beside it.
//
// It also holds what the router must not fall behind: the last version that proved itself here, and
// when its manifest was made. Where the document is lost, an installation under way is answered as
// interrupted, and the version that runs is the floor.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/package.hpp"
#include "agent/core/reason.hpp"
#include "agent/core/task.hpp"
#include "agent/store/slots.hpp"

namespace oobm::daemon {

inline constexpr const char* install_folder = "install";
inline constexpr int install_schema = 1;

struct InstallRecord {
  enum class Phase : std::uint8_t {
    none,        // nothing was ever ordered
    fetching,    // manifest and package are on their way
    installing,  // the package is complete and proved; the board has it, or is about to get it
    ended,
  };
  Phase phase = Phase::none;
  std::string uid;               // of the task
  core::SoftwareInstall order;   // of the task
  int starts = 0;                // of the daemon since the order
  core::UnixTime manifest_time;  // of the package that is being installed
  // How it ended.
  core::Reason outcome = core::Reason::none;
  std::string detail;

  // For all installations.
  std::string floor;  // the last version that proved itself; empty: none yet
  core::UnixTime floor_time;

  friend bool operator==(const InstallRecord& a, const InstallRecord& b) {
    return a.phase == b.phase && a.uid == b.uid && a.order.type == b.order.type &&
           a.order.revision == b.order.revision && a.order.url == b.order.url &&
           a.starts == b.starts && a.manifest_time == b.manifest_time && a.outcome == b.outcome &&
           a.detail == b.detail && a.floor == b.floor && a.floor_time == b.floor_time;
  }
};
std::string_view to_text(InstallRecord::Phase phase);  // "none", "fetching", ...

// One line of JSON.
std::string to_json(const InstallRecord& record);
// Nothing: it is no such document.
std::optional<InstallRecord> install_record_from_json(std::string_view json);

class InstallJournal {
 public:
  // `state_folder` must exist; its folder "install" is made when it is not there. `files` outlives
  // the journal.
  explicit InstallJournal(const std::string& state_folder,
                          store::FileSystem& files = store::posix_file_system());

  // An empty record where there is none that can be read.
  InstallRecord load();
  // Blocks while the flash works. Errors: a sentence; the earlier record is still there.
  std::expected<void, std::string> save(const InstallRecord& record);

  // Sentences for log and technician about what load() found.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  store::TwoSlotStore slots_;
  std::vector<std::string> remarks_;
};

}  // namespace oobm::daemon
