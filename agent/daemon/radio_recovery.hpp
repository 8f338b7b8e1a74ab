// Joins the radio's recovery to the daemon: what the agent wants of the link, what its sessions
// have shown of the path, the timer, the stored budget, and a line in the event log for each step.
//
// Only the OOBM uplink's own sessions say anything about the path, and only failures of the network
// count against it: a broker that refuses, or a certificate that does not fit, is not the radio's
// fault, and a session over the main WAN is no news of the radio. An ALMS that is down looks like a
// dead path from here; what that may cost is bounded by the caps.
//
// A module that has restarted has forgotten its data call, and says so on the AT port long before
// anybody misses an answer on the data port: a bearer that was up before is taken down at once, so
// that the next attempt dials anew. One that may have been dialled since is left alone.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include <asio/io_context.hpp>

#include "agent/core/event.hpp"
#include "agent/core/status.hpp"
#include "agent/daemon/recovery_memory.hpp"
#include "agent/daemon/system.hpp"
#include "hal/recovery/recovery.hpp"

namespace oobm::daemon {

// What the agent in this state wants of the OOBM link. `over` is the uplink of the connection that
// was asked for last. A router that is blocked, or waits for its next probe, wants nothing.
hal::LinkUse link_use(const core::Status& status, core::Uplink over);

// What an event shows of the OOBM path; nothing where it shows nothing.
std::optional<bool> path_shown(const core::Event& event, core::Uplink over);

// The reason under which a trouble is put into the event log.
core::Reason reason_of(hal::Trouble trouble);

// One line for people: "reset of the module, because the module finds no network; 2 more today".
std::string words(const hal::StepReport& report);

class RadioRecovery {
 public:
  using Note = std::function<void(core::Reason reason, std::string text)>;

  // `radio` and `board` outlive this object. `note` is called for each step and for each change in
  // whether the budget can be stored.
  RadioRecovery(asio::io_context& loop, const std::string& state_folder, hal::Radio& radio,
                hal::Board& board, Note note);

  // Sentences about what was found stored.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return memory_.remarks(); }

  // Before the core handles an event: what it shows of bearer and path.
  void heard(const core::Event& event, core::Uplink over);
  // After it: what is wanted now.
  void observe(const hal::LinkUse& use);
  // The core wants transmission off and on: a subscription was just activated.
  void cycle_radio();
  // ALMS orders a reset of the module: one of the recovery's steps, within the same caps. `done` is
  // called once, from the loop, when it has ended or at once when it is refused (limit_reached,
  // queue_full); not after stop().
  using Done = std::move_only_function<void(std::expected<void, hal::Error>)>;
  void reset_module(Done done);
  void stop();

  [[nodiscard]] hal::RecoveryView view() const { return recovery_.view(boot_now()); }

 private:
  void save(const hal::BudgetMemory& budget);
  void end_dead_bearer();
  void arm();

  asio::io_context& loop_;
  hal::Radio& radio_;
  hal::Board& board_;
  Note note_;
  RecoveryMemory memory_;
  BootTimer timer_;
  std::string storage_fault_;
  bool stopped_ = false;
  std::optional<core::BootTime> bearer_up_at_;  // of one that has not been seen to fail
  std::uint32_t resets_seen_ = 0;
  hal::Recovery recovery_;
};

}  // namespace oobm::daemon
