// Which commands are sent, in which order, and how long each may take.
#include <array>
#include <utility>

#include "hal/at/commands.hpp"
#include "hal/modem/modem_service.hpp"

namespace oobm::hal {
namespace {

// +CEREG levels, best first: with power-saving times, with the cause of a refusal, with the cell,
// bare.
constexpr std::array<int, 4> report_levels{5, 3, 2, 1};

constexpr std::string_view sleep_off = "AT+CPSMS=0";

}  // namespace

core::Duration ModemService::limit_of(std::string_view text) const {
  return time_limit(profile_->limits, text);
}

// Ahead of all other steps.
void ModemService::set_next(std::string text, Handler handler) {
  const auto limit = limit_of(text);
  steps_.push_front({at::setting(std::move(text), limit), handler});
}

void ModemService::set(std::string text, Handler handler) {
  const auto limit = limit_of(text);
  steps_.push_back({at::setting(std::move(text), limit), handler});
}

void ModemService::ask(std::string text, std::string name, Handler handler) {
  const auto limit = limit_of(text);
  steps_.push_back({at::question(std::move(text), std::move(name), limit), handler});
}

void ModemService::ask_plain(std::string text, std::string name, Handler handler) {
  const auto limit = limit_of(text);
  steps_.push_back({at::plain_question(std::move(text), std::move(name), limit), handler});
}

void ModemService::add_init() {
  if (!settings_hold_ || !configured_n_) level_tried_ = 0;
  details_due_ = sim_identity_due_ = true;
  attempts_asked_in_.reset();
  if (std::exchange(hang_up_due_, false)) {
    set("ATH", &ModemService::ignore);
    steps_.back().command.call = true;
  }
  // Before anything is set: a module that still holds our settings has not restarted.
  if (settings_hold_ && configured_n_)
    steps_.push_back({at::registration_question("+CEREG", configured_n_, limit_of("AT+CEREG?")),
                      &ModemService::on_settings_check});
  set("ATE0", &ModemService::ignore);
  set("AT+CMEE=1", &ModemService::ignore);
  ask_plain("AT+CGMI", "+CGMI", &ModemService::on_manufacturer);
  ask_plain("AT+CGMM", "+CGMM", &ModemService::on_model);
  ask_plain("AT+CGMR", "+CGMR", &ModemService::on_firmware);
  add_imei();
  // Only now is the profile known, whose settings follow.
  set("AT", &ModemService::on_init_end);
}

void ModemService::add_registration_level() {
  // A level that is set once more is what a restart would show by, should the port go meanwhile.
  if (!settings_hold_) configured_n_.reset();
  set("AT+CEREG=" + std::to_string(report_levels[level_tried_]),
      &ModemService::on_registration_level);
}

void ModemService::on_registration_level(const at::Answer& answer, core::BootTime) {
  if (answer.ok()) {
    configured_n_ = report_levels[level_tried_];
    return;
  }
  // A module without an answer gets the next chance at the next restart; polling works without.
  if (!answer.result) return;
  configured_n_.reset();
  if (++level_tried_ == report_levels.size()) return;
  set_next("AT+CEREG=" + std::to_string(report_levels[level_tried_]),
           &ModemService::on_registration_level);
}

std::string ModemService::power_command(bool on) { return on ? "AT+CFUN=1" : "AT+CFUN=4"; }

void ModemService::on_init_end(const at::Answer&, core::BootTime now) {
  for (const auto text : profile_->settings)
    set_optional(text, text == sleep_off ? &ModemService::on_sleep_setting : &ModemService::ignore);
  add_registration_level();
  power_due_ = power_wish_.has_value();
  add_settings_questions();
  finish_init(now);
  add_status();
}

void ModemService::add_imei() { ask_plain("AT+CGSN", "+CGSN", &ModemService::on_imei); }

void ModemService::add_status() {
  if (attach_due_ && !reattach_request_) set("AT+CGATT=1", &ModemService::on_attached_late);
  ask("AT+CFUN?", "+CFUN", &ModemService::on_power);
  ask("AT+CPIN?", "+CPIN", &ModemService::on_sim);
}

void ModemService::add_sim_identity() {
  if (profile_->iccid_command.empty() || absent(profile_->iccid_command))
    ask("AT+CRSM=176,12258,0,0,10", "+CRSM", &ModemService::on_iccid_file);
  else
    ask_optional(profile_->iccid_command, "+CCID", &ModemService::on_iccid);
  ask_plain("AT+CIMI", "+CIMI", &ModemService::on_imsi);
}

void ModemService::add_registration() {
  steps_.push_back({at::registration_question("+CEREG", configured_n_, limit_of("AT+CEREG?")),
                    &ModemService::on_registration});
}

void ModemService::add_signal() {
  ask("AT+CSQ", "+CSQ", &ModemService::on_csq);
  ask_optional("AT+CESQ", "+CESQ", &ModemService::on_cesq);
  if (profile_->cell_measurement)
    ask_optional("AT+KCELLMEAS=0", "+KCELLMEAS", &ModemService::on_cell_measurement);
}

void ModemService::add_details() {
  ask("AT+COPS?", "+COPS", &ModemService::on_operator);
  if (!profile_->band_command.empty())
    ask_optional(profile_->band_command, "+KBND", &ModemService::on_band);
  ask("AT+CCLK?", "+CCLK", &ModemService::on_clock);
  ask("AT+CGDCONT?", "+CGDCONT", &ModemService::on_contexts);
}

void ModemService::forget_until_told() {
  forget_volatile_facts();
  forget_passing_refusals();
}

void ModemService::forget_volatile_facts() {
  facts_.power.reset();
  facts_.sim.reset();
  facts_.registration.reset();
  facts_.technology.reset();
  facts_.tac.reset();
  facts_.cell_id.reset();
  facts_.band.reset();
  facts_.power_saving.reset();
  facts_.operator_name.clear();
  facts_.rssi_dbm.reset();
  facts_.rsrp_dbm.reset();
  facts_.rsrq_db.reset();
  facts_.sinr_db.reset();
  facts_.pdp.reset();
}

}  // namespace oobm::hal
