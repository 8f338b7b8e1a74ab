#include "tests/modem-sim/sim_modem.hpp"

#include <algorithm>
#include <utility>

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration shortest_delay = 2ms;  // whatever the speed
constexpr core::Duration power_off_time = 500ms;

}  // namespace

SimModem::SimModem(SimConfig config, core::BootTime now)
    : config_(std::move(config)), random_(config_.seed), now_(now) {
  if (config_.model.empty()) config_.model = config_.personality->model;
  apns_[1] = config_.apn;
  time_base_ = config_.network_time;
  time_base_at_ = now;
  start(now, true);
}

void SimModem::lose_settings() {
  error_form_ = registration_level_ = 0;
  stored_.clear();
  for (auto& each : lines_) each.echo = true;
}

void SimModem::start(core::BootTime now, bool report) {
  ++life_;
  running_ = false;
  for (const auto port : {PortId::command, PortId::data}) {
    end_call(port, false);
    line(port).restart();
  }
  lose_settings();
  card_unlocked_ = detached_ = false;
  active_contexts_.clear();
  deaf_until_ = {};
  standing_ = {};
  planned_standing_.reset();
  after(now, config_.personality->boot_time,
        [this, report](core::BootTime then) { started(then, report); });
}

void SimModem::started(core::BootTime now, bool report) {
  running_ = true;
  last_heard_ = now;
  if (const auto bytes = fault(FaultId::boot_garbage)) {
    emit(random_bytes(static_cast<std::size_t>(bytes)));
    emit(std::string_view("\0\0\0+CEREG: 5,\"", 14));
  }
  if (fault(FaultId::early_report)) emit_line("+CEREG: 2");
  if (report && boot_report_)
    for (const auto text : config_.personality->boot_reports) emit_line(text);
  reconsider(now);
}

void SimModem::restart(core::BootTime now, bool report) {
  ++restarts_;
  start(now, report);
  cure(cure_reset, now);
}

void SimModem::power_cycle(core::BootTime now) {
  now_ = now;
  faults_[static_cast<std::size_t>(FaultId::hang)] = 0;
  ++restarts_;
  ++life_;
  running_ = false;
  after(now, power_off_time, [this](core::BootTime then) { start(then, true); });
  cure(cure_power, now);
}

core::Duration SimModem::scaled(core::Duration delay) const {
  const auto shortened = static_cast<double>(delay.count()) / config_.speed;
  return std::max(shortest_delay, core::Duration(static_cast<std::int64_t>(shortened)));
}

void SimModem::after(core::BootTime now, core::Duration delay,
                     std::function<void(core::BootTime)> action) {
  plan({now + scaled(delay), life_, std::move(action)});
}

void SimModem::plan(Timed timed) {
  const auto place = std::ranges::upper_bound(timed_, timed.at, {}, &Timed::at);
  timed_.insert(place, std::move(timed));
}

std::optional<core::BootTime> SimModem::deadline() const {
  std::optional<core::BootTime> earliest;
  const auto consider = [&earliest](std::optional<core::BootTime> when) {
    if (when && (!earliest || *when < *earliest)) earliest = when;
  };
  for (const auto& each : lines_) consider(each.deadline());
  if (!timed_.empty()) consider(timed_.front().at);
  if (port_held()) consider(held_until_);
  return earliest;
}

void SimModem::tick(core::BootTime now) {
  now_ = now;
  while (!timed_.empty() && timed_.front().at <= now) {
    const Timed timed = std::move(timed_.front());
    timed_.pop_front();
    if (timed.life == life_ || timed.life == any_life) timed.action(now);
  }
  for (const auto port : {PortId::command, PortId::data})
    if (line(port).take_escape(now)) emit_line("OK", port);
}

bool SimModem::hears() const {
  return running_ && port_present_ && !fault(FaultId::silent) && !fault(FaultId::hang) &&
         now_ >= deaf_until_;
}

void SimModem::feed(std::string_view bytes, core::BootTime now, PortId port) {
  now_ = now;
  if (!hears() || bytes.empty()) return;
  auto& here = line(port);
  if (here.data_mode) {
    const auto data = here.feed_data(bytes, now);
    if (!data.empty() && peer_.received && !fault(FaultId::half_dead)) peer_.received(data);
    return;
  }
  if (!wakes(now)) return;
  here.feed(bytes);
  run_next(port, now);
}

void SimModem::emit(std::string_view bytes, PortId port) {
  if (hears()) line(port).put(bytes);
}

void SimModem::emit_line(std::string_view text, PortId port) {
  std::string framed("\r\n");
  emit(framed.append(text).append("\r\n"), port);
}

std::string SimModem::take_output(core::BootTime now, PortId port) {
  now_ = std::max(now_, now);
  return line(port).take_output(now, static_cast<std::size_t>(fault(FaultId::fragment)), random_);
}

}  // namespace oobm::modem_sim
