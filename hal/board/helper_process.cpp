#include "hal/board/helper_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/board/spawn_settings.hpp"

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

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::expected<pid_t, Error> spawn(const HelperRun& run, int out, int err) {
  SpawnSettings settings(POSIX_SPAWN_SETPGROUP);
  settings.open(STDIN_FILENO, "/dev/null", O_RDONLY);
  settings.duplicate(out, STDOUT_FILENO);
  settings.duplicate(err, STDERR_FILENO);
  std::vector<std::string> arguments{run.path};
  arguments.insert(arguments.end(), run.arguments.begin(), run.arguments.end());
  auto environment = run.environment;
  auto argv = pointers(arguments);
  auto envp = pointers(environment);
  pid_t pid = -1;
  // Asked first, since posix_spawn() may leave the news to a child that exits with 127
  // (POSIX.1-2024, posix_spawn).
  int error = access(run.path.c_str(), X_OK) == 0 ? 0 : errno;
  if (error == 0)
    error = posix_spawn(&pid, run.path.c_str(), settings.actions(), settings.attributes(),
                        argv.data(), envp.data());
  if (error == 0) return pid;
  const bool missing = error == ENOENT || error == EACCES || error == ENOEXEC || error == ENOTDIR;
  return std::unexpected(Error{missing ? ErrorCode::helper_missing : ErrorCode::helper_failed,
                               "the board helper " + run.path + " cannot be run: " +
                                   std::strerror(error) + "; check its path, mode and first line"});
}

}  // namespace

class HelperProcess::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& executor, pid_t pid, int out, int err, Handler done)
      : pid_(pid),
        out_(executor, out),
        err_(executor, err),
        exit_(executor),
        exit_poll_(executor),
        limit_(executor),
        done_(std::move(done)) {}

  void run(core::Duration time_limit) {
    // Asio must know: it would wait inside a read of what the program left behind (drain).
    out_.non_blocking(true);
    err_.non_blocking(true);
    read_output();
    read_complaint();
    watch_exit();
    wait_for_exit();
    arm_limit(time_limit, [this] { stop(HelperEnd::Cause::timed_out); });
  }

  void abandon() {
    done_ = nullptr;
    if (pid_ < 0) return;
    kill(-pid_, SIGKILL);
    // A killed program is gone within microseconds; one that is not is left to init.
    for (int attempt = 0; attempt < 100 && waitpid(pid_, nullptr, WNOHANG) == 0; ++attempt)
      usleep(1000);
    close();
  }

 private:
  template <class Action>
  void arm_limit(core::Duration after, Action action) {
    limit_.expires_after(after);
    limit_.async_wait([self = shared_from_this(), action](std::error_code error) {
      if (!error && self->pid_ >= 0) action();
    });
  }

  void read_output() {
    out_.async_read_some(asio::buffer(output_buffer_),
                         [self = shared_from_this()](std::error_code error, std::size_t size) {
                           if (error || self->pid_ < 0) return;
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
                           if (error || self->pid_ < 0) return;
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

  // Not by SIGCHLD, which belongs to the program as a whole, nor by the end of output, which a
  // process left behind may hold open: by the program's own descriptor, which wakes nobody until
  // it is time (pidfd_open(2)).
  void watch_exit() {
    const auto fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (fd < 0) return;
    std::error_code error;
    exit_.assign(fd, error);
    if (error) ::close(fd);
  }

  void wait_for_exit() {
    const auto look = [self = shared_from_this()](std::error_code error) {
      if (error || self->pid_ < 0) return;
      if (!self->reap()) self->wait_for_exit();
    };
    if (exit_.is_open()) return exit_.async_wait(asio::posix::descriptor_base::wait_read, look);
    exit_poll_.expires_after(exit_poll);
    exit_poll_.async_wait(look);
  }

  bool reap() {
    siginfo_t info{};
    // First look without reaping: as long as the zombie is there, its group number is nobody
    // else's.
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      finish(HelperEnd::Cause::signalled, SIGKILL);
      return true;
    }
    if (info.si_pid == 0) return false;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    drain();
    const bool exited = info.si_code == CLD_EXITED;
    finish(exited ? HelperEnd::Cause::exited : HelperEnd::Cause::signalled, info.si_status);
    return true;
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
    kill(-pid_, SIGTERM);
    arm_limit(term_grace, [this] {
      kill(-pid_, SIGKILL);
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
    pid_ = -1;
    std::error_code ignored;
    out_.close(ignored);
    err_.close(ignored);
    exit_.close(ignored);
    exit_poll_.cancel();
    limit_.cancel();
  }

  pid_t pid_;
  asio::posix::stream_descriptor out_;
  asio::posix::stream_descriptor err_;
  asio::posix::stream_descriptor exit_;  // readable once the program has ended
  asio::steady_timer exit_poll_;         // where the kernel has no such descriptor
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
    const asio::any_io_executor& executor, const HelperRun& run, Handler done) {
  const auto out = make_pipe();
  if (!out) return std::unexpected(out.error());
  const auto err = make_pipe();
  if (!err) {
    close(out->read_end);
    close(out->write_end);
    return std::unexpected(err.error());
  }
  const auto pid = spawn(run, out->write_end, err->write_end);
  close(out->write_end);
  close(err->write_end);
  if (!pid) {
    close(out->read_end);
    close(err->read_end);
    return std::unexpected(pid.error());
  }
  auto impl = std::make_shared<Impl>(executor, *pid, out->read_end, err->read_end, std::move(done));
  impl->run(run.time_limit);
  return std::unique_ptr<HelperProcess>(new HelperProcess(std::move(impl)));
}

HelperProcess::HelperProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HelperProcess::~HelperProcess() { impl_->abandon(); }

}  // namespace oobm::hal
