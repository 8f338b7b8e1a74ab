#include "tests/modem-sim/sim_host.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <asio/buffer.hpp>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "hal/modem/boot_clock.hpp"

namespace oobm::modem_sim {
namespace {

using hal::boot_now;

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
  close(fd);
  fail("the pseudo-terminal cannot be set up");
}

}  // namespace

SimHost::SimHost(const asio::any_io_executor& executor, SimConfig config, HostOptions options)
    : options_(std::move(options)),
      modem_(std::move(config), boot_now()),
      master_(executor),
      timer_(executor),
      sim_file_timer_(executor),
      hang_up_timer_(executor) {
  open_port();
  watch_sim_file();
  settle();
}

SimHost::~SimHost() { close_port(); }

void SimHost::open_port() {
  const int fd = open_master();
  std::array<char, 64> name{};
  if (ptsname_r(fd, name.data(), name.size()) != 0) fail("the pseudo-terminal has no name");
  slave_path_ = name.data();
  master_.assign(fd);
  master_.non_blocking(true);  // a line that nobody reads must not hold us up
  nobody_listens_ = false;
  publish_link();
  read();
}

void SimHost::close_port() {
  std::error_code ignored;
  master_.close(ignored);
  hang_up_timer_.cancel();
  if (!options_.link.empty()) std::filesystem::remove(options_.link, ignored);
}

void SimHost::publish_link() {
  if (options_.link.empty()) return;
  const auto fresh = options_.link + ".new";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  std::filesystem::create_symlink(slave_path_, fresh);
  std::filesystem::rename(fresh, options_.link);
}

void SimHost::read() {
  master_.async_read_some(asio::buffer(input_), [this](std::error_code error, std::size_t size) {
    if (error == asio::error::operation_aborted || !master_.is_open()) return;
    // The kernel says so when the last reader has closed the slave.
    nobody_listens_ = bool(error);
    if (error) return read_later();
    modem_.feed({input_.data(), size}, boot_now());
    settle();
    if (master_.is_open()) read();
  });
}

void SimHost::read_later() {
  hang_up_timer_.expires_after(hang_up_period);
  hang_up_timer_.async_wait([this](std::error_code error) {
    if (!error && master_.is_open()) read();
  });
}

std::string SimHost::control(std::string_view line) {
  auto reply = modem_.control(line, boot_now());
  settle();
  return reply;
}

void SimHost::settle() {
  if (modem_.port_present() && !master_.is_open()) open_port();
  const auto output = modem_.take_output(boot_now());
  // What does not fit into the line, or finds nobody there, is lost, as on a wire.
  std::error_code ignored;
  if (!output.empty() && master_.is_open() && !nobody_listens_)
    master_.write_some(asio::buffer(output), ignored);
  if (!modem_.port_present() && master_.is_open()) close_port();
  arm();
}

void SimHost::arm() {
  const auto when = modem_.deadline();
  if (!when) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::max(*when - boot_now(), core::Duration(0)));
  timer_.async_wait([this](std::error_code error) {
    if (error) return;
    modem_.tick(boot_now());
    settle();
  });
}

void SimHost::watch_sim_file() {
  if (options_.sim_file.empty()) return;
  std::string word;
  std::ifstream(options_.sim_file) >> word;
  modem_.set_subscription_active(word == "active", boot_now());
  settle();
  sim_file_timer_.expires_after(sim_file_period);
  sim_file_timer_.async_wait([this](std::error_code error) {
    if (!error) watch_sim_file();
  });
}

}  // namespace oobm::modem_sim
