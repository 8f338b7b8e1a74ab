#include "hal/modem/modem_service.hpp"

#include <algorithm>
#include <utility>

#include "hal/at/commands.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/registration.hpp"

namespace oobm::hal {
namespace {

constexpr std::string_view not_yet_text = "the module has not answered yet";
constexpr std::string_view silent_text =
    "the module does not answer AT commands; check that it has power and that this is its AT port";
constexpr std::int64_t same_time_seconds = 2;  // of two readings of the network's time

// Whether two readings of the network's time tell the same, the clocks running on between them.
bool same_time(const std::optional<NetworkTime>& a, const std::optional<NetworkTime>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  const auto by_network = b->time - a->time;
  const auto by_boot = std::chrono::duration_cast<std::chrono::seconds>(b->at - a->at);
  const auto drift = (by_network - by_boot).count();
  return drift <= same_time_seconds && drift >= -same_time_seconds;
}

// Without what changes by itself.
RadioFacts comparable(RadioFacts facts) {
  facts.registration_since = facts.signal_at = {};
  if (facts.reject) facts.reject->at = {};
  facts.network_time.reset();
  facts.noise_lines = facts.timeouts = 0;
  return facts;
}

std::optional<core::BootTime> earlier(std::optional<core::BootTime> a,
                                      std::optional<core::BootTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

std::unexpected<Error> silent_error() {
  return std::unexpected(Error{ErrorCode::modem_silent, std::string(silent_text)});
}

}  // namespace

ModemService::ModemService(ModemTiming timing)
    : timing_(timing),
      channel_(at::known_reports(), timing.channel),
      retry_pause_(timing.retry_first) {}

void ModemService::opened(core::BootTime now) {
  port_open_ = true;
  facts_.port = PortState::silent;
  facts_.port_text = not_yet_text;
  init_due_ = true;
  timeouts_in_a_row_ = 0;
  channel_.synchronise(now);
}

void ModemService::closed(PortState state, std::string text, core::BootTime now) {
  if (initialised_) restarted("port", now);
  port_open_ = false;
  facts_.port = state;
  facts_.port_text = std::move(text);
  if (reset_waits()) end_reset(std::unexpected(port_error()));
  channel_.close();
  steps_.clear();
  in_flight_ = nullptr;
  retry_at_.reset();
  end_power_requests(std::unexpected(port_error()));
}

void ModemService::stop() {
  port_open_ = initialised_ = false;
  channel_.close();
  steps_.clear();
  in_flight_ = nullptr;
  power_requests_.clear();
  reset_request_ = nullptr;
  ended_.clear();
  writes_.clear();
  retry_at_.reset();
  poll_at_.reset();
  reset_by_.reset();
  reopen_ = false;
  forget_volatile_facts();
  facts_.port = PortState::closed;
  facts_.port_text.clear();
}

void ModemService::feed(std::string_view bytes, core::BootTime now) {
  channel_.feed(bytes, now);
  pump(now);
}

void ModemService::tick(core::BootTime now) {
  channel_.tick(now);
  check_timers(now);
  pump(now);
}

std::optional<core::BootTime> ModemService::deadline() const {
  const auto poll = port_open_ ? poll_at_ : std::nullopt;
  return earlier(earlier(channel_.deadline(), retry_at_), earlier(poll, reset_by_));
}

void ModemService::set_power(bool on, DoneHandler done, core::BootTime now) {
  power_wish_ = on;
  if (power_requests_.size() == max_requests)
    end_power_requests(std::unexpected(Error{ErrorCode::stopped, "a newer request came"}));
  power_requests_.push_back(std::move(done));
  if (!port_open_) return end_power_requests(std::unexpected(port_error()));
  if (facts_.port == PortState::silent && silences_ > 0) return end_power_requests(silent_error());
  if (!initialised_) return;  // the set-up sends it
  add_power(on);
  pump(now);
}

void ModemService::reset(DoneHandler done, core::BootTime now) {
  if (reset_request_)
    end_reset(std::unexpected(Error{ErrorCode::stopped, "a newer request to restart came"}));
  reset_request_ = std::move(done);
  if (!port_open_) return end_reset(std::unexpected(port_error()));
  reset_by_ = now + timing_.restart_limit;
  // Ahead of everything: it is asked for when the rest does not help.
  steps_.push_front({at::setting("AT+CFUN=1,1", profile_->power_limit), &ModemService::on_reset});
  pump(now);
}

void ModemService::refresh(core::BootTime now) {
  details_due_ = sim_identity_due_ = true;
  poll_at_ = now;
  check_timers(now);
  pump(now);
}

void ModemService::pump(core::BootTime now) {
  send_next(now);
  while (auto output = channel_.next()) {
    on_output(*output, now);
    send_next(now);
  }
  note_counters();
}

void ModemService::on_output(at::Output& output, core::BootTime now) {
  if (auto* write = std::get_if<at::Write>(&output)) writes_ += write->bytes;
  if (auto* answered = std::get_if<at::Answered>(&output)) on_answered(answered->answer, now);
  if (auto* event = std::get_if<at::Event>(&output)) on_report(event->line, now);
  if (std::holds_alternative<at::Synchronised>(output)) on_synchronised(now);
  if (std::holds_alternative<at::Silent>(output)) on_silent(now);
}

void ModemService::on_synchronised(core::BootTime) {
  facts_.port = PortState::ok;
  facts_.port_text.clear();
  silences_ = 0;
  retry_pause_ = timing_.retry_first;
  if (!std::exchange(init_due_, false)) return;
  // A requested restart that waits in front stays there.
  std::erase_if(steps_, [](const Step& step) { return step.handler != &ModemService::on_reset; });
  add_init();
}

void ModemService::on_silent(core::BootTime now) {
  facts_.port = PortState::silent;
  facts_.port_text = silent_text;
  init_due_ = true;  // whatever keeps it silent, it may come back without its settings
  retry_at_ = now + retry_pause_;
  retry_pause_ = std::min(retry_pause_ * 2, timing_.retry_longest);
  end_power_requests(silent_error());
  if (++silences_ % silences_before_reopen == 0) reopen_ = true;
}

void ModemService::on_answered(const at::Answer& answer, core::BootTime now) {
  const auto handler = std::exchange(in_flight_, nullptr);
  timeouts_in_a_row_ = answer.result ? 0 : timeouts_in_a_row_ + 1;
  if (timeouts_in_a_row_ >= timeouts_before_reopen) reopen_ = true;
  if (answer.echoed && initialised_) return restarted("settings lost", now);
  if (handler) (this->*handler)(answer, now);
}

void ModemService::on_report(const std::string& line, core::BootTime now) {
  if (at::is_boot_report(line)) return restarted("boot report", now);
  if (at::has_name(line, "+CEREG")) {
    apply_registration_line(line, false, now);
    poll_soon(now);
  }
  if (at::has_name(line, "+CTZV") || at::has_name(line, "+CTZE")) {
    details_due_ = true;
    poll_soon(now);
  }
}

void ModemService::restarted(std::string_view reason, core::BootTime now) {
  if (std::exchange(initialised_, false)) {
    ++facts_.resets;
    facts_.last_reset_reason = reason;
  }
  forget_volatile_facts();
  std::erase_if(steps_, [](const Step& step) { return step.handler != &ModemService::on_reset; });
  in_flight_ = nullptr;
  init_due_ = true;
  poll_at_.reset();
  retry_at_.reset();
  channel_.synchronise(now);
}

void ModemService::send_next(core::BootTime now) {
  if (!channel_.ready() || steps_.empty() || in_flight_) return;
  Step step = std::move(steps_.front());
  steps_.pop_front();
  in_flight_ = step.handler;
  channel_.send(std::move(step.command), now);
}

void ModemService::poll_soon(core::BootTime now) {
  if (!initialised_) return;
  const auto earliest = polled_at_ ? std::max(now, *polled_at_ + timing_.poll_after_report) : now;
  poll_at_ = poll_at_ ? std::min(*poll_at_, earliest) : earliest;
}

void ModemService::check_timers(core::BootTime now) {
  if (retry_at_ && *retry_at_ <= now) {
    retry_at_.reset();
    channel_.synchronise(now);
  }
  if (reset_by_ && *reset_by_ <= now) end_reset(silent_error());
  if (!initialised_ || !poll_at_ || *poll_at_ > now) return;
  if (steps_.empty()) {
    polled_at_ = now;
    add_status();
  }
  const bool in_service = registered(facts_);
  details_due_ = details_due_ || in_service;
  poll_at_ = now + (in_service ? timing_.poll_registered : timing_.poll_unregistered);
}

void ModemService::finish_init(core::BootTime now) {
  initialised_ = true;
  polled_at_ = now;
  poll_at_ = now + timing_.poll_unregistered;
  if (!reset_waits()) end_reset({});
}

// Whether a requested restart has not been sent yet.
bool ModemService::reset_waits() const {
  return std::ranges::any_of(
      steps_, [](const Step& step) { return step.handler == &ModemService::on_reset; });
}

Error ModemService::port_error() const {
  const auto code = facts_.port == PortState::busy ? ErrorCode::port_busy : ErrorCode::port_absent;
  return {code, facts_.port_text.empty() ? "the serial port is not open" : facts_.port_text};
}

void ModemService::note_counters() {
  facts_.noise_lines = static_cast<std::uint32_t>(channel_.counters().noise_lines);
  facts_.timeouts = static_cast<std::uint32_t>(channel_.counters().timeouts);
}

void ModemService::end_power_requests(std::expected<void, Error> result) {
  for (auto& handler : power_requests_)
    if (handler) ended_.push_back({std::move(handler), result});
  power_requests_.clear();
}

void ModemService::end_reset(std::expected<void, Error> result) {
  reset_by_.reset();
  if (auto handler = std::exchange(reset_request_, nullptr))
    ended_.push_back({std::move(handler), std::move(result)});
}

std::string ModemService::take_writes() { return std::exchange(writes_, {}); }
bool ModemService::take_reopen() { return std::exchange(reopen_, false); }

std::vector<ModemService::Ended> ModemService::take_ended() { return std::exchange(ended_, {}); }

bool ModemService::take_changed() {
  const bool same =
      comparable(facts_) == comparable(told_) && same_time(facts_.network_time, told_.network_time);
  if (same) return false;
  told_ = facts_;
  return true;
}

}  // namespace oobm::hal
