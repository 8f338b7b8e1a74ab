// A module and the service that watches it, joined by a wire, in virtual time: hours pass in
// milliseconds and every run is the same.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/modem/modem_service.hpp"
#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::hal {

class VirtualBench {
 public:
  explicit VirtualBench(modem_sim::SimConfig config = {}, ModemTiming timing = {},
                        RadioSettings wanted = {})
      : sim(std::move(config), now), service(timing, std::move(wanted)) {}

  // Opens the port as soon as there is one.
  void plug() {
    try_to_open();
    exchange();
  }

  // Lets time pass until the condition holds. False: it did not within the limit.
  bool until(const std::function<bool()>& condition, core::Duration limit) {
    const auto end = now + limit;
    exchange();
    while (!condition()) {
      if (now >= end) return false;
      step(end);
    }
    return true;
  }

  void pass(core::Duration time) {
    until([] { return false; }, time);
  }

  bool until_registered(core::Duration limit = std::chrono::minutes(3)) {
    return until([this] { return registered(facts()) && facts().pdp && quiet(); }, limit);
  }

  std::string control(std::string_view line) {
    auto reply = sim.control(line, now);
    exchange();
    return reply;
  }

  // Whether the service sends nothing for a while.
  [[nodiscard]] bool quiet() const { return now - last_write_ > std::chrono::seconds(2); }
  [[nodiscard]] const RadioFacts& facts() const { return service.facts(); }

  core::BootTime now{std::chrono::seconds(100)};
  modem_sim::SimModem sim;
  ModemService service;
  std::vector<std::string> sent;  // command lines
  int changes = 0;
  int timers = 0;  // how often the service had asked to be woken
  int reopenings = 0;

 private:
  void try_to_open() {
    if (!sim.port_present()) return;
    if (sim.port_held()) return service.closed(PortState::busy, "held by another process", now);
    service.opened(now);
    plugged_ = true;
  }

  void step(core::BootTime end) {
    auto next = std::min(end, now + longest_step);
    if (const auto when = sim.deadline()) next = std::min(next, *when);
    if (const auto when = service.deadline()) next = std::min(next, *when);
    now = std::max(next, now + core::Duration(1));
    sim.tick(now);
    if (const auto when = service.deadline(); when && *when <= now) ++timers;
    service.tick(now);
    exchange();
  }

  void exchange() {
    if (plugged_ && !sim.port_present()) {
      service.closed(PortState::absent, "gone", now);
      plugged_ = false;
    }
    const auto state = service.facts().port;
    if (!plugged_ && (state == PortState::absent || state == PortState::busy)) try_to_open();
    for (int round = 0; round < 16; ++round) {
      const auto from_host = service.take_writes();
      const auto from_module = sim.take_output(now);
      if (from_host.empty() && from_module.empty()) break;
      if (!from_host.empty()) note(from_host);
      if (plugged_) sim.feed(from_host, now);
      if (plugged_) service.feed(from_module, now);
    }
    if (service.take_reopen() && plugged_) {
      ++reopenings;
      service.closed(PortState::absent, "reopening", now);
      plugged_ = false;
      try_to_open();
    }
    for (auto& ended : service.take_ended()) ended();
    if (service.take_changed()) ++changes;
  }

  void note(std::string_view bytes) {
    last_write_ = now;
    while (!bytes.empty()) {
      const auto end = std::min(bytes.find('\r'), bytes.size());
      sent.emplace_back(bytes.substr(0, end));
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
  }

  // Conditions are looked at this often, at least.
  static constexpr core::Duration longest_step{500};

  bool plugged_ = false;
  core::BootTime last_write_{};
};

// A module of the generic profile.
inline modem_sim::SimConfig generic() {
  modem_sim::SimConfig config;
  config.personality = modem_sim::find_personality("generic");
  return config;
}

// How often the module was sent this command.
inline std::ptrdiff_t count(const VirtualBench& bench, std::string_view command) {
  return std::ranges::count(bench.sent, command);
}

}  // namespace oobm::hal
