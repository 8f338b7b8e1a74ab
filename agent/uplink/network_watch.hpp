// When the main WAN is worth another look: a look starts a helper program, and nothing changes for
// days on most routers. The kernel says when interfaces, addresses or routes change (rtnetlink(7)),
// and what it says wakes nobody while they do not.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

namespace oobm::uplink {

struct NetworkWatchTiming {
  // A change comes as a burst of messages, and is told so long after the first.
  std::chrono::milliseconds settle{2'000};
  // The next one is told no sooner than so long after the last: an interface that flaps costs no
  // more than this.
  std::chrono::milliseconds least_pause{15'000};
};

// Calls `changed` from the loop, until destroyed. Loop thread only.
class NetworkWatch {
 public:
  NetworkWatch(asio::io_context& loop, std::function<void()> changed);
  // Hears `socket`, which it owns from now on; below zero: nothing.
  NetworkWatch(asio::io_context& loop, int socket, NetworkWatchTiming timing,
               std::function<void()> changed);
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

  // False: the kernel tells nothing, and who wants to know has to look.
  [[nodiscard]] bool works() const { return kernel_.is_open(); }

 private:
  using Clock = std::chrono::steady_clock;

  void wait();
  void hear();
  void tell_later();

  NetworkWatchTiming timing_;
  std::function<void()> changed_;
  asio::posix::stream_descriptor kernel_;
  asio::steady_timer settled_;
  bool pending_ = false;
  std::optional<Clock::time_point> told_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what waits asks it
};

}  // namespace oobm::uplink
