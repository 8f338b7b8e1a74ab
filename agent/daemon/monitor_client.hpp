// The daemon's end of the socket to its monitor. What it starts there, it starts by the name that
// the plan gives it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <asio/any_io_executor.hpp>

#include "agent/daemon/monitor_protocol.hpp"
#include "agent/uplink/unique_fd.hpp"
#include "hal/board/spawner.hpp"

namespace oobm::daemon {

// Does not wait. False: the monitor has gone, or takes nothing more.
bool ask_monitor(int socket, const MonitorRequest& request);

// Lives on the loop's thread.
class MonitorClient final : public hal::Spawner {
 public:
  MonitorClient(const asio::any_io_executor& loop, uplink::UniqueFd socket);
  ~MonitorClient() override;

  // `order.role` and its arguments must be what the monitor's plan has; anything else ends as
  // not_started, EPERM.
  std::unique_ptr<hal::Child> start(const hal::ChildOrder& order, Ended ended) override;

  void ready();  // the daemon serves
  void alive();
  // That the module's port, which this user may not open, becomes this user's.
  void give_port(const std::string& path);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::daemon
