#include "tests/modem-sim/ppp_peer.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/write.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "hal/board/spawn_settings.hpp"

namespace oobm::modem_sim {
namespace {

constexpr int kill_patience = 200;  // milliseconds until a killed program is gone

void check(bool good, int error, const char* what) {
  if (!good) throw std::system_error(error, std::generic_category(), what);
}

int open_terminal(std::array<char, 64>& slave) {
  const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  check(fd >= 0, errno, "no pseudo-terminal for the far end");
  termios line{};
  const bool ready = grantpt(fd) == 0 && unlockpt(fd) == 0 &&
                     ptsname_r(fd, slave.data(), slave.size()) == 0 && tcgetattr(fd, &line) == 0;
  cfmakeraw(&line);
  if (ready && tcsetattr(fd, TCSANOW, &line) == 0) return fd;
  const int error = errno;
  close(fd);
  throw std::system_error(error, std::generic_category(), "the far end's terminal");
}

pid_t spawn(std::string command, const char* slave) {
  hal::SpawnSettings settings(POSIX_SPAWN_SETSID);
  // The first terminal that the leader of a session opens becomes its controlling one, by which it
  // learns of a hang-up.
  settings.open(STDIN_FILENO, slave, O_RDWR);
  settings.duplicate(STDERR_FILENO, STDOUT_FILENO);
  std::string shell = "/bin/sh";
  std::string option = "-c";
  std::array<char*, 4> argv{shell.data(), option.data(), command.data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, shell.c_str(), settings.actions(), settings.attributes(),
                                argv.data(), environ);
  check(error == 0, error, "the far end's program");
  return pid;
}

}  // namespace

PppPeer::PppPeer(const asio::any_io_executor& executor, std::string command, Handlers handlers)
    : command_(std::move(command)),
      handlers_(std::move(handlers)),
      terminal_(executor),
      watch_(executor) {}

PppPeer::~PppPeer() { kill_program(); }

void PppPeer::start() {
  kill_program();  // of a call before, still taking its leave
  std::array<char, 64> slave{};
  terminal_.assign(open_terminal(slave));
  terminal_.non_blocking(true);
  try {
    pid_ = spawn(command_, slave.data());
  } catch (...) {
    terminal_.close();
    throw;
  }
  ++call_;
  waiting_.clear();
  being_written_.clear();
  read();
}

void PppPeer::read() {
  terminal_.async_read_some(asio::buffer(input_),
                            [this, call = call_](std::error_code error, std::size_t size) {
                              if (call != call_ || !terminal_.is_open()) return;
                              if (error) return program_ended();
                              handlers_.sent({input_.data(), size});
                              if (call == call_ && terminal_.is_open()) read();
                            });
}

void PppPeer::receive(std::string_view bytes) {
  if (!terminal_.is_open()) return;
  waiting_.append(bytes.substr(0, max_waiting_bytes - waiting_.size()));
  if (being_written_.empty()) write();
}

void PppPeer::write() {
  if (waiting_.empty()) return;
  being_written_.swap(waiting_);
  asio::async_write(terminal_, asio::buffer(being_written_),
                    [this, call = call_](std::error_code error, std::size_t) {
                      if (call != call_ || !terminal_.is_open()) return;
                      being_written_.clear();
                      if (!error) write();
                    });
}

// The kernel says so when the last process has closed the terminal; the program itself may need
// another moment.
void PppPeer::program_ended() {
  hang_up();
  handlers_.ended();
}

void PppPeer::hang_up() {
  if (!terminal_.is_open()) return;
  ++call_;
  terminal_.close();
  watch(hang_up_limit);
}

void PppPeer::watch(core::Duration left) {
  if (reap()) return;
  if (left <= core::Duration(0)) return kill_program();
  watch_.expires_after(poll_period);
  watch_.async_wait([this, left](std::error_code error) {
    if (!error) watch(left - poll_period);
  });
}

bool PppPeer::reap() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
  return pid_ < 0;
}

void PppPeer::kill_program() {
  ++call_;
  std::error_code ignored;
  terminal_.close(ignored);
  watch_.cancel();
  if (reap()) return;
  kill(-pid_, SIGKILL);
  for (int attempt = 0; attempt < kill_patience && !reap(); ++attempt) usleep(1000);
  pid_ = -1;
}

}  // namespace oobm::modem_sim
