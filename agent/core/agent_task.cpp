// Tasks: each uid once, its result never lost, and refused where the state does not serve it.
#include <algorithm>

#include "agent/core/agent_impl.hpp"
#include "agent/core/outbox.hpp"
#include "agent/core/settings.hpp"
#include "agent/core/text.hpp"

namespace oobm::core {
namespace {

constexpr std::size_t max_ack_message = 240;

std::string error_message(const Refusal& refusal) {
  std::string text(code(refusal.reason));
  const auto& words =
      refusal.detail.empty() ? std::string(row(refusal.reason).sentence) : refusal.detail;
  if (!words.empty()) text += ": " + words;
  return clean(text, max_ack_message);
}

}  // namespace

void Agent::Impl::on(const Unreadable& event) {
  ++unreadable;
  emit(Notify{"task_unreadable", event.refusal.reason, event.refusal.detail});
}

void Agent::Impl::on(const TaskArrived& event) {
  const auto& task = event.task;
  // A retained task would run again at every connect, for ever; nobody means that.
  if (event.retained) {
    ++retained;
    emit(Notify{"retained_task", Reason::none, "counted and left alone"});
    emit(ReleaseTask{task.uid});
    return;
  }
  if (!link.online()) {
    // A broker that kept the session delivers before it is ready, and what the session may carry
    // is not known until then. What is not released comes again over the next session.
    if (link.connecting() && early.size() < max_early_tasks) early.push_back(event);
    return;
  }
  const auto* known = find_task(state, task.uid);
  const bool running = known != nullptr && known->status == TaskRecord::Status::started;
  if (running || (known != nullptr && ack_waits(state, task.uid))) {
    emit(ReleaseTask{task.uid});
    return;
  }
  if (!has_room_for_task(state)) {
    // Holding it back would hold back the broker's word on the results that fill the outbox.
    emit(Notify{"outbox_full", Reason::busy, {}});
    publish_now(Ack{.uid = task.uid, .ok = false, .message = error_message({Reason::busy, {}})});
    emit(ReleaseTask{task.uid});
    return;
  }
  changed();
  if (known != nullptr) {
    queue(state, known->ack, known_time());
    emit(ReleaseTask{task.uid});
    return;
  }
  last_contact = now;
  if (is_lifecycle_task(task.body))
    run_lifecycle_task(task);
  else
    run_service_task(task);
  emit(ReleaseTask{task.uid});
}

void Agent::Impl::run_lifecycle_task(const Task& task) {
  const auto outcome =
      blocked() ? std::unexpected(Refusal{Reason::blocked, {}}) : carry_out(task.body);
  finish(task_name(task.body), task.uid, outcome ? nullptr : &outcome.error(), task.issued_ms);
}

std::expected<void, Refusal> Agent::Impl::carry_out(const TaskBody& body) {
  if (const auto* t = std::get_if<RegisterResult>(&body)) return registration_result(*t);
  if (const auto* t = std::get_if<Entitle>(&body)) return accept(t->entitlement);
  if (const auto* t = std::get_if<Deregister>(&body)) return accept(t->statement);
  if (const auto* t = std::get_if<TrustUpdate>(&body)) return accept(t->statement);
  if (const auto* t = std::get_if<BadTask>(&body)) return std::unexpected(t->refusal);
  announce();  // SyncTask
  return {};
}

std::expected<void, Refusal> Agent::Impl::registration_result(const RegisterResult& result) {
  // An answer to another announcement than ours: somebody replays it, or it took days.
  const bool ours = result.nonce && nonce && *result.nonce == *nonce;
  if (result.outcome == RegisterResult::Outcome::accepted) {
    if (!result.entitlement)
      return std::unexpected(Refusal{Reason::bad_parameter, "The entitlement is missing."});
    const auto outcome = accept(*result.entitlement);
    if (ours) answered();
    return outcome;
  }
  if (!ours) return std::unexpected(Refusal{Reason::statement_nonce, "The nonce is not ours."});
  answered();
  // A refusal may bring its ground with it: the signed word that this registration is over.
  if (result.entitlement)
    if (auto outcome = accept(*result.entitlement); !outcome) return outcome;
  const bool is_pending = result.outcome == RegisterResult::Outcome::pending;
  auto reason = is_pending ? std::optional(Reason::pending) : reason_from_code(result.code);
  // The words are not signed: no code of theirs may make a router look well that is not.
  if (!reason || (!is_pending && !refuses_registration(*reason))) reason = Reason::not_registered;
  const Refusal refusal{*reason, clean(result.text, max_detail)};
  emit(Notify{is_pending ? "registration_pending" : "registration_refused", refusal.reason,
              refusal.detail});
  explain(refusal);
  return {};
}

void Agent::Impl::run_service_task(const Task& task) {
  const auto name = task_name(task.body);
  const auto refuse = [&](Reason reason, std::string detail = {}) {
    const Refusal refusal{reason, std::move(detail)};
    finish(name, task.uid, &refusal, task.issued_ms);
  };
  // First of all: what was carried out and is forgotten must not be answered as if it never was.
  if (is_stale(state, task))
    return refuse(Reason::stale, task.issued_ms == 0 ? "It does not say when it was made." : "");
  if (const auto reason = service_refusal(state.lifecycle, blocked())) return refuse(*reason);
  if (link.session() && !link.session()->dates_ok) return refuse(Reason::clock_untrusted);
  const bool wants_file = std::holds_alternative<SoftwareInstall>(task.body) ||
                          std::holds_alternative<SendSupportBundle>(task.body);
  if (wants_file && granted(Capability::file_transfer) != Grant::yes)
    return refuse(Reason::data_allowance);
  if (const auto* read = std::get_if<ReadData>(&task.body)) {
    answer_read(read->ids);
    return finish(name, task.uid, nullptr, task.issued_ms);
  }
  if (const auto* written = std::get_if<WriteSettings>(&task.body)) return write(task, *written);
  const auto running =
      std::ranges::count(state.ledger, TaskRecord::Status::started, &TaskRecord::status);
  if (static_cast<std::size_t>(running) >= max_running_tasks) return refuse(Reason::busy);
  if (std::holds_alternative<Reboot>(task.body))
    if (const auto spent = spend_reboot(); !spent)
      return refuse(spent.error().reason, spent.error().detail);
  if (std::holds_alternative<SendSupportBundle>(task.body))
    if (const auto spent = spend_bundle(); !spent)
      return refuse(spent.error().reason, spent.error().detail);
  note_started(state, task, config.boot_id);
  emit(RunTask{task.uid, task.body});
}

std::expected<void, Refusal> Agent::Impl::spend_bundle() {
  std::erase_if(bundles, [&](BootTime at) { return now - at >= bundle_span; });
  if (bundles.size() >= bundles_a_day) {
    const auto wait = bundle_span - (now - bundles.front());
    return std::unexpected(Refusal{
        Reason::busy, std::to_string(bundles_a_day) + " bundles were ordered in a day; again in " +
                          std::to_string(std::chrono::ceil<std::chrono::minutes>(wait).count()) +
                          " min."});
  }
  bundles.push_back(now);
  return {};
}

RebootMoment Agent::Impl::reboot_moment() const {
  return {.boot_id = config.boot_id, .now = now, .belief = clock.now(now)};
}

std::expected<void, Refusal> Agent::Impl::spend_reboot() {
  const auto moment = reboot_moment();
  if (const auto wait = reboot_wait(state.reboots, moment); wait > Duration{0}) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(wait).count();
    return std::unexpected(
        Refusal{Reason::reboot_budget, "It has been restarted " + std::to_string(reboots_a_day) +
                                           " times in a day; again in " + std::to_string(minutes) +
                                           " min, if it stays up."});
  }
  forget_old(state.reboots, moment);
  note_reboot(state.reboots, moment);
  return {};
}

