#include "tests/modem-sim/pty_port.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <asio/buffer.hpp>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace oobm::modem_sim {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int open_master() {
  const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail("no pseudo-terminal");
  // Raw from the start: the line discipline must not echo the module's own reports back to it.
  termios line{};
  const bool ready = grantpt(fd) == 0 && unlockpt(fd) == 0 && tcgetattr(fd, &line) == 0;
  if (ready) cfmakeraw(&line);
  if (ready && tcsetattr(fd, TCSANOW, &line) == 0) return fd;
  ::close(fd);
  fail("the pseudo-terminal cannot be set up");
}

// A serial port whose last user has closed it is a plain terminal again, open to everybody; a
// pseudo-terminal stays in the line discipline, and the exclusive mode, that a killed pppd has left
// (tty_ioctl(4)).
void make_plain_again(const std::string& slave) {
  const int fd = ::open(slave.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  const int plain = N_TTY;
  int discipline = plain;
  if (ioctl(fd, TIOCGETD, &discipline) == 0 && discipline != plain) ioctl(fd, TIOCSETD, &plain);
  ioctl(fd, TIOCNXCL);
  ::close(fd);
}

}  // namespace

PtyPort::PtyPort(const asio::any_io_executor& executor, Handlers handlers)
    : handlers_(std::move(handlers)), master_(executor), hang_up_timer_(executor) {}

PtyPort::~PtyPort() { close(); }

void PtyPort::open(const std::string& link) {
  close();
  const int fd = open_master();
  std::array<char, 64> name{};
  if (ptsname_r(fd, name.data(), name.size()) != 0) fail("the pseudo-terminal has no name");
  slave_path_ = name.data();
  master_.assign(fd);
  master_.non_blocking(true);
  nobody_listens_ = flushing_ = false;
  link_ = link;
  publish();
  read();
}

void PtyPort::close() {
  std::error_code ignored;
  master_.close(ignored);
  hang_up_timer_.cancel();
  unsent_.clear();
  if (!link_.empty()) std::filesystem::remove(link_, ignored);
  link_.clear();
}

void PtyPort::publish() {
  if (link_.empty()) return;
  const auto fresh = link_ + ".new";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  std::filesystem::create_symlink(slave_path_, fresh);
  std::filesystem::rename(fresh, link_);
}

void PtyPort::read() {
  master_.async_read_some(asio::buffer(input_), [this](std::error_code error, std::size_t size) {
    if (error == asio::error::operation_aborted || !master_.is_open()) return;
    // The kernel says so when the last reader has closed the slave.
    const bool was_listening = !std::exchange(nobody_listens_, bool(error));
    if (error) {
      unsent_.clear();
      if (was_listening) make_plain_again(slave_path_);
      if (was_listening) handlers_.hung_up();
      if (master_.is_open()) read_later();
      return;
    }
    handlers_.received({input_.data(), size});
    if (master_.is_open()) read();
  });
}

void PtyPort::read_later() {
  hang_up_timer_.expires_after(hang_up_period);
  hang_up_timer_.async_wait([this](std::error_code error) {
    if (!error && master_.is_open()) read();
  });
}

void PtyPort::write(std::string_view bytes) {
  if (!master_.is_open() || nobody_listens_) return;
  if (unsent_.size() + bytes.size() <= max_unsent_bytes) unsent_ += bytes;
  flush();
}

void PtyPort::flush() {
  if (flushing_ || unsent_.empty()) return;
  std::error_code error;
  const auto count = master_.write_some(asio::buffer(unsent_), error);
  unsent_.erase(0, count);
  if (unsent_.empty()) return;
  if (error && error != asio::error::would_block) return unsent_.clear();
  flushing_ = true;
  master_.async_wait(asio::posix::stream_descriptor::wait_write, [this](std::error_code failed) {
    if (failed == asio::error::operation_aborted) return;
    flushing_ = false;
    if (!failed && master_.is_open()) flush();
  });
}

}  // namespace oobm::modem_sim
