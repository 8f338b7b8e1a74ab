// What a module may or may not have: optional commands, the choice of technologies and bands, and
// sleep. A feature that is absent costs its own fact and nothing else.
#include <algorithm>
#include <array>
#include <utility>

#include "hal/at/commands.hpp"
#include "hal/at/hl78xx.hpp"
#include "hal/at/power_saving.hpp"
#include "hal/at/sim.hpp"
#include "hal/modem/modem_service.hpp"

namespace oobm::hal {
namespace {

// After so many refusals without a reason in a row a command is left alone until the module
// restarts or its registration changes: the reason may have been the state it was in.
constexpr int refusals_enough = 3;
constexpr int refused_for_good = 1000;  // "not supported": until the firmware changes

// Head of a PPP frame (RFC 1662): somebody has dialled on this port, and the module takes what we
// send for data.
constexpr std::string_view ppp_head = "\x7e\xff\x7d\x23";
// From data back to commands, as Hayes modems have it; needs a second of silence on both sides.
constexpr std::string_view escape_sequence = "+++";

constexpr core::Duration unknown_sleep = std::chrono::hours(24);
constexpr core::Duration sleep_margin = std::chrono::minutes(10);
constexpr std::string_view asleep_text =
    "the module sleeps, as the network allowed it to, and answers when it wakes";

std::optional<core::Duration> length(const std::optional<at::NetworkTimer>& timer) {
  if (!timer || !timer->length) return std::nullopt;
  return *timer->length;
}

}  // namespace

// ---- optional commands

bool ModemService::absent(std::string_view text) const {
  const auto found = refusals_.find(text);
  return found != refusals_.end() && found->second >= refusals_enough;
}

void ModemService::set_optional(std::string_view text, Handler handler) {
  if (absent(text)) return;
  set(std::string(text), handler);
  steps_.back().optional = true;
}

void ModemService::ask_optional(std::string_view text, std::string name, Handler handler) {
  if (absent(text)) return;
  ask(std::string(text), std::move(name), handler);
  steps_.back().optional = true;
}

void ModemService::note_optional(const std::string& text, const at::Answer& answer) {
  if (!answer.result) return;
  if (answer.ok()) {
    refusals_.erase(text);
    return;
  }
  if (at::error_class(*answer.result) == at::ErrorClass::unsupported)
    refusals_[text] = refused_for_good;
  else if (answer.result->kind == at::Final::error)
    ++refusals_[text];
}

void ModemService::forget_passing_refusals() {
  std::erase_if(refusals_, [](const auto& row) { return row.second < refused_for_good; });
}

// ---- card

// While the card starts it is asked again sooner, with growing pauses, for half a minute; then at
// the regular times.
void ModemService::watch_busy_card(core::BootTime now) {
  if (facts_.sim != SimState::busy) {
    card_busy_since_.reset();
    return;
  }
  if (!card_busy_since_) {
    card_busy_since_ = now;
    card_pause_ = timing_.card_retry_first;
  }
  if (now - *card_busy_since_ >= timing_.card_retry_limit) return;
  poll_at_ = std::min(poll_at_.value_or(now + card_pause_), now + card_pause_);
  card_pause_ *= 2;
}

void ModemService::on_pin_attempts(const at::Answer& answer, core::BootTime) {
  for (const auto& line : answer.lines) {
    const auto attempts = at::parse_cpinr(line);
    if (!attempts) continue;
    if (attempts->asked_in == SimState::pin_required) facts_.pin_attempts = attempts->left;
    if (attempts->asked_in == SimState::puk_required) facts_.puk_attempts = attempts->left;
  }
}

// ---- technologies and bands

void ModemService::add_settings_questions() {
  if (!profile_->acquisition_settings) {
    if (!wanted_.empty())
      facts_.settings_problem = "this kind of module has no setting for technologies and bands";
    return;
  }
  ask("AT+KSELACQ?", "+KSELACQ", &ModemService::on_acquisition);
  ask("AT+KBNDCFG?", "+KBNDCFG", &ModemService::on_allowed_bands);
}

void ModemService::on_acquisition(const at::Answer& answer, core::BootTime) {
  facts_.technologies.clear();
  settings_read_ = answer.ok() && !answer.lines.empty();
  if (!settings_read_) return;
  auto order = at::parse_kselacq(answer.lines.front());
  settings_read_ = order.has_value();
  if (order) facts_.technologies = *std::move(order);
}

void ModemService::on_allowed_bands(const at::Answer& answer, core::BootTime) {
  std::vector<AllowedBands> allowed;
  for (const auto& line : answer.lines) {
    const auto bands = at::parse_kbndcfg(line);
    const auto technology = bands ? at::technology_of_rat(bands->rat) : std::nullopt;
    if (technology && allowed.size() < max_allowed_bands)
      allowed.push_back({*technology, bands->bands});
  }
  settings_read_ = settings_read_ && answer.ok() && !allowed.empty();
  facts_.bands = std::move(allowed);
  if (!wanted_.empty()) apply_settings();
}

void ModemService::apply_settings() {
  // What is not known to differ is not written.
  if (!settings_read_) {
    facts_.settings_problem = "the module does not tell its technologies and bands";
    return;
  }
  unsent_settings_ = setting_commands(wanted_, facts_);
  if (unsent_settings_.empty()) return facts_.settings_problem.clear();
  if (std::exchange(settings_tried_, true)) {
    unsent_settings_.clear();
    if (facts_.settings_problem.empty())
      facts_.settings_problem = "the module has not kept the configured technologies or bands";
    return;
  }
  send_next_setting();
}

void ModemService::send_next_setting() {
  // What was written takes effect at a restart.
  if (unsent_settings_.empty()) return set_next("AT+CFUN=1,1", &ModemService::on_settings_restart);
  set_next(unsent_settings_.front(), &ModemService::on_setting);
}

void ModemService::on_setting(const at::Answer& answer, core::BootTime) {
  if (unsent_settings_.empty()) return;
  const auto command = unsent_settings_.front();
  unsent_settings_.pop_front();
  if (answer.ok()) return send_next_setting();
  unsent_settings_.clear();
  facts_.settings_problem = "the module did not accept " + command + ": " +
                            (answer.result ? answer.result->text : std::string("no answer"));
}

void ModemService::on_settings_restart(const at::Answer& answer, core::BootTime now) {
  if (answer.ok() || !answer.result) return restarted("settings changed", now, now);
  facts_.settings_problem =
      "the module must be restarted for the configured technologies and bands";
}

void ModemService::on_band(const at::Answer& answer, core::BootTime) {
  facts_.band.reset();
  for (const auto& line : answer.lines)
    if (const auto bands = at::parse_kbnd(line); bands && !bands->bands.empty())
      facts_.band = bands->bands.front();
}

// ---- sleep

void ModemService::on_sleep_setting(const at::Answer& answer, core::BootTime) {
  sleep_wanted_ = false;
  if (answer.result && !answer.ok())
    ask_optional("AT+CPSMS?", "+CPSMS", &ModemService::on_sleep_wish);
}

void ModemService::on_sleep_wish(const at::Answer& answer, core::BootTime) {
  if (!answer.ok() || answer.lines.empty()) return;
  const auto wish = at::parse_cpsms(answer.lines.front());
  sleep_wanted_ = wish && wish->wanted;
}

void ModemService::note_power_saving(const std::optional<at::NetworkTimer>& active,
                                     const std::optional<at::NetworkTimer>& periodic,
                                     bool is_answer) {
  if (!active && !is_answer) return;  // a short report says nothing about it
  facts_.power_saving.reset();
  if (const auto awake = length(active))
    facts_.power_saving =
        PowerSaving{.active = *awake, .periodic = length(periodic).value_or(core::Duration(0))};
}

// Whether the silence is what the network granted, and has not lasted longer than that.
bool ModemService::may_sleep(core::BootTime now) {
  if (!facts_.power_saving && !sleep_wanted_) return false;
  if (!asleep_since_) asleep_since_ = now;
  auto longest = unknown_sleep;
  if (facts_.power_saving && facts_.power_saving->periodic > core::Duration(0))
    longest = facts_.power_saving->periodic;
  return now - *asleep_since_ < longest + sleep_margin;
}

void ModemService::fall_asleep(core::BootTime now) {
  facts_.port = PortState::asleep;
  facts_.port_text = asleep_text;
  retry_at_ = now + timing_.retry_longest;
}

// ---- data on the command port

void ModemService::watch_for_data(std::string_view bytes) {
  if (bytes.contains(ppp_head)) data_mode_ = true;
}

// The channel has just waited for an answer in vain, so that the line was quiet long enough; the
// next attempt leaves the same pause behind it.
void ModemService::leave_data_mode() {
  if (!std::exchange(data_mode_, false)) return;
  writes_ += escape_sequence;
  hang_up_due_ = true;
}

}  // namespace oobm::hal
