#include "hal/board/helper_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace oobm::hal {
namespace {

constexpr std::size_t read_bytes = 4096;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

std::expected<Pipe, Error> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return std::unexpected(Error{ErrorCode::helper_failed,
                                 std::string("no pipe for the helper: ") + std::strerror(errno)});
  return Pipe{ends[0], ends[1]};
}

ChildOrder order(const HelperRun& run, int out, int err) {
  return {.role = run.role,
          .path = run.path,
          .arguments = run.arguments,
          .environment = run.environment,
          .descriptors = {{STDOUT_FILENO, out}, {STDERR_FILENO, err}}};
}

}  // namespace

class HelperProcess::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& executor, int out, int err, Handler done)
      : out_(executor, out), err_(executor, err), limit_(executor), done_(std::move(done)) {}

  void run(Spawner& spawner, const ChildOrder& order, core::Duration time_limit) {
    // Asio must know: it would wait inside a read of what the program left behind (drain).
    out_.non_blocking(true);
    err_.non_blocking(true);
    child_ = spawner.start(order, [self = shared_from_this()](ChildEnd end) { self->ended(end); });
    read_output();
    read_complaint();
    arm_limit(time_limit, [this] { stop(HelperEnd::Cause::timed_out); });
  }

  void abandon() {
    done_ = nullptr;
    close();
  }

 private:
  template <class Action>
  void arm_limit(core::Duration after, Action action) {
    limit_.expires_after(after);
    limit_.async_wait([self = shared_from_this(), action](std::error_code error) {
      if (!error && self->child_) action();
    });
  }

  void read_output() {
    out_.async_read_some(asio::buffer(output_buffer_),
                         [self = shared_from_this()](std::error_code error, std::size_t size) {
                           if (error || !self->child_) return;
                           if (self->take_output(size)) self->read_output();
                         });
  }

  bool take_output(std::size_t size) {
    const bool fits = end_.output.size() + size <= max_output_bytes;
    if (!fits) {
      stop(HelperEnd::Cause::babbled);
      return false;
    }
    end_.output.append(output_buffer_.data(), size);
    return true;
  }

  void read_complaint() {
    err_.async_read_some(asio::buffer(complaint_buffer_),
                         [self = shared_from_this()](std::error_code error, std::size_t size) {
                           if (error || !self->child_) return;
                           if (self->take_complaint(size)) self->read_complaint();
                         });
  }

  bool take_complaint(std::size_t size) {
    complaint_bytes_ += size;
    end_.complaint.append(complaint_buffer_.data(), size);
    if (end_.complaint.size() > kept_error_bytes)
      end_.complaint.erase(0, end_.complaint.size() - kept_error_bytes);
    if (complaint_bytes_ <= max_error_bytes) return true;
    stop(HelperEnd::Cause::babbled);
    return false;
  }

  void ended(ChildEnd end) {
    if (!child_) return;
    drain();
    finish(cause_of(end.kind), end.number);
  }

  static HelperEnd::Cause cause_of(ChildEnd::Kind kind) {
    using Cause = HelperEnd::Cause;
    if (kind == ChildEnd::Kind::not_started) return Cause::not_started;
    return kind == ChildEnd::Kind::exited ? Cause::exited : Cause::signalled;
  }

  // What the program wrote just before it ended.
  void drain() {
    std::error_code error;
    while (!stopping_ && !error) {
      const auto size = out_.read_some(asio::buffer(output_buffer_), error);
      if (error || !take_output(size)) break;
    }
    error.clear();
    while (!stopping_ && !error) {
      const auto size = err_.read_some(asio::buffer(complaint_buffer_), error);
      if (error || !take_complaint(size)) break;
    }
  }

  void stop(HelperEnd::Cause cause) {
    if (std::exchange(stopping_, true)) return;
    stop_cause_ = cause;
    child_->signal(SIGTERM);
    arm_limit(term_grace, [this] {
      child_->signal(SIGKILL);
      arm_limit(kill_grace, [this] { finish(stop_cause_, SIGKILL); });
    });
  }

  void finish(HelperEnd::Cause cause, int number) {
    end_.cause = stopping_ ? stop_cause_ : cause;
    end_.number = number;
    close();
    if (auto done = std::exchange(done_, nullptr)) done(end_);
  }

  void close() {
    // Its handler holds this object, and may be running.
    child_.reset();
    std::error_code ignored;
    out_.close(ignored);
    err_.close(ignored);
    limit_.cancel();
  }

  std::unique_ptr<Child> child_;  // until it has ended
  asio::posix::stream_descriptor out_;
  asio::posix::stream_descriptor err_;
  asio::steady_timer limit_;
  Handler done_;
  HelperEnd end_;
  bool stopping_ = false;
  HelperEnd::Cause stop_cause_ = HelperEnd::Cause::timed_out;
  std::size_t complaint_bytes_ = 0;
  std::array<char, read_bytes> output_buffer_{};
  std::array<char, read_bytes> complaint_buffer_{};
};

std::expected<std::unique_ptr<HelperProcess>, Error> HelperProcess::start(
    const asio::any_io_executor& executor, Spawner& spawner, const HelperRun& run, Handler done) {
  const auto out = make_pipe();
  if (!out) return std::unexpected(out.error());
  const auto err = make_pipe();
  if (!err) {
    close(out->read_end);
    close(out->write_end);
    return std::unexpected(err.error());
  }
  auto impl = std::make_shared<Impl>(executor, out->read_end, err->read_end, std::move(done));
  impl->run(spawner, order(run, out->write_end, err->write_end), run.time_limit);
  close(out->write_end);
  close(err->write_end);
  return std::unique_ptr<HelperProcess>(new HelperProcess(std::move(impl)));
}

HelperProcess::HelperProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HelperProcess::~HelperProcess() { impl_->abandon(); }

}  // namespace oobm::hal
