#include "hal/at/channel.hpp"

#include <algorithm>
#include <utility>

#include "hal/at/fields.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::string_view probe_command = "AT";
constexpr std::size_t shortest_partial_echo = 3;  // characters

// The module may lose the first bytes of a command and echo the rest.
bool echo_of(std::string_view line, std::string_view command) {
  if (same_text(line, command)) return true;
  return line.size() >= shortest_partial_echo && line.size() < command.size() &&
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
}

void Channel::synchronise(core::BootTime now) {
  probes_ = 0;
  enter(State::draining, now + timing_.drain);
}

void Channel::send(Command command, core::BootTime now) {
  if (!ready()) return;
  previous_ = std::exchange(command_, std::move(command)).text;
  answer_ = {};
  push(Write{command_.text + '\r'});
  answer_by_ = now + command_.time_limit;
  enter(State::pending, answer_by_);
}

void Channel::feed(std::string_view bytes, core::BootTime now) {
  if (state_ == State::closed) return;
  // In pieces, so that the splitter's waiting lines stay few whatever the size of one read.
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, LineSplitter::max_lines);
    splitter_.feed(piece);
    while (auto line = splitter_.next()) on_line(std::move(*line), now);
    bytes.remove_prefix(piece.size());
  }
}

void Channel::on_line(std::string line, core::BootTime now) {
  if (state_ == State::pending || state_ == State::late_line)
    return on_pending_line(std::move(line), now);
  const bool is_result = parse_result_code(line).has_value();
  if (is_result && state_ == State::probing) return on_probe_result(now);
  if (is_result) {
    ++counters_.stray_results;
    if (state_ == State::quieting) deadline_ = now + timing_.quiet;
    return;
  }
  // While resynchronising, what looks like a report may be an old answer.
  if (!report(line, synchronising())) ++counters_.noise_lines;
}

void Channel::on_pending_line(std::string line, core::BootTime now) {
  if (echo(line)) return;
  if (auto result = parse_result_code(line)) return on_result(std::move(*result), now);
  if (report(line, true)) return;
  if (command_.accepts && answer_.lines.size() < max_answer_lines && command_.accepts(line)) {
    answer_.lines.push_back(std::move(line));
    // The OK that came before was another command's: this answer has its own still to come.
    if (state_ == State::late_line) enter(State::pending, answer_by_);
    return;
  }
  if (!report(line, false)) ++counters_.noise_lines;
}

bool Channel::echo(std::string_view line) {
  if (echo_of(line, command_.text)) {
    answer_.echoed = true;
    return true;
  }
  return !previous_.empty() && same_text(line, previous_);
}

void Channel::on_result(ResultCode result, core::BootTime now) {
  if (ends_a_call(result.kind) && !command_.call) {
    ++counters_.stray_results;
    return;
  }
  const bool line_missing = command_.accepts && answer_.lines.empty();
  if (result.ok() && line_missing) {
    if (state_ == State::late_line) return finish(std::move(result), now);
    return enter(State::late_line, std::min(answer_by_, now + timing_.late_line));
  }
  finish(std::move(result), now);
}

void Channel::finish(std::optional<ResultCode> result, core::BootTime now) {
  answer_.result = std::move(result);
  const bool timed_out = !answer_.result;
  push(Answered{std::exchange(answer_, {})});
  if (!timed_out) return enter(State::settling, now + timing_.settle);
  ++counters_.timeouts;
  synchronise(now);
}

bool Channel::report(const std::string& line, bool exclusive_only) {
  for (const auto& known : reports_) {
    if (!has_name(line, known.name) && !same_text(line, known.name)) continue;
    if (known.is_report && (exclusive_only || !known.is_report(line))) return false;
    push(Event{line});
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
      case State::late_line:
        finish(ResultCode{Final::ok, std::nullopt, "OK"}, now);
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

void Channel::push(Output output) {
  if (outputs_.size() >= max_outputs && std::holds_alternative<Event>(output)) {
    ++counters_.dropped_events;
    return;
  }
  outputs_.push_back(std::move(output));
}

std::optional<Output> Channel::next() {
  if (outputs_.empty()) return std::nullopt;
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

}  // namespace oobm::hal::at
