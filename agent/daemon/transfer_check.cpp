#include "agent/daemon/transfer_check.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <asio/post.hpp>
#include <mbedtls/sha256.h>
#include <unistd.h>

namespace oobm::daemon {

class TransferCheck::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& loop, int file, Done done)
      : loop_(loop), file_(file), done_(std::move(done)) {
    mbedtls_sha256_init(&hash_);
    mbedtls_sha256_starts(&hash_, 0);
  }
  ~Impl() { mbedtls_sha256_free(&hash_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void forget() { done_ = nullptr; }

  void go_on() {
    asio::post(loop_, [self = shared_from_this()] {
      if (self->done_) self->step();
    });
  }

 private:
  void step() {
    const auto got = ::pread(file_, piece_.data(), piece_.size(), at_);
    if (got < 0 && errno == EINTR) return go_on();
    if (got < 0)
      return end(std::unexpected(TransferFailure{TransferCode::write_failed,
                                                 std::string("read: ") + std::strerror(errno)}));
    if (got == 0) return end(result());
    mbedtls_sha256_update(&hash_, piece_.data(), static_cast<std::size_t>(got));
    at_ += got;
    go_on();
  }

  Sha256 result() {
    Sha256 hash{};
    mbedtls_sha256_finish(&hash_, hash.data());
    return hash;
  }

  void end(const std::expected<Sha256, TransferFailure>& result) {
    const auto done = std::exchange(done_, nullptr);
    done(result);
  }

  asio::io_context& loop_;
  int file_;
  Done done_;
  off_t at_ = 0;
  mbedtls_sha256_context hash_{};
  std::array<unsigned char, check_piece_bytes> piece_{};
};

TransferCheck::TransferCheck(asio::io_context& loop, int file, Done done)
    : impl_(std::make_shared<Impl>(loop, file, std::move(done))) {
  impl_->go_on();
}

TransferCheck::~TransferCheck() { impl_->forget(); }

}  // namespace oobm::daemon
