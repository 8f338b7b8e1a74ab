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

}  // namespace

ModemService::ModemService(ModemTiming timing, RadioSettings wanted)
    : timing_(timing),
      wanted_(std::move(wanted)),
      channel_(at::known_reports(), timing.channel),
      retry_pause_(timing.retry_first) {}

void ModemService::opened(core::BootTime now, std::string device) {
  port_open_ = true;
  facts_.port_device = std::move(device);
  facts_.port = PortState::silent;
  facts_.port_text = not_yet_text;
  init_due_ = true;
  timeouts_in_a_row_ = 0;
  channel_.synchronise(now);
}

void ModemService::closed(PortState state, std::string text, core::BootTime) {
  port_open_ = false;
  facts_.port = state;
  facts_.port_text = std::move(text);
  const auto gone = port_error();
  if (reset_waits()) end_reset(std::unexpected(gone));
  end_reattach(std::unexpected(gone));
  end_all_raw(gone);
  // What was true may be so no more. Whether the module has restarted, it tells when it is back.
  if (std::exchange(initialised_, false)) forget_until_told();
  poll_at_.reset();
  channel_.close();
  steps_.clear();
  in_flight_ = nullptr;
  retry_at_.reset();
  end_power_requests(std::unexpected(gone));
}

void ModemService::stop() {
  port_open_ = initialised_ = settings_hold_ = false;
  channel_.close();
  steps_.clear();
  in_flight_ = nullptr;
  power_requests_.clear();
  reset_request_ = nullptr;
  reattach_request_ = nullptr;
  attach_due_ = false;
  raw_waiting_.clear();
  raw_in_flight_.reset();
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
  watch_for_data(bytes);
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
  const auto raw =
      raw_waiting_.empty() ? std::nullopt : std::optional(raw_waiting_.front().give_up);
  const bool waits = !steps_.empty() || !raw_waiting_.empty();
  const auto channel = waits || !channel_.settling() ? channel_.deadline() : std::nullopt;
  return earlier(earlier(earlier(channel, retry_at_), earlier(poll, reset_by_)), raw);
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
  data_mode_ = false;
  asleep_since_.reset();
  retry_pause_ = timing_.retry_first;
  if (!std::exchange(init_due_, false)) return;
  // A requested restart that waits in front stays there.
  std::erase_if(steps_, [](const Step& step) { return step.handler != &ModemService::on_reset; });
  add_init();
}

void ModemService::on_silent(core::BootTime now) {
  init_due_ = true;  // whatever keeps it silent, it may come back without its settings
  const bool asleep = may_sleep(now);
  facts_.port = PortState::silent;
  facts_.port_text = silent_text;
  retry_at_ = now + retry_pause_;
  if (asleep) fall_asleep(now);
  leave_data_mode();
  retry_pause_ = std::min(retry_pause_ * 2, timing_.retry_longest);
  const Error silent{ErrorCode::modem_silent, facts_.port_text};
  end_power_requests(std::unexpected(silent));
  end_reattach(std::unexpected(silent));
  end_all_raw(silent);
  if (++silences_ % silences_before_reopen == 0 && !asleep) reopen_ = true;
}

void ModemService::on_answered(const at::Answer& answer, core::BootTime now) {
  const auto handler = std::exchange(in_flight_, nullptr);
  // What a technician sends says nothing about the module's health.
  if (handler == &ModemService::on_raw) return on_raw(answer, now);
  if (!optional_in_flight_.empty()) note_optional(optional_in_flight_, answer);
  timeouts_in_a_row_ = answer.result ? 0 : timeouts_in_a_row_ + 1;
  if (timeouts_in_a_row_ >= timeouts_before_reopen) reopen_ = true;
  if (answer.echoed && settings_hold_) return settings_lost(now);
  if (handler) (this->*handler)(answer, now);
}

void ModemService::on_report(const std::string& line, core::BootTime now) {
  if (at::is_boot_report(line)) return on_boot_report(now);
  if (at::has_name(line, "+CEREG")) {
    apply_registration_line(line, false, now);
    poll_soon(now);
  }
  if (at::has_name(line, "+CTZV") || at::has_name(line, "+CTZE")) {
    details_due_ = true;
    poll_soon(now);
  }
}

