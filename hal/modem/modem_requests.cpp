// What others ask of the module: transmission on or off, a restart, to detach and attach again, and
// a technician's own commands. Each request ends exactly once; none is left hanging when the port
// goes, the module falls silent or restarts.
#include <algorithm>
#include <utility>

#include "hal/at/commands.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/pdp.hpp"
#include "hal/at/registration.hpp"
#include "hal/modem/modem_service.hpp"
#include "hal/modem/time_limits.hpp"

namespace oobm::hal {
namespace {

constexpr std::size_t max_raw_line_chars = 1024;

Error refusal(std::string_view what, const at::Answer& answer) {
  std::string text("the module ");
  if (!answer.result) return {ErrorCode::modem_silent, text.append("did not answer ").append(what)};
  text.append("refused ").append(what).append(": ").append(answer.result->text);
  return {ErrorCode::modem_refused, std::move(text)};
}

Error stopped(std::string_view why) { return {ErrorCode::stopped, std::string(why)}; }

template <class Handler, class Result>
ModemService::Ended ended(Handler handler, Result result) {
  return [handler = std::move(handler), result = std::move(result)]() mutable {
    if (handler) handler(std::move(result));
  };
}

// A technician's command takes every line that is not plainly a report: who asks by hand wants to
// see what comes.
at::Command raw_at_command(const RawPlan& plan, std::optional<int> registration_level,
                           core::Duration limit) {
  auto command = at::registration_question(plan.name, registration_level, limit);
  const bool registration = plan.name == "+CEREG" || plan.name == "+CREG" || plan.name == "+CGREG";
  if (!registration || !plan.question) {
    command.accepts = [name = plan.name](std::string_view line) {
      return at::has_name(line, name) ||
             at::registration_form(line, std::nullopt) != at::RegistrationForm::report;
    };
  }
  command.text = plan.text;
  command.call = plan.call;
  return command;
}

// Of the answer to +CGACT?, the first context that is active.
std::optional<int> first_active_context(const at::Answer& answer) {
  for (const auto& line : answer.lines)
    if (const auto context = at::parse_cgact(line); context && context->active) return context->cid;
  return std::nullopt;
}

RawAnswer raw_answer(const at::Answer& answer) {
  RawAnswer result;
  for (const auto& line : answer.lines)
    if (result.lines.size() < RawAnswer::max_lines)
      result.lines.push_back(at::printable(line, max_raw_line_chars));
  result.result = answer.result->text;
  result.ok = answer.ok();
  return result;
}

}  // namespace

Error ModemService::port_error() const {
  const auto code = facts_.port == PortState::busy ? ErrorCode::port_busy : ErrorCode::port_absent;
  return {code, facts_.port_text.empty() ? "the serial port is not open" : facts_.port_text};
}

// Why nothing can be sent for some time; nothing when it can, or when it is not known yet.
std::optional<Error> ModemService::unreachable() const {
  if (!port_open_) return port_error();
  if (facts_.port != PortState::ok && silences_ > 0)
    return Error{ErrorCode::modem_silent, facts_.port_text};
  return std::nullopt;
}

// ---- power

void ModemService::set_power(bool on, DoneHandler done, core::BootTime now) {
  power_wish_ = on;
  if (power_requests_.size() == max_requests)
    end_power_requests(std::unexpected(stopped("a newer request came")));
  power_requests_.push_back(std::move(done));
  if (const auto error = unreachable()) return end_power_requests(std::unexpected(*error));
  if (!initialised_) return;  // the set-up sees to it
  set(power_command(on), &ModemService::on_power_set);
  pump(now);
}

void ModemService::on_power_set(const at::Answer& answer, core::BootTime) {
  if (answer.ok()) return end_power_requests({});
  end_power_requests(std::unexpected(refusal("the change of radio power", answer)));
}

void ModemService::end_power_requests(const std::expected<void, Error>& result) {
  for (auto& handler : power_requests_) ended_.push_back(ended(std::move(handler), result));
  power_requests_.clear();
}

// ---- restart

void ModemService::reset(DoneHandler done, core::BootTime now) {
  if (reset_request_) end_reset(std::unexpected(stopped("a newer request to restart came")));
  reset_request_ = std::move(done);
  if (!port_open_) return end_reset(std::unexpected(port_error()));
  reset_by_ = now + timing_.restart_limit;
  // Ahead of everything: it is asked for when the rest does not help.
  set_next("AT+CFUN=1,1", &ModemService::on_reset);
  pump(now);
}

void ModemService::on_reset(const at::Answer& answer, core::BootTime now) {
  // Some modules restart before the OK has left them.
  if (answer.ok() || !answer.result) return restarted("requested", now, now);
  end_reset(std::unexpected(refusal("to restart", answer)));
}

void ModemService::end_reset(std::expected<void, Error> result) {
  reset_by_.reset();
  if (auto handler = std::exchange(reset_request_, nullptr))
    ended_.push_back(ended(std::move(handler), std::move(result)));
}

// ---- detach and attach

void ModemService::reattach(DoneHandler done, core::BootTime now) {
  const bool under_way = reattach_request_ != nullptr;
  if (under_way) end_reattach(std::unexpected(stopped("a newer request to attach again came")));
  reattach_request_ = std::move(done);
  if (const auto error = unreachable()) return end_reattach(std::unexpected(*error));
  if (!initialised_ || under_way) return;  // the set-up adds it; or its steps are on their way
  add_reattach();
  pump(now);
}

void ModemService::add_reattach() {
  ask("AT+CGACT?", "+CGACT", &ModemService::on_active_contexts);
  set("AT+CGATT=0", &ModemService::on_detached);
}

void ModemService::on_active_contexts(const at::Answer& answer, core::BootTime) {
  active_cid_ = first_active_context(answer);
}

void ModemService::on_detached(const at::Answer& answer, core::BootTime) {
  if (answer.result && !answer.ok())
    return end_reattach(std::unexpected(refusal("to detach", answer)));
  // Without an answer it may be detached all the same.
  attach_due_ = true;
  set_next("AT+CGATT=1", &ModemService::on_attached);
}

void ModemService::on_attached(const at::Answer& answer, core::BootTime) {
  if (!answer.ok()) return end_reattach(std::unexpected(refusal("to attach again", answer)));
  attach_due_ = false;
  details_due_ = true;
  if (!active_cid_) return end_reattach({});
  // Modules exist that answer ERROR to what is so already: look first.
  ask_contexts_next(&ModemService::on_contexts_again);
}

void ModemService::ask_contexts_next(Handler handler) {
  steps_.push_front({at::question("AT+CGACT?", "+CGACT", limit_of("AT+CGACT?")), handler});
}

void ModemService::on_contexts_again(const at::Answer& answer, core::BootTime) {
  if (first_active_context(answer)) return end_reattach({});
  set_next("AT+CGACT=1," + std::to_string(*active_cid_), &ModemService::on_activated);
}

void ModemService::on_activated(const at::Answer&, core::BootTime) {
  // Neither OK nor ERROR is believed: modules exist that say either, and it is not so.
  ask_contexts_next(&ModemService::on_contexts_behind);
}

void ModemService::on_contexts_behind(const at::Answer& answer, core::BootTime) {
  if (first_active_context(answer)) return end_reattach({});
  end_reattach(std::unexpected(Error{ErrorCode::modem_refused,
                                     "the module attached again, but its data context " +
                                         std::to_string(*active_cid_) +
                                         " stays inactive; the next dialling has to activate it"}));
}

void ModemService::on_attached_late(const at::Answer& answer, core::BootTime) {
  if (answer.ok()) attach_due_ = false;
}

void ModemService::end_reattach(std::expected<void, Error> result) {
  if (auto handler = std::exchange(reattach_request_, nullptr))
    ended_.push_back(ended(std::move(handler), std::move(result)));
}

// ---- a technician's commands

void ModemService::command(const RawCommand& command, RawHandler done, core::BootTime now) {
  const auto refuse = [&](Error error) {
    ended_.push_back(
        ended(std::move(done), std::expected<RawAnswer, Error>(std::unexpected(std::move(error)))));
  };
  auto plan = plan_raw(command);
  if (!plan) return refuse(plan.error());
  if (auto error = unreachable()) return refuse(*std::move(error));
  if (raw_waiting_.size() == max_raw)
    return refuse({ErrorCode::queue_full,
                   std::to_string(max_raw) + " commands wait already; try again in a minute"});
  raw_waiting_.push_back({.plan = *std::move(plan),
                          .forced = command.force,
                          .done = std::move(done),
                          .give_up = now + timing_.raw_wait_limit});
  pump(now);
}

bool ModemService::raw_may_go() const {
  return initialised_ && !raw_waiting_.empty() && !reset_request_ && !reattach_request_;
}

void ModemService::send_raw(core::BootTime now) {
  raw_in_flight_ = std::move(raw_waiting_.front());
  raw_waiting_.pop_front();
  raw_turn_ = false;
  in_flight_ = &ModemService::on_raw;
  const auto& plan = raw_in_flight_->plan;
  const auto limit = time_limit(profile_->limits, plan.text, raw_limit);
  channel_.send(raw_at_command(plan, configured_n_, limit), now);
}

void ModemService::on_raw(const at::Answer& answer, core::BootTime now) {
  auto request = std::exchange(raw_in_flight_, std::nullopt);
  if (!request) return;
  const bool forced = request->forced;
  // Modules exist that say OK before they connect.
  if (request->plan.call && answer.result)
    data_mode_ = answer.ok() || answer.result->kind == at::Final::connect;
  const bool restarts = request->plan.restarts && (answer.ok() || !answer.result);
  if (answer.result)
    end_raw(*std::move(request), raw_answer(answer));
  else
    end_raw(*std::move(request),
            std::unexpected(Error{ErrorCode::modem_silent,
                                  "the module did not answer this command in its time"}));
  if (restarts) return restarted("raw command", now, now);
  if (forced) set_up_again(now);
}

void ModemService::end_raw(RawRequest request, std::expected<RawAnswer, Error> result) {
  ended_.push_back(ended(std::move(request.done), std::move(result)));
}

void ModemService::end_raw_in_flight(const Error& error) {
  if (auto request = std::exchange(raw_in_flight_, std::nullopt))
    end_raw(*std::move(request), std::unexpected(error));
}

void ModemService::end_all_raw(const Error& error) {
  end_raw_in_flight(error);
  for (auto& request : std::exchange(raw_waiting_, {}))
    end_raw(std::move(request), std::unexpected(error));
}

void ModemService::check_raw_waiting(core::BootTime now) {
  while (!raw_waiting_.empty() && raw_waiting_.front().give_up <= now) {
    auto request = std::move(raw_waiting_.front());
    raw_waiting_.pop_front();
    end_raw(std::move(request),
            std::unexpected(Error{ErrorCode::queue_full,
                                  "the module was busy with other commands for too long"}));
  }
}

}  // namespace oobm::hal
