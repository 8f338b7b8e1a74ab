#include "hal/board/direct_spawner.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <expected>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/board/spawn_settings.hpp"

namespace oobm::hal {
namespace {

constexpr int above_all_targets = 10;
constexpr std::array standard_descriptors{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Copies of descriptors that nothing made for the program can overwrite; closed at the end.
class Copies {
 public:
  Copies() = default;
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  ~Copies() {
    for (const int fd : all_) close(fd);
  }
  int add(int fd) {
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, above_all_targets);
    if (copy >= 0) all_.push_back(copy);
    return copy;
  }

 private:
  std::vector<int> all_;
};

bool arrange(const ChildOrder& order, Copies& copies, SpawnSettings& settings) {
  for (const int to : standard_descriptors)
    if (!std::ranges::contains(order.descriptors, to, &std::pair<int, int>::first))
      settings.open(to, "/dev/null", O_RDWR);
  for (const auto& [to, from] : order.descriptors) {
    const int copy = copies.add(from);
    if (copy < 0) return false;
    settings.duplicate(copy, to);
  }
  return true;
}

// Errors: errno.
std::expected<pid_t, int> spawn(const ChildOrder& order) {
  SpawnSettings settings(POSIX_SPAWN_SETPGROUP);
  Copies copies;
  if (!arrange(order, copies, settings)) return std::unexpected(errno);
  std::vector<std::string> arguments{order.path};
  arguments.insert(arguments.end(), order.arguments.begin(), order.arguments.end());
  auto environment = order.environment;
  auto argv = pointers(arguments);
  auto envp = pointers(environment);
  // Asked first, since posix_spawn() may leave the news to a child that exits with 127.
  if (access(order.path.c_str(), X_OK) != 0) return std::unexpected(errno);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, order.path.c_str(), settings.actions(), settings.attributes(),
                                argv.data(), envp.data());
  if (error != 0) return std::unexpected(error);
  return pid;
}

class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(const asio::any_io_executor& executor, pid_t pid, Spawner::Ended ended)
      : pid_(pid), exit_(executor), exit_poll_(executor), ended_(std::move(ended)) {}

  // Not by SIGCHLD, which belongs to the program as a whole.
  void watch() {
    const auto fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    std::error_code error;
    if (fd >= 0) exit_.assign(fd, error);
    if (fd >= 0 && error) ::close(fd);
    wait_for_exit();
  }

  void not_started(int error) { finish({ChildEnd::Kind::not_started, error}); }

  void signal(int number) const {
    if (pid_ >= 0) kill(-pid_, number);
  }

  void abandon() {
    ended_ = nullptr;
    if (pid_ < 0) return;
    // It dies when the kernel comes to it, which a medium that hangs may put off: the watch goes
    // on, for nobody, and takes it away then. What is left when this program ends is init's.
    kill(-pid_, SIGKILL);
    reap();
  }

 private:
  void wait_for_exit() {
    const auto look = [self = shared_from_this()](std::error_code error) {
      if (error || self->pid_ < 0) return;
      if (!self->reap()) self->wait_for_exit();
    };
    if (exit_.is_open()) return exit_.async_wait(asio::posix::descriptor_base::wait_read, look);
    exit_poll_.expires_after(DirectSpawner::exit_poll);
    exit_poll_.async_wait(look);
  }

  bool reap() {
    siginfo_t info{};
    // First look without reaping: as long as the zombie is there, its group number is nobody
    // else's.
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      finish({ChildEnd::Kind::signalled, SIGKILL});
      return true;
    }
    if (info.si_pid == 0) return false;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    const bool exited = info.si_code == CLD_EXITED;
    finish({exited ? ChildEnd::Kind::exited : ChildEnd::Kind::signalled, info.si_status});
    return true;
  }

  void finish(ChildEnd end) {
    close();
    if (auto ended = std::exchange(ended_, nullptr)) ended(end);
  }

  void close() {
    pid_ = -1;
    std::error_code ignored;
    exit_.close(ignored);
    exit_poll_.cancel();
  }

  pid_t pid_;
  asio::posix::stream_descriptor exit_;  // readable once the program has ended
  asio::steady_timer exit_poll_;         // where the kernel has no such descriptor
  Spawner::Ended ended_;
};

class DirectChild final : public Child {
 public:
  explicit DirectChild(std::shared_ptr<Running> running) : running_(std::move(running)) {}
  ~DirectChild() override { running_->abandon(); }
  void signal(int number) override { running_->signal(number); }

 private:
  std::shared_ptr<Running> running_;
};

}  // namespace

std::unique_ptr<Child> DirectSpawner::start(const ChildOrder& order, Ended ended) {
  const auto pid = spawn(order);
  auto running = std::make_shared<Running>(executor_, pid.value_or(-1), std::move(ended));
  if (pid)
    running->watch();
  else
    asio::post(executor_, [running, error = pid.error()] { running->not_started(error); });
  return std::make_unique<DirectChild>(std::move(running));
}

}  // namespace oobm::hal
