#include "agent/daemon/crash_pause.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <asio/executor_work_guard.hpp>

#include "agent/daemon/control_protocol.hpp"
#include "agent/daemon/control_socket.hpp"
#include "agent/daemon/event_log.hpp"
#include "agent/daemon/system.hpp"
#include "agent/daemon/time_text.hpp"

namespace oobm::daemon {
namespace {

constexpr core::Duration longest_silence = std::chrono::seconds(30);

std::int64_t seconds_of(core::Duration time) {
  return std::chrono::ceil<std::chrono::seconds>(time).count();
}

// By the system clock, whether it is right or not: the log's lines have the same.
std::string system_time_in(core::Duration time) {
  const auto then = (std::chrono::system_clock::now() + time).time_since_epoch();
  return rfc3339({std::chrono::duration_cast<std::chrono::seconds>(then).count()});
}

std::string refusal(const ExitRecord& record, core::Duration left) {
  const auto seconds = seconds_of(left);
  return waiting_reply("oobmd waits " + std::to_string(seconds) +
                           " s before it begins anew: " + sentence(record) +
                           ". Its log says more. Once the cause is mended, restart it "
                           "(/etc/init.d/oobm restart): then it begins at once",
                       seconds);
}

}  // namespace

void pause_after_crash(asio::io_context& loop, const std::string& control_socket,
                       const ExitRecord& record, core::Duration pause, const Log& log,
                       const std::function<void()>& alive) {
  if (pause <= core::Duration(0)) return;
  log.warning("waiting_after_crash", {{"because", sentence(record)},
                                      {"in_a_row", record.in_a_row},
                                      {"wait_s", seconds_of(pause)},
                                      {"until", system_time_in(pause)}});
  const auto end = boot_now() + pause;
  EventLog nothing;
  ControlHandlers handlers;
  handlers.refusal = [&] { return refusal(record, end - boot_now()); };
  ControlSocket socket(loop, control_socket, std::move(handlers), nothing);
  if (const auto begun = socket.start(); !begun)
    log.warning("control_socket", {{"error", begun.error()}});
  auto work = asio::make_work_guard(loop);
  for (auto left = pause; left > core::Duration(0); left = end - boot_now()) {
    alive();
    loop.run_for(std::min(left, longest_silence));
  }
  socket.stop();
  work.reset();
  loop.poll();  // what the socket had begun
  loop.restart();
}

}  // namespace oobm::daemon
