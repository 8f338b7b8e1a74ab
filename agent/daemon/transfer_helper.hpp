// One run of the transfer helper: its descriptors and nothing else, an empty environment, its
// reports read as the word of a stranger. It ends when its link does; one that does not, or that
// says what no helper would say, is killed.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <asio/any_io_executor.hpp>

#include "agent/daemon/transfer_failure.hpp"
#include "agent/transfer/protocol.hpp"
#include "agent/uplink/unique_fd.hpp"
#include "hal/board/spawner.hpp"

namespace oobm::daemon {

// All reports of one run together; at one a second, more than a day of them.
inline constexpr std::size_t max_helper_output_bytes = 4 * 1024 * 1024;

// By this name a monitor knows the program.
inline constexpr const char* transfer_helper_role = "transfer";

class TransferHelper {
 public:
  // How it ended; nothing when it was killed, ended by a signal or babbled.
  using Ended = std::function<void(std::optional<transfer::Exit>)>;
  using Told = std::function<void(const transfer::Report&)>;

  // `link`: the plain end of a gate's link; `file`: stays the caller's. Both handlers are called
  // from the loop, `ended` once and last; none after the object is gone. Either may destroy it.
  // `spawner` outlives it; null: the program is started directly.
  // Errors: not_installed, helper_failed.
  static std::expected<std::unique_ptr<TransferHelper>, TransferFailure> start(
      const asio::any_io_executor& loop, hal::Spawner* spawner, const std::string& program,
      const transfer::Job& job, uplink::UniqueFd link, int file, Told told, Ended ended);

  // Kills it if it still runs.
  ~TransferHelper();
  TransferHelper(const TransferHelper&) = delete;
  TransferHelper& operator=(const TransferHelper&) = delete;

 private:
  class Impl;
  explicit TransferHelper(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::daemon
