// SHA-256 of a file (FIPS 180-4), read a piece at a time so that the loop has its turns in between:
// a large file takes seconds on the router's processor.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>

#include <asio/io_context.hpp>

#include "agent/daemon/transfer_file.hpp"

namespace oobm::daemon {

inline constexpr std::size_t check_piece_bytes = 64 * 1024;

class TransferCheck {
 public:
  // Errors: write_failed (the file cannot be read).
  using Done = std::function<void(const std::expected<Sha256, TransferFailure>&)>;

  // Reads `file` from its first byte to its end. `done` is called from the loop, once, and not
  // after the object is gone; it may destroy it.
  TransferCheck(asio::io_context& loop, int file, Done done);
  ~TransferCheck();
  TransferCheck(const TransferCheck&) = delete;
  TransferCheck& operator=(const TransferCheck&) = delete;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::daemon
