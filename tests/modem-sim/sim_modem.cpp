#include "tests/modem-sim/sim_modem.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration shortest_delay = 2ms;  // whatever the speed
constexpr int jitter_percent = 30;              // of a latency, upwards

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return result;
}

}  // namespace

SimModem::SimModem(SimConfig config, core::BootTime now)
    : config_(std::move(config)), random_(config_.seed) {
  if (config_.model.empty()) config_.model = config_.personality->model;
  apns_[1] = config_.apn;
  time_base_ = config_.network_time;
  time_base_at_ = now;
  start(now, true);
}

void SimModem::start(core::BootTime now, bool report) {
  ++life_;
  running_ = busy_ = false;
  echo_ = true;
  error_form_ = registration_level_ = 0;
  registration_ = 0;
  planned_registration_ = -1;
  input_.clear();
  waiting_.clear();
  output_.clear();
  after(now, config_.personality->boot_time, [this, report](core::BootTime then) {
    running_ = true;
    if (report && boot_report_ && !config_.personality->boot_report.empty())
      emit_line(config_.personality->boot_report);
    reconsider(then);
  });
}

core::Duration SimModem::scaled(core::Duration delay) const {
  const auto shortened = static_cast<double>(delay.count()) / config_.speed;
  return std::max(shortest_delay, core::Duration(static_cast<std::int64_t>(shortened)));
}

void SimModem::after(core::BootTime now, core::Duration delay,
                     std::function<void(core::BootTime)> action) {
  Timed timed{now + scaled(delay), life_, std::move(action)};
  const auto place = std::ranges::upper_bound(timed_, timed.at, {}, &Timed::at);
  timed_.insert(place, std::move(timed));
}

std::optional<core::BootTime> SimModem::deadline() const {
  auto when = next_piece_at_;
  if (!timed_.empty()) when = when ? std::min(*when, timed_.front().at) : timed_.front().at;
  return when;
}

void SimModem::tick(core::BootTime now) {
  now_ = now;
  while (!timed_.empty() && timed_.front().at <= now) {
    const Timed timed = std::move(timed_.front());
    timed_.pop_front();
    if (timed.life == life_) timed.action(now);
  }
}

void SimModem::feed(std::string_view bytes, core::BootTime now) {
  now_ = now;
  if (!running_ || silent_ || !port_present_) return;
  for (char c : bytes) {
    echo(c);
    if (c != '\r') {
      if (c != '\n' && input_.size() < max_command_bytes) input_ += c;
      continue;
    }
    if (waiting_.size() < max_waiting_commands && !input_.empty()) waiting_.push_back(input_);
    input_.clear();
  }
  run_next(now);
}

void SimModem::echo(char c) {
  if (echo_) emit({&c, 1});
}

void SimModem::run_next(core::BootTime now) {
  if (busy_ || waiting_.empty()) return;
  const auto line = std::move(waiting_.front());
  waiting_.pop_front();
  if (ignore_commands_ > 0) {
    --ignore_commands_;
    return run_next(now);
  }
  busy_ = true;
  const auto reply = dispatch(line);
  std::uniform_int_distribution<int> jitter(0, jitter_percent);
  const auto latency = reply.latency + reply.latency * jitter(random_) / 100;
  const auto late = std::exchange(next_answer_late_, core::Duration(0));
  // A delay asked for by name is meant as it stands.
  const auto stretched =
      core::Duration(static_cast<std::int64_t>(static_cast<double>(late.count()) * config_.speed));
  after(now, latency + stretched, [this, reply](core::BootTime then) { answer(reply, then); });
}

void SimModem::answer(const Reply& reply, core::BootTime now) {
  busy_ = false;
  for (const auto& line : reply.lines) emit_line(line);
  emit_line(reply.final);
  if (doubled_finals_ && reply.final != "OK") emit_line("OK");
  if (reply.then) reply.then(now);
  run_next(now);
}

void SimModem::emit(std::string_view bytes) {
  if (!running_ || silent_ || !port_present_) return;
  if (output_.size() + bytes.size() <= max_output_bytes) output_ += bytes;
}

void SimModem::emit_line(std::string_view text) {
  std::string line("\r\n");
  emit(line.append(text).append("\r\n"));
}

std::string SimModem::take_output(core::BootTime now) {
  if (!fragment_) {
    next_piece_at_.reset();
    return std::exchange(output_, {});
  }
  if (output_.empty() || (next_piece_at_ && *next_piece_at_ > now)) {
    if (output_.empty()) next_piece_at_.reset();
    return {};
  }
  std::uniform_int_distribution<std::size_t> size(1, 4);
  const auto count = std::min(size(random_), output_.size());
  auto piece = output_.substr(0, count);
  output_.erase(0, count);
  next_piece_at_ = now + core::Duration(1);
  return piece;
}

SimModem::Request SimModem::parse(std::string_view line) {
  auto body = upper(line.substr(0, 2)) == "AT" ? line.substr(2) : std::string_view();
  if (body.empty()) return {};
  const bool extended = !std::isalpha(static_cast<unsigned char>(body[0])) && body[0] != '&';
  const auto end = extended ? std::min(body.find_first_of("=?"), body.size())
                            : std::min<std::size_t>(body[0] == '&' ? 2 : 1, body.size());
  Request request{upper(body.substr(0, end)), 'x', std::string(body.substr(end))};
  if (!extended) return request;
  if (request.arguments == "?") request.form = '?';
  if (request.arguments == "=?") request.form = 't';
  if (request.form == 'x' && request.arguments.starts_with('=')) request.form = '=';
  if (request.form == '=') request.arguments.erase(0, 1);
  return request;
}

SimModem::Reply SimModem::dispatch(const std::string& line) {
  if (upper(std::string_view(line).substr(0, 2)) != "AT") return {.final = "ERROR"};
  const auto request = parse(line);
  if (request.name.empty()) return {};
  for (const auto& row : table()) {
    if (row.name != request.name) continue;
    if (row.hl78xx_only && !config_.personality->hl78xx) break;
    if (request.form == 't') return {};
    return (this->*row.handler)(request);
  }
  return error(4);
}

}  // namespace oobm::modem_sim
