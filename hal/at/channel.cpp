#include "hal/at/channel.hpp"

#include <algorithm>
#include <utility>

#include "hal/at/fields.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::string_view probe_command = "AT";
constexpr std::size_t shortest_partial_echo = 3;  // characters

// The module may lose the first bytes of a command and echo the rest, or a report may cut the echo
// in two.
bool echo_of(std::string_view line, std::string_view command) {
  if (same_text(line, trim(command))) return true;
  if (line.size() < shortest_partial_echo || line.size() > command.size()) return false;
  return starts_with_text(command, line) ||
         same_text(line, command.substr(command.size() - line.size()));
}

}  // namespace

Channel::Channel(std::vector<ReportName> reports, ChannelTiming timing)
    : reports_(std::move(reports)), timing_(timing) {}

void Channel::close() {
  state_ = State::closed;
  splitter_.clear();
  outputs_.clear();
  previous_.clear();
  command_ = {};
  doubted_.reset();
  second_codes_ = false;
}

void Channel::synchronise(core::BootTime now) {
  probes_ = 0;
  doubted_.reset();
  enter(State::draining, now + timing_.drain);
}

bool Channel::ready(const Command& next) const {
  const bool no_second = state_ == State::settling && whole_ && !second_codes_;
  return ready() || (no_second && next.accepts && !next.call);
}

void Channel::send(Command command, core::BootTime now) {
  if (!ready(command)) return;
  previous_ = std::exchange(command_, std::move(command)).text;
  answer_ = {};
  push(Write{command_.text + '\r'});
  sent_at_ = now;
  answer_by_ = now + command_.time_limit;
  enter(State::pending, answer_by_);
}

void Channel::feed(std::string_view bytes, core::BootTime now) {
  if (state_ == State::closed) return;
  while (const auto line = splitter_.next(bytes)) on_line(*line, now);
}

void Channel::on_line(std::string_view line, core::BootTime now) {
  if (state_ == State::pending || state_ == State::doubted) return on_pending_line(line, now);
  const bool is_result = is_result_code(line);
  if (is_result && state_ == State::probing) return on_probe_result(now);
  if (is_result) {
    stray_result();
    if (state_ == State::quieting) deadline_ = now + timing_.quiet;
    return;
  }
  // While resynchronising, what looks like a report may be an old answer.
  if (!report(line, synchronising())) ++counters_.noise_lines;
}

void Channel::on_pending_line(std::string_view line, core::BootTime now) {
  if (echo(line)) return;
  if (auto result = parse_result_code(line)) return on_result(std::move(*result), now);
  if (report(line, true)) return;
  if (command_.accepts && answer_.lines.size() < max_answer_lines && command_.accepts(line)) {
    answer_.lines.emplace_back(line);
    // The code that came before was another command's: this answer has its own still to come.
    drop_doubted();
    return;
  }
  if (!report(line, false)) ++counters_.noise_lines;
}

bool Channel::echo(std::string_view line) {
  if (echo_of(line, command_.text)) {
    answer_.echoed = true;
    return true;
  }
  return echo_of(line, previous_);
}

void Channel::on_result(ResultCode result, core::BootTime now) {
  if (ends_a_call(result.kind) && !command_.call) {
    ++counters_.stray_results;
    return;
  }
  const auto wait = doubted_ ? std::nullopt : doubt(result, now);
  drop_doubted();
  if (!wait) return finish(std::move(result), now);
  doubted_ = std::move(result);
  enter(State::doubted, std::min(answer_by_, now + *wait));
}

// How long to wait for better evidence; nothing: there is no doubt.
std::optional<core::Duration> Channel::doubt(const ResultCode& result, core::BootTime now) const {
  if (!answer_.lines.empty()) return std::nullopt;
  if (result.ok() && (command_.accepts || command_.call)) return timing_.late_line;
  if (answer_.echoed || now - sent_at_ >= timing_.too_early) return std::nullopt;
  return timing_.second_code;
}

void Channel::drop_doubted() {
  if (!doubted_) return;
  stray_result();
  doubted_.reset();
  enter(State::pending, answer_by_);
}

void Channel::stray_result() {
  ++counters_.stray_results;
  second_codes_ = true;
}

void Channel::finish(std::optional<ResultCode> result, core::BootTime now) {
  answer_.result = std::move(result);
  const bool timed_out = !answer_.result;
  whole_ = answer_.ok() && !answer_.lines.empty();
  push(Answered{std::exchange(answer_, {})});
  if (!timed_out) return enter(State::settling, now + timing_.settle);
  ++counters_.timeouts;
  synchronise(now);
}

bool Channel::report(std::string_view line, bool exclusive_only) {
  for (const auto& known : reports_) {
    if (!has_name(line, known.name) && !same_text(line, known.name)) continue;
    if (known.is_report && (exclusive_only || !known.is_report(line))) return false;
    push_event(line);
    return true;
  }
  return false;
}

void Channel::probe(core::BootTime now) {
  ++probes_;
  early_final_ = false;
  probed_at_ = now;
  push(Write{std::string(probe_command) + '\r'});
  enter(State::probing, now + timing_.probe);
}

void Channel::on_probe_result(core::BootTime now) {
  // A module that is always this fast shows itself by sending nothing more until the probe's end.
  if (now - probed_at_ < timing_.early_final)
    early_final_ = true;
  else
    enter(State::quieting, now + timing_.quiet);
}

void Channel::probe_unanswered(core::BootTime now) {
  if (early_final_) return enter(State::quieting, now);
  if (probes_ < max_probes) return probe(now);
  state_ = State::silent;
  push(Silent{});
}

void Channel::tick(core::BootTime now) {
  // One state may lead to the next at the same instant.
  while (deadline() && *deadline() <= now) {
    switch (state_) {
      case State::closed:
      case State::idle:
      case State::silent:
        return;
      case State::settling:
        state_ = State::idle;
        break;
      case State::pending:
        finish(std::nullopt, now);
        break;
      case State::doubted:
        finish(std::exchange(doubted_, std::nullopt), now);
        break;
      case State::draining:
        probe(now);
        break;
      case State::probing:
        probe_unanswered(now);
        break;
      case State::quieting:
        state_ = State::idle;
        push(Synchronised{});
        break;
    }
  }
}

std::optional<core::BootTime> Channel::deadline() const {
  if (state_ == State::closed || state_ == State::idle || state_ == State::silent)
    return std::nullopt;
  return deadline_;
}

void Channel::enter(State state, core::BootTime deadline) {
  state_ = state;
  deadline_ = deadline;
}

void Channel::push_event(std::string_view line) {
  if (outputs_.size() < max_outputs) return push(Event{std::string(line)});
  ++counters_.dropped_events;
}

void Channel::push(Output output) { outputs_.push_back(std::move(output)); }

std::optional<Output> Channel::next() {
  if (outputs_.empty()) return std::nullopt;
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

}  // namespace oobm::hal::at
