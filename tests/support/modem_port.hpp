// The wire between a simulated module and the service that watches it, as the daemon's serial port
// is: opened as soon as it is there, tried again with growing pauses, closed and opened anew when
// the service asks. In virtual time; the module lives on the world's clock, the service on the boot
// clock.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "hal/modem/modem_service.hpp"
#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::hal {

class ModemPort {
 public:
  // Both outlive this object. `watch` sees what the service writes.
  ModemPort(modem_sim::SimModem& module, ModemService& service,
            std::function<void(std::string_view)> watch = {})
      : module_(module), service_(service), watch_(std::move(watch)) {}

  // Carries bytes until both sides are silent. True when something happened to the service since
  // the last call.
  bool exchange(core::BootTime world, core::BootTime boot) {
    if (open_ && !module_.port_present()) lose("gone", world, boot);
    if (!open_ && reopen_at_ <= world) open(world, boot);
    for (int round = 0; round < most_rounds; ++round) {
      const auto from_host = service_.take_writes();
      const auto from_module = module_.take_output(world);
      if (from_host.empty() && from_module.empty()) break;
      moved_ = true;
      if (watch_) watch_(from_host);
      if (open_) module_.feed(from_host, world);
      if (open_) service_.feed(from_module, boot);
    }
    if (service_.facts().port == PortState::ok) pause_ = first_pause;
    if (service_.take_reopen() && open_) lose("opened anew", world, boot);
    return std::exchange(moved_, false);
  }

  // The service was called from elsewhere.
  void touch() { moved_ = true; }
  [[nodiscard]] bool is_open() const { return open_; }
  // When the port is to be opened again. Meaningful while it is closed.
  [[nodiscard]] core::BootTime reopen_at() const { return reopen_at_; }

 private:
  static constexpr int most_rounds = 16;
  static constexpr core::Duration first_pause = std::chrono::seconds(1);
  static constexpr core::Duration longest_pause = std::chrono::minutes(5);

  void open(core::BootTime world, core::BootTime boot) {
    if (!module_.port_present() || module_.port_held()) return lose("not there", world, boot);
    service_.opened(boot);
    open_ = moved_ = true;
  }

  void lose(const std::string& why, core::BootTime world, core::BootTime boot) {
    open_ = false;
    moved_ = true;
    service_.closed(module_.port_held() ? PortState::busy : PortState::absent, why, boot);
    reopen_at_ = world + pause_;
    pause_ = std::min(pause_ * 2, longest_pause);
  }

  modem_sim::SimModem& module_;
  ModemService& service_;
  std::function<void(std::string_view)> watch_;
  bool open_ = false;
  bool moved_ = true;
  core::BootTime reopen_at_{};
  core::Duration pause_ = first_pause;
};

}  // namespace oobm::hal
