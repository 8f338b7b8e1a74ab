// Runs of the board helper that need more than the contract's table: before an installation root
// verifies the package, in the new process, which may take its time and whose end, good or bad, is
// told as the helper's own; one installation is begun at a time, so that a second one cannot put
// another file where the first one reads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "agent/daemon/monitor_children.hpp"
#include "agent/daemon/monitor_protocol.hpp"

namespace oobm::daemon {

// Used by a process of one thread.
class GuardedRuns {
 public:
  explicit GuardedRuns(MonitorPlan plan) : plan_(std::move(plan)) {}

  // A run of the board helper that descriptors_of() allows, about to be started. Errors: EBUSY.
  int begin(const MonitorRequest& run, Launch& launch);
  // Any run has ended, or could not be started.
  void ended(const MonitorAnswer& end);
  // Whatever ran has been killed, and who asked for it has gone.
  void abandon();

 private:
  MonitorPlan plan_;
  std::uint32_t install_ = 0;  // the run's number; 0: none
  std::uint32_t commit_ = 0;
  std::string committed_version_;
};

}  // namespace oobm::daemon