void Agent::Impl::write(const Task& task, const WriteSettings& written) {
  const auto name = task_name(task.body);
  auto settings = write_settings(state.settings, written.settings);
  if (!settings) return finish(name, task.uid, &settings.error(), task.issued_ms);
  state.settings = *settings;
  std::vector<std::string> ids;
  for (const auto& [id, value] : written.settings) ids.push_back(id);
  answer_read(std::move(ids));
  start_reports();
  finish(name, task.uid, nullptr, task.issued_ms);
}

void Agent::Impl::answer_read(std::vector<std::string> ids) {
  const auto& held = state.entitlement;
  publish_now(
      ReadAnswer{.ids = std::move(ids),
                 .telemetry = {radio, wan, usage()},
                 .lifecycle = {.state = state.lifecycle,
                               .reason = state.reason,
                               .since = state.since,
                               .valid_until = held ? held->claims.valid_until : std::nullopt},
                 .settings = setting_values(state.settings)});
}

void Agent::Impl::finish(std::string_view name, const std::string& uid, const Refusal* refusal,
                         std::uint64_t issued_ms) {
  Ack ack{.uid = uid, .ok = refusal == nullptr, .message = {}};
  if (refusal != nullptr) {
    ack.message = error_message(*refusal);
    emit(Notify{"task_refused", refusal->reason, std::string(name) + " " + uid});
  } else {
    emit(Notify{"task_done", Reason::none, std::string(name) + " " + uid});
  }
  note_done(state, name, std::move(ack), clock.now(now), issued_ms);
  changed();
}

void Agent::Impl::on(const TaskFinished& event) {
  const auto* record = find_task(state, event.ack.uid);
  if (record == nullptr || record->status == TaskRecord::Status::done) return;
  Ack ack = event.ack;
  ack.message = head(ack.message, max_ack_message);
  const std::string name = record->name;
  emit(Notify{ack.ok ? "task_done" : "task_failed", Reason::none, name + " " + ack.uid});
  note_done(state, name, std::move(ack), clock.now(now));
  changed();
}

void Agent::Impl::resume_interrupted_tasks() {
  for (const auto& record : state.ledger) {
    if (record.status == TaskRecord::Status::done) continue;
    const bool rebooted = record.boot_id != config.boot_id;
    if (record.name == task_name(Reboot{}) && rebooted)
      finish(record.name, record.uid, nullptr);
    else if (record.name == task_name(Diagnose{}))
      emit(RunTask{record.uid, Diagnose{}});
    else if (record.name == task_name(SoftwareInstall{}))
      // What was ordered, and how far it came, stands in the daemon's journal: an installation ends
      // in a restart.
      emit(RunTask{record.uid, SoftwareInstall{}});
    else {
      const Refusal refusal{Reason::interrupted, {}};
      finish(record.name, record.uid, &refusal);
    }
  }
}

}  // namespace oobm::core
