// What each answer means for the facts. An answer that is an error or makes no sense changes
// nothing but its own fact.
#include <algorithm>

#include "hal/at/clock.hpp"
#include "hal/at/commands.hpp"
#include "hal/at/identity.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/registration.hpp"
#include "hal/at/signal.hpp"
#include "hal/at/sim.hpp"
#include "hal/modem/modem_service.hpp"

namespace oobm::hal {
namespace {

// The only line of an answer that should have one.
std::string_view first_line(const at::Answer& answer) {
  return answer.ok() && !answer.lines.empty() ? std::string_view(answer.lines.front())
                                              : std::string_view();
}

void take_text(std::string& fact, const at::Answer& answer, std::string_view name) {
  if (auto text = at::parse_plain(first_line(answer), name)) fact = *std::move(text);
}

// Whether a card is there that counts attempts.
bool card_has_codes(std::optional<SimState> sim) {
  return sim == SimState::ready || sim == SimState::pin_required || sim == SimState::puk_required;
}

template <class T, class Parsed>
void take(std::optional<T>& fact, const Parsed& parsed) {
  if (parsed) fact = *parsed;
}

// How likely the context is the one that carries our data: one with a name rather than one without,
// context 0 only where there is no other.
int fitness(const at::PdpContext& context) {
  return (context.apn.empty() ? 0 : 2) + (context.cid == 0 ? 0 : 1);
}

}  // namespace

void ModemService::ignore(const at::Answer&, core::BootTime) {}

void ModemService::on_manufacturer(const at::Answer& answer, core::BootTime) {
  take_text(facts_.manufacturer, answer, "+CGMI");
}

void ModemService::on_model(const at::Answer& answer, core::BootTime) {
  take_text(facts_.model, answer, "+CGMM");
  profile_ = &profile_for(facts_.model);
}

void ModemService::on_firmware(const at::Answer& answer, core::BootTime) {
  const auto before = facts_.firmware;
  take_text(facts_.firmware, answer, "+CGMR");
  if (facts_.firmware == before) return;
  refusals_.clear();  // another firmware may know more
  settings_tried_ = false;
}

void ModemService::on_imei(const at::Answer& answer, core::BootTime) {
  // A module that does not answer is silent; only one that says something wrong has a problem.
  if (first_line(answer).empty()) return;
  const auto imei = at::parse_imei(first_line(answer));
  facts_.imei_problem = imei ? std::string() : imei.error().text;
  if (!imei || facts_.imei == *imei) return;
  facts_.imei = *imei;
  facts_.iccid.reset();  // another module: whatever card it holds must be read anew
  facts_.imsi.reset();
}

void ModemService::on_power(const at::Answer& answer, core::BootTime) {
  const auto power = at::parse_cfun(first_line(answer));
  take(facts_.power, power);
  const bool due = std::exchange(power_due_, false);
  const bool on_its_way = std::ranges::any_of(
      steps_, [](const Step& step) { return step.handler == &ModemService::on_power_set; });
  if (!power_wish_ || on_its_way) return;
  if (power && (*power == RadioPower::on) == *power_wish_) return end_power_requests({});
  // Whatever kept the wish from coming true, it stands: a link that stays off cuts everybody off. A
  // module that does not tell is told once for each set-up, since doing it twice does no harm.
  if (!power && !due) return;
  steps_.push_front(
      {at::question("AT+CFUN?", "+CFUN", limit_of("AT+CFUN?")), &ModemService::on_power_again});
  set_next(power_command(*power_wish_), &ModemService::on_power_set);
}

void ModemService::on_power_again(const at::Answer& answer, core::BootTime) {
  take(facts_.power, at::parse_cfun(first_line(answer)));
}

// Before the set-up, when the module's port was away or it did not answer for a time.
void ModemService::on_settings_check(const at::Answer& answer, core::BootTime now) {
  const auto report = at::parse_registration(answer.lines.empty() ? "" : answer.lines.back(),
                                             at::RegistrationForm::answer);
  if (answer.ok() && report && report->n != configured_n_) settings_lost(now);
}

void ModemService::on_sim(const at::Answer& answer, core::BootTime now) {
  if (answer.result && !answer.ok())
    facts_.sim = at::sim_state_of(*answer.result).or_else([this] { return facts_.sim; });
  else
    take(facts_.sim, at::parse_cpin(first_line(answer)));
  watch_busy_card(now);
  if (facts_.sim != SimState::ready) sim_identity_due_ = true;
  if (std::exchange(attempts_asked_in_, facts_.sim) != facts_.sim && card_has_codes(facts_.sim))
    ask_optional("AT+CPINR", "+CPINR", &ModemService::on_pin_attempts);
  if (facts_.sim == SimState::ready && sim_identity_due_) add_sim_identity();
  add_registration();
  add_signal();
}

void ModemService::on_iccid(const at::Answer& answer, core::BootTime) {
  const auto iccid = at::parse_iccid(first_line(answer));
  if (iccid) {
    facts_.iccid = *iccid;
    return;
  }
  // The portable way is slower, and tells when the card itself could not be read.
  steps_.push_front({at::question("AT+CRSM=176,12258,0,0,10", "+CRSM", limit_of("AT+CRSM")),
                     &ModemService::on_iccid_file});
}

void ModemService::on_iccid_file(const at::Answer& answer, core::BootTime) {
  take(facts_.iccid, at::parse_iccid_file(first_line(answer)));
}

void ModemService::on_imsi(const at::Answer& answer, core::BootTime) {
  const auto imsi = at::parse_imsi(first_line(answer));
  take(facts_.imsi, imsi);
  sim_identity_due_ = !imsi || !facts_.iccid;
}

void ModemService::on_registration(const at::Answer& answer, core::BootTime now) {
  if (!answer.ok() || answer.lines.empty()) return;
  apply_registration_line(answer.lines.back(), true, now);
  if (registered(facts_) && details_due_) {
    details_due_ = false;
    add_details();
  }
  if (!registered(facts_)) details_due_ = true;
}

void ModemService::apply_registration_line(std::string_view line, bool is_answer,
                                           core::BootTime now) {
  const auto form = is_answer ? at::RegistrationForm::answer : at::RegistrationForm::report;
  const auto report = at::parse_registration(line, form);
  if (!report) return;
  if (is_answer && configured_n_ && initialised_) {
    if (report->n != *configured_n_) return settings_lost(now);
    settings_seen_at_ = now;
  }
  // A question asked again brings the same refusal again; a report brings a new one.
  const bool repeated = is_answer && report->status == facts_.registration;
  set_registration(report->status, now);
  facts_.tac = report->tac;
  facts_.cell_id = report->cell_id;
  facts_.technology = technology(report->technology);
  note_power_saving(report->active_time, report->periodic_update, is_answer);
  if (report->cause)
    note_reject({report->cause_type.value_or(0) != 0, *report->cause, now}, repeated);
}

void ModemService::note_reject(const RejectCause& cause, bool repeated) {
  const bool same = facts_.reject && facts_.reject->value == cause.value &&
                    facts_.reject->vendor_specific == cause.vendor_specific;
  if (!same || !repeated) facts_.reject = cause;
}

void ModemService::set_registration(Registration registration, core::BootTime now) {
  if (facts_.registration == registration) return;
  forget_passing_refusals();
  facts_.registration = registration;
  facts_.registration_since = now;
  if (registered(facts_)) {
    poll_at_ = now + timing_.poll_registered;
    return;
  }
  facts_.operator_name.clear();
  facts_.pdp.reset();
  poll_at_ = poll_at_ ? std::min(*poll_at_, now + timing_.poll_unregistered)
                      : now + timing_.poll_unregistered;
}

std::optional<Technology> ModemService::technology(std::optional<Technology> reported) const {
  const bool really_lte_m = reported == Technology::lte && profile_->lte_is_lte_m;
  return really_lte_m ? Technology::lte_m : reported;
}

void ModemService::on_operator(const at::Answer& answer, core::BootTime) {
  const auto report = at::parse_cops(first_line(answer));
  if (!report) return;
  facts_.operator_name = report->name;
  if (report->technology) facts_.technology = technology(report->technology);
}

void ModemService::on_csq(const at::Answer& answer, core::BootTime now) {
  const auto report = at::parse_csq(first_line(answer));
  if (!report) return;
  facts_.rssi_dbm = report->rssi_dbm;
  facts_.signal_at = now;
}

void ModemService::on_cesq(const at::Answer& answer, core::BootTime now) {
  const auto report = at::parse_cesq(first_line(answer));
  if (!report) return;
  facts_.rsrp_dbm = report->rsrp_dbm;
  facts_.rsrq_db = report->rsrq_db;
  facts_.signal_at = now;
}

void ModemService::on_cell_measurement(const at::Answer& answer, core::BootTime now) {
  const auto report = at::parse_kcellmeas(first_line(answer));
  if (!report) return;
  if (report->rsrp_dbm) facts_.rsrp_dbm = report->rsrp_dbm;
  facts_.sinr_db = report->sinr_db;
  facts_.signal_at = now;
}

void ModemService::on_clock(const at::Answer& answer, core::BootTime now) {
  // Only a registered module can have its clock from the network.
  const auto time = at::parse_cclk(first_line(answer));
  if (!time || !registered(facts_) || !at::credible_network_time(*time)) return;
  facts_.network_time = NetworkTime{*time, now};
}

void ModemService::on_contexts(const at::Answer& answer, core::BootTime) {
  std::optional<at::PdpContext> chosen;
  for (const auto& line : answer.lines) {
    const auto context = at::parse_cgdcont(line);
    if (context && (!chosen || fitness(*context) > fitness(*chosen))) chosen = *context;
  }
  if (!chosen) return facts_.pdp.reset();
  // Told only when it is complete, so that reading it again is no change.
  context_read_ = {};
  context_read_.cid = chosen->cid;
  context_read_.apn = chosen->apn;
  ask("AT+CGCONTRDP=" + std::to_string(chosen->cid), "+CGCONTRDP",
      &ModemService::on_context_details);
}

void ModemService::on_context_details(const at::Answer& answer, core::BootTime) {
  for (const auto& line : answer.lines)
    if (const auto details = at::parse_cgcontrdp(line)) at::merge(context_read_, *details);
  if (!context_read_.addresses.empty()) return finish_context();
  ask("AT+CGPADDR=" + std::to_string(context_read_.cid), "+CGPADDR",
      &ModemService::on_context_address);
}

void ModemService::on_context_address(const at::Answer& answer, core::BootTime) {
  for (const auto& line : answer.lines)
    if (const auto address = at::parse_cgpaddr(line)) at::merge(context_read_, *address);
  finish_context();
}

void ModemService::finish_context() {
  if (registered(facts_)) facts_.pdp = context_read_;
}

}  // namespace oobm::hal
