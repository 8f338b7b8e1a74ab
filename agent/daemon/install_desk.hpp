// Where the plan of an installation meets the router: the transfers that fetch manifest and package
// over the OOBM link, the keys that prove them, the board that puts them in place, and the journal.
// Whether, when and in which order is decided in agent/daemon/install_plan.hpp.
#pragma once

#include <functional>
#include <string>

#include <asio/io_context.hpp>

#include "agent/core/event.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/daemon/install_journal.hpp"
#include "agent/daemon/install_plan.hpp"
#include "agent/daemon/system.hpp"
#include "agent/daemon/transfer_desk.hpp"
#include <oobm/hal/board.hpp>

namespace oobm::daemon {

// Lives on the loop's thread.
class InstallDesk {
 public:
  struct Links {
    std::function<std::string()> instance;                  // id of the router's ALMS instance
    std::function<void(const core::TaskFinished&)> answer;  // never called from inside a call
    std::function<void(std::string event, core::Reason, std::string text)> note;
  };

  // References outlive the desk. `version`: of this agent.
  InstallDesk(asio::io_context& loop, hal::Board& board, TransferDesk& transfers,
              const Directory& directory, const Config& config, const std::string& version,
              Links links);

  // Goes on with what an earlier run began. After the core's first event.
  void start();
  // A task; one without an address is the ledger's word that an earlier run began it.
  void run(const std::string& uid, const core::SoftwareInstall& order);
  // Whether a session with ALMS is open.
  void observe(bool online);

  // The last installation as a JSON object, for the technician.
  [[nodiscard]] std::string view() const;
  // Sentences for the log.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return journal_.remarks(); }

 private:
  void carry_out(const InstallSteps& steps);
  void apply(const FetchManifest& step);
  void apply(const FetchPackage& step);
  void apply(const GiveToBoard& step);
  void apply(const AskBoard&);
  void apply(const ConfirmToBoard& step);
  void apply(const LookLater&);
  void apply(const AnswerTask& step);
  void apply(const TellEvent& step);
  void apply(const SaveRecord&) {}  // by carry_out()
  void fetch(TransferOrder order, void (InstallDesk::*arrived)());
  void manifest_arrived();
  void package_arrived();

  asio::io_context& loop_;
  hal::Board& board_;
  TransferDesk& transfers_;
  const Directory& directory_;
  Links links_;
  InstallJournal journal_;
  InstallPlan plan_;
  BootTimer look_timer_;
  bool online_ = false;
  std::shared_ptr<int> life_ = std::make_shared<int>();
};

// Why a file could not be had, in the words that answer a task.
core::Refusal install_refusal(const TransferView& failed, bool is_manifest);

}  // namespace oobm::daemon
