#include "agent/daemon/transfer_helper.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "hal/board/direct_spawner.hpp"

namespace oobm::daemon {
namespace {

using uplink::UniqueFd;

// Between a program's last output and its end; then it is killed.
constexpr std::chrono::seconds exit_limit{2};

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

std::unexpected<TransferFailure> failed(const std::string& what, int number) {
  return std::unexpected(
      TransferFailure{TransferCode::helper_failed, what + ": " + std::strerror(number)});
}

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

class TransferHelper::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& loop, UniqueFd out, Told told, Ended ended)
      : out_(loop, out.release()),
        exit_timer_(loop),
        direct_(loop),
        told_(std::move(told)),
        ended_(std::move(ended)) {
    out_.non_blocking(true);
  }

  void start(hal::Spawner* spawner, const hal::ChildOrder& order) {
    auto& starter = spawner != nullptr ? *spawner : direct_;
    child_ =
        starter.start(order, [self = shared_from_this()](hal::ChildEnd end) { self->on_end(end); });
    read();
  }

  void abandon() {
    ended_ = nullptr;
    child_.reset();
    std::error_code ignored;
    out_.close(ignored);
    exit_timer_.cancel();
  }

 private:
  void read() {
    out_.async_read_some(asio::buffer(buffer_),
                         [self = shared_from_this()](std::error_code error, std::size_t bytes) {
                           self->on_read(error, bytes);
                         });
  }

  void on_read(std::error_code error, std::size_t bytes) {
    if (!ended_) return;
    if (error) return on_last_word();
    if (take(bytes)) return read();
    if (!ended_) return;
    child_->signal(SIGKILL);
    on_last_word();
  }

  // False: it is to be killed, or nobody wants to hear of it any more.
  bool take(std::size_t bytes) {
    bytes_ += bytes;
    const auto tell = [this](const transfer::Report& report) {
      if (ended_) told_(report);
    };
    const bool good =
        bytes_ <= max_helper_output_bytes && reader_.feed({buffer_.data(), bytes}, tell);
    return good && ended_;
  }

  void on_last_word() {
    silent_ = true;
    if (end_) return finish();
    exit_timer_.expires_after(exit_limit);
    exit_timer_.async_wait([self = shared_from_this()](std::error_code error) {
      if (!error && self->ended_) self->child_->signal(SIGKILL);
    });
  }

  // Its output is read to the end, which comes with its own: it has no children.
  void on_end(hal::ChildEnd end) {
    end_ = end;
    if (silent_ && ended_) finish();
  }

  void finish() {
    exit_timer_.cancel();
    const bool exited = end_->kind == hal::ChildEnd::Kind::exited;
    const auto ended = std::exchange(ended_, nullptr);
    ended(exited ? transfer::exit_from(end_->number) : std::nullopt);
  }

  asio::posix::stream_descriptor out_;
  asio::steady_timer exit_timer_;
  hal::DirectSpawner direct_;
  std::unique_ptr<hal::Child> child_;
  std::optional<hal::ChildEnd> end_;
  bool silent_ = false;  // its output has ended, or counts no more
  Told told_;
  Ended ended_;  // empty once it has been called, or must not be
  transfer::ReportReader reader_;
  std::size_t bytes_ = 0;
  std::array<char, 4096> buffer_{};
};

std::expected<std::unique_ptr<TransferHelper>, TransferFailure> TransferHelper::start(
    const asio::any_io_executor& loop, hal::Spawner* spawner, const std::string& program,
    const transfer::Job& job, UniqueFd link, int file, Told told, Ended ended) {
  if (::access(program.c_str(), X_OK) != 0)
    return std::unexpected(TransferFailure{TransferCode::not_installed, program});
  auto in = make_pipe();
  auto out = make_pipe();
  if (!in || !out) return failed("no pipe", errno);
  const auto text = transfer::to_text(job);
  // Fits into the pipe, so nobody has to read yet.
  if (::write(in->write.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failed("no job in the pipe", errno);
  in->write.reset();
  auto impl = std::make_shared<Impl>(loop, std::move(out->read), std::move(told), std::move(ended));
  impl->start(spawner, {.role = transfer_helper_role,
                        .path = program,
                        .arguments = {},
                        .environment = {},
                        .descriptors = {{STDIN_FILENO, in->read.get()},
                                        {STDOUT_FILENO, out->write.get()},
                                        {transfer::link_descriptor, link.get()},
                                        {transfer::file_descriptor, file}}});
  return std::unique_ptr<TransferHelper>(new TransferHelper(std::move(impl)));
}

TransferHelper::TransferHelper(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
TransferHelper::~TransferHelper() { impl_->abandon(); }

}  // namespace oobm::daemon
