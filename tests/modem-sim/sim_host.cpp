#include "tests/modem-sim/sim_host.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "hal/modem/boot_clock.hpp"
#include "tests/modem-sim/sim_text.hpp"

namespace oobm::modem_sim {

using hal::boot_now;

std::string renumbered(const std::string& name, int steps) {
  if (name.empty() || steps == 0) return name;
  auto end = name.size();
  while (end > 0 && std::isdigit(static_cast<unsigned char>(name[end - 1]))) --end;
  const int number = leading_number(std::string_view(name).substr(end), 0);
  return name.substr(0, end) + std::to_string(number + steps);
}

SimHost::SimHost(const asio::any_io_executor& executor, SimConfig config, HostOptions options)
    : options_(std::move(options)),
      modem_(std::move(config), boot_now()),
      command_port_(executor, handlers_of(PortId::command)),
      data_port_(executor, handlers_of(PortId::data)),
      timer_(executor),
      sim_file_timer_(executor) {
  open_ports();
  watch_sim_file();
  settle();
}

SimHost::~SimHost() {
  if (holder_ >= 0) close(holder_);
}

PtyPort::Handlers SimHost::handlers_of(PortId port) {
  return {.received =
              [this, port](std::string_view bytes) {
                modem_.feed(bytes, boot_now(), port);
                settle();
              },
          .hung_up =
              [this, port] {
                modem_.hang_up(port, boot_now());
                settle();
              }};
}

void SimHost::open_ports() {
  command_port_.open(renumbered(options_.link, modem_.port_number()));
  if (modem_.config().data_port)
    data_port_.open(renumbered(options_.data_link, modem_.port_number()));
}

std::string SimHost::control(std::string_view line) {
  auto reply = modem_.control(line, boot_now());
  settle();
  return reply;
}

std::optional<std::string> SimHost::play(std::string_view script) {
  auto wrong = modem_.play(script, boot_now());
  settle();
  return wrong;
}

void SimHost::send_to_host(std::string_view bytes) {
  modem_.send_to_host(bytes);
  settle();
}

void SimHost::far_end_left() {
  modem_.far_end_left(boot_now());
  settle();
}

void SimHost::settle() {
  if (modem_.port_present() && !command_port_.is_open()) open_ports();
  command_port_.write(modem_.take_output(boot_now(), PortId::command));
  data_port_.write(modem_.take_output(boot_now(), PortId::data));
  if (!modem_.port_present()) {
    command_port_.close();
    data_port_.close();
  }
  follow_holder();
  arm();
}

// The lock of "another process" is one of ours on a descriptor of its own.
void SimHost::follow_holder() {
  const bool held = modem_.port_held() && command_port_.is_open();
  if (held && holder_ < 0) {
    holder_ = open(slave_path().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (holder_ >= 0) flock(holder_, LOCK_EX | LOCK_NB);
  }
  if (!held && holder_ >= 0) close(std::exchange(holder_, -1));
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
