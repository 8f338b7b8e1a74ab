#include "agent/daemon/transfer_helper.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/board/spawn_settings.hpp"

namespace oobm::daemon {
namespace {

using uplink::UniqueFd;

// Between a program's last output and its end; looked at so often, and then it is killed.
constexpr std::chrono::milliseconds exit_poll{5};
constexpr int exit_polls = 400;
constexpr int kill_polls = 100;
constexpr int above_all_targets = 10;

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

// A copy that none of the descriptors made for the helper can overwrite.
UniqueFd high_copy(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, above_all_targets)); }

struct Descriptors {
  UniqueFd in, out, link, file;
  [[nodiscard]] bool complete() const { return in && out && link && file; }
};

int spawn(const std::string& program, const Descriptors& fds, pid_t& pid) {
  hal::SpawnSettings settings(POSIX_SPAWN_SETPGROUP);
  settings.duplicate(fds.in.get(), STDIN_FILENO);
  settings.duplicate(fds.out.get(), STDOUT_FILENO);
  settings.open(STDERR_FILENO, "/dev/null", O_WRONLY);
  settings.duplicate(fds.link.get(), transfer::link_descriptor);
  settings.duplicate(fds.file.get(), transfer::file_descriptor);
  std::string name = program;
  std::array<char*, 2> arguments{name.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  // Asked first, since posix_spawn() may leave the news to a child that exits with 127.
  if (::access(program.c_str(), X_OK) != 0) return errno;
  return ::posix_spawn(&pid, program.c_str(), settings.actions(), settings.attributes(),
                       arguments.data(), environment.data());
}

}  // namespace

class TransferHelper::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& loop, pid_t pid, UniqueFd out, Told told, Ended ended)
      : pid_(pid),
        out_(loop, out.release()),
        exit_timer_(loop),
        told_(std::move(told)),
        ended_(std::move(ended)) {
    out_.non_blocking(true);
  }

  void read() {
    out_.async_read_some(asio::buffer(buffer_),
                         [self = shared_from_this()](std::error_code error, std::size_t bytes) {
                           self->on_read(error, bytes);
                         });
  }

  void abandon() {
    ended_ = nullptr;
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      for (int i = 0; i < kill_polls && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) ::usleep(1000);
      pid_ = -1;
    }
    std::error_code ignored;
    out_.close(ignored);
    exit_timer_.cancel();
  }

 private:
  void on_read(std::error_code error, std::size_t bytes) {
    if (!ended_) return;
    if (error) return wait_for_exit(exit_polls);
    bytes_ += bytes;
    const auto tell = [this](const transfer::Report& report) {
      if (ended_) told_(report);
    };
    const bool good =
        bytes_ <= max_helper_output_bytes && reader_.feed({buffer_.data(), bytes}, tell);
    if (!ended_) return;
    if (good) return read();
    ::kill(pid_, SIGKILL);
    wait_for_exit(exit_polls);
  }

  void wait_for_exit(int polls) {
    int status = 0;
    const auto gone = ::waitpid(pid_, &status, WNOHANG);
    if (gone != 0) return finish(gone == pid_ ? status : -1);
    if (polls == 0) ::kill(pid_, SIGKILL);
    exit_timer_.expires_after(exit_poll);
    exit_timer_.async_wait([self = shared_from_this(), polls](std::error_code error) {
      if (!error && self->ended_) self->wait_for_exit(polls - 1);
    });
  }

  void finish(int status) {
    pid_ = -1;
    const bool exited = status >= 0 && WIFEXITED(status);
    const auto ended = std::exchange(ended_, nullptr);
    ended(exited ? transfer::exit_from(WEXITSTATUS(status)) : std::nullopt);
  }

  pid_t pid_;
  asio::posix::stream_descriptor out_;
  asio::steady_timer exit_timer_;
  Told told_;
  Ended ended_;  // empty once it has been called, or must not be
  transfer::ReportReader reader_;
  std::size_t bytes_ = 0;
  std::array<char, 4096> buffer_{};
};

std::expected<std::unique_ptr<TransferHelper>, TransferFailure> TransferHelper::start(
    const asio::any_io_executor& loop, const std::string& program, const transfer::Job& job,
    UniqueFd link, int file, Told told, Ended ended) {
  auto in = make_pipe();
  auto out = make_pipe();
  if (!in || !out) return failed("no pipe", errno);
  const auto text = transfer::to_text(job);
  // Fits into the pipe, so nobody has to read yet.
  if (::write(in->write.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failed("no job in the pipe", errno);
  in->write.reset();
  const Descriptors fds{high_copy(in->read.get()), high_copy(out->write.get()),
                        high_copy(link.get()), high_copy(file)};
  if (!fds.complete()) return failed("no descriptors", errno);
  pid_t pid = -1;
  const int error = spawn(program, fds, pid);
  if (error == ENOENT || error == EACCES || error == ENOTDIR || error == ENOEXEC)
    return std::unexpected(TransferFailure{TransferCode::not_installed, program});
  if (error != 0) return failed(program, error);
  auto impl =
      std::make_shared<Impl>(loop, pid, std::move(out->read), std::move(told), std::move(ended));
  impl->read();
  return std::unique_ptr<TransferHelper>(new TransferHelper(std::move(impl)));
}

TransferHelper::TransferHelper(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
TransferHelper::~TransferHelper() { impl_->abandon(); }

}  // namespace oobm::daemon