// A module that starts may report it again and again, the last time when it carries data already.
void ModemService::on_boot_report(core::BootTime now) {
  const bool same_start = booted_at_ && now - *booted_at_ < start_length;
  if (!same_start) booted_at_ = now;
  restarted("boot report", same_start ? settings_seen_at_ : now, now);
}

void ModemService::settings_lost(core::BootTime now) {
  restarted("settings lost", settings_seen_at_, now);
}

void ModemService::restarted(std::string_view reason, core::BootTime after, core::BootTime now) {
  if (settings_hold_) {
    ++facts_.resets;
    facts_.last_reset_reason = reason;
    facts_.last_reset_at = now;
    facts_.last_reset_after = after;
  }
  forget_until_told();
  attach_due_ = false;
  const Error meanwhile{ErrorCode::modem_silent, "the module restarted meanwhile"};
  end_reattach(std::unexpected(meanwhile));
  end_raw_in_flight(meanwhile);
  set_up_again(now);
}

// Sends all settings once more, before anything else.
void ModemService::set_up_again(core::BootTime now) {
  std::erase_if(steps_, [](const Step& step) { return step.handler != &ModemService::on_reset; });
  in_flight_ = nullptr;
  initialised_ = settings_hold_ = false;
  init_due_ = true;
  poll_at_.reset();
  retry_at_.reset();
  channel_.synchronise(now);
}

void ModemService::send_next(core::BootTime now) {
  if (in_flight_) return;
  if ((raw_turn_ || steps_.empty()) && raw_may_go()) {
    if (channel_.ready()) send_raw(now);
    return;
  }
  if (steps_.empty() || !channel_.ready(steps_.front().command)) return;
  raw_turn_ = true;
  Step step = std::move(steps_.front());
  steps_.pop_front();
  in_flight_ = step.handler;
  optional_in_flight_ = step.optional ? step.command.text : std::string();
  channel_.send(std::move(step.command), now);
}

void ModemService::poll_soon(core::BootTime now) {
  if (!initialised_) return;
  reports_asked_ = true;
  const auto earliest = polled_at_ ? std::max(now, *polled_at_ + report_pause_) : now;
  poll_at_ = poll_at_ ? std::min(*poll_at_, earliest) : earliest;
}

void ModemService::check_timers(core::BootTime now) {
  if (retry_at_ && *retry_at_ <= now) {
    retry_at_.reset();
    channel_.synchronise(now);
  }
  if (reset_by_ && *reset_by_ <= now)
    end_reset(std::unexpected(Error{ErrorCode::modem_silent, std::string(silent_text)}));
  check_raw_waiting(now);
  if (!initialised_ || !poll_at_ || *poll_at_ > now) return;
  if (steps_.empty()) {
    polled_at_ = now;
    // A module that reports without end must not be asked without end.
    report_pause_ = std::exchange(reports_asked_, false)
                        ? std::min(2 * report_pause_, timing_.poll_unregistered)
                        : timing_.poll_after_report;
    // Without it no account can know the router; and what was wrong once may be right by now.
    if (!facts_.imei || !facts_.imei_problem.empty()) add_imei();
    add_status();
  }
  const bool in_service = registered(facts_);
  details_due_ = details_due_ || in_service;
  poll_at_ = now + (in_service ? timing_.poll_registered : timing_.poll_unregistered);
}

void ModemService::finish_init(core::BootTime now) {
  initialised_ = settings_hold_ = true;
  settings_seen_at_ = now;
  polled_at_ = now;
  poll_at_ = now + timing_.poll_unregistered;
  if (!reset_waits()) end_reset({});
  if (reattach_request_) add_reattach();
}

// Whether a requested restart has not been sent yet.
bool ModemService::reset_waits() const {
  return std::ranges::any_of(
      steps_, [](const Step& step) { return step.handler == &ModemService::on_reset; });
}

void ModemService::note_counters() {
  facts_.noise_lines = static_cast<std::uint32_t>(channel_.counters().noise_lines);
  facts_.timeouts = static_cast<std::uint32_t>(channel_.counters().timeouts);
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
