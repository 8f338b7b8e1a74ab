// Starts programs with the rights that this process has (posix_spawn, POSIX.1-2024) and learns of
// their end from a descriptor of the process, which wakes nobody until it is time (pidfd_open(2)).
#pragma once

#include "agent/core/time.hpp"
#include "hal/board/spawner.hpp"

namespace oobm::hal {

class DirectSpawner final : public Spawner {
 public:
  // Before Linux 5.3, which tells of the end without being asked.
  static constexpr core::Duration exit_poll{10};

  explicit DirectSpawner(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  std::unique_ptr<Child> start(const ChildOrder& order, Ended ended) override;

 private:
  asio::any_io_executor executor_;
};

}  // namespace oobm::hal
