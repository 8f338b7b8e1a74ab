// The way of a package from a task to an answer, over a restart of the agent in its middle. The
// plan decides and does nothing: it is told what happened and says what is to be done next.
//
//   ordered -> manifest -> package -> given to the board -> restart -> session with ALMS -> answer
//
// A new version has proved itself when it has opened a session with ALMS, and not when it merely
// starts: a version that starts and cannot reach ALMS would be out of reach for good. Until it is
// confirmed, the board puts the former version back by itself (docs/install.md).
//
// The record is stored before each step that cannot be taken back; a start of the agent goes on
// from it, whatever was cut short. The answer leaves when the outcome is stored. What is answered
// twice, since the power went between the two, the core's ledger answers once.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/core/package.hpp"
#include "agent/core/time.hpp"
#include "agent/daemon/install_journal.hpp"
#include <oobm/hal/board.hpp>

namespace oobm::daemon {

// Starts of the agent over which one order is pursued.
inline constexpr int max_install_starts = 10;
// While the board is at work it is asked this often, ...
inline constexpr core::Duration install_look_interval = std::chrono::seconds(15);
// ... and this many times at most: 40 minutes, more than twice what a board takes that gives a new
// version three chances of five minutes.
inline constexpr int max_install_looks = 160;

// ---- what is to be done, in this order
struct SaveRecord {
  bool required = true;  // what follows must not be done when it cannot be stored
};
struct FetchManifest {
  std::string url;
};
struct FetchPackage {
  std::string url;
  std::string sha256;
  std::uint64_t size = 0;  // bytes
};
struct GiveToBoard {
  std::string version;
};
struct AskBoard {};
struct ConfirmToBoard {
  std::string version;
};
struct LookLater {};  // look() after install_look_interval
struct AnswerTask {
  std::string uid;
  core::Reason outcome = core::Reason::none;
  std::string detail;
};
struct TellEvent {
  std::string event;
  core::Reason reason = core::Reason::none;
  std::string text;
};
using InstallStep = std::variant<SaveRecord, FetchManifest, FetchPackage, GiveToBoard, AskBoard,
                                 ConfirmToBoard, LookLater, AnswerTask, TellEvent>;
using InstallSteps = std::vector<InstallStep>;

class InstallPlan {
 public:
  // `record` is what the journal held; `running` and `architecture` are this program's.
  InstallPlan(InstallRecord record, core::Version running, std::string architecture);

  // First call of a run.
  [[nodiscard]] InstallSteps started();
  // A task of ALMS, in service and within the data allowance.
  [[nodiscard]] InstallSteps ordered(const std::string& uid, const core::SoftwareInstall& order);
  // The ledger holds this task as begun in an earlier run.
  [[nodiscard]] InstallSteps resumed(const std::string& uid) const;
  // The session with ALMS was opened or has ended.
  [[nodiscard]] InstallSteps session(bool open);

  [[nodiscard]] InstallSteps manifest(
      const std::expected<core::PackageManifest, core::Refusal>& said);
  [[nodiscard]] InstallSteps fetched();
  [[nodiscard]] InstallSteps fetch_failed(const core::Refusal& refusal);
  // There is no way to the file server now; the next session begins the fetching anew.
  void fetch_put_off() { doing_ = Doing::waiting; }

  [[nodiscard]] InstallSteps board_took(const std::expected<void, hal::Error>& outcome);
  [[nodiscard]] InstallSteps board_said(const std::expected<hal::InstallStatus, hal::Error>& said);
  [[nodiscard]] InstallSteps board_confirmed(const std::expected<void, hal::Error>& outcome);
  [[nodiscard]] InstallSteps look();
  // A required SaveRecord failed.
  [[nodiscard]] InstallSteps not_stored(const std::string& sentence);

  [[nodiscard]] const InstallRecord& record() const { return record_; }
  [[nodiscard]] const core::Version& running() const { return running_; }
  // "fetching the package", ...: for the technician.
  [[nodiscard]] std::string_view doing() const;

 private:
  enum class Doing : std::uint8_t {
    nothing,
    waiting,  // for a session
    manifest,
    package,
    giving,
    watching,  // this version is the former one, the board is at work
    proving,   // this version is the new one, and waits for a session
    confirming,
  };

  [[nodiscard]] bool under_way() const;
  [[nodiscard]] bool is_new_version() const;
  [[nodiscard]] core::PackageGround ground() const;
  [[nodiscard]] InstallSteps begin_fetching();
  [[nodiscard]] InstallSteps give();
  [[nodiscard]] InstallSteps wait_on();
  [[nodiscard]] InstallSteps former_version_saw(const hal::InstallStatus& status);
  [[nodiscard]] InstallSteps new_version_saw(const hal::InstallStatus& status);
  [[nodiscard]] InstallSteps end(core::Reason outcome, std::string detail);

  InstallRecord record_;
  core::Version running_;
  std::string architecture_;
  Doing doing_ = Doing::nothing;
  bool online_ = false;
  bool given_ = false;  // in this run
  int looks_ = 0;
};

}  // namespace oobm::daemon
