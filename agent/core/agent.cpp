#include "agent/core/agent.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/core/agent_impl.hpp"
#include "agent/core/outbox.hpp"
#include "agent/core/schedule.hpp"

namespace oobm::core {

std::string_view to_text(TimerId id) {
  constexpr std::array<std::string_view, timer_count> names{
      "attempt", "radio wait", "attempt limit", "reply",    "linger",
      "term",    "renewal",    "heartbeat",     "telemetry"};
  return names[static_cast<std::size_t>(id)];
}

Agent::Agent(AgentConfig config, State state, Random& random)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(state), random)) {}
Agent::~Agent() = default;

Effects Agent::handle(const Event& event, BootTime now) { return impl_->handle(event, now); }
const State& Agent::state() const { return impl_->state; }
Status Agent::status(BootTime now) const { return impl_->status(now); }
TimeBelief Agent::time(BootTime now) const { return impl_->clock.now(now); }

bool Agent::may_connect(const std::string& instance, Uplink uplink) const {
  return impl_->placement && impl_->placement->instance.id == instance &&
         uplink_allowed(impl_->state.lifecycle, impl_->blocked(), uplink, impl_->config.uplinks);
}

Agent::Impl::Impl(AgentConfig configuration, State loaded, Random& source)
    : config(std::move(configuration)),
      state(std::move(loaded)),
      random(source),
      clock(config.build_time, state.time_floor),
      placement(std::unexpected(Refusal{Reason::board_silent, {}})) {}

Effects Agent::Impl::handle(const Event& event, BootTime at) {
  now = at;
  dirty = false;
  effects.clear();
  std::visit([this](const auto& e) { on(e); }, event);
  keep_to_policy();
  send_outbox();
  // What this step does must be stored before any of it leaves.
  if (dirty) effects.insert(effects.begin(), Effect(Persist{}));
  return std::exchange(effects, {});
}

void Agent::Impl::on(const Started&) {
  resume_interrupted_tasks();
  // A state whose signed ground is gone is not believed: it falls back to asking ALMS.
  const bool needs_ground = state.lifecycle != Lifecycle::unregistered &&
                            state.lifecycle != Lifecycle::retired && !state.entitlement;
  if (needs_ground) {
    state.lifecycle = Lifecycle::unregistered;
    state.registration.reset();
    state.path_proven = false;
    set_reason(Reason::state_lost, {});
  }
  evaluate_term();
}

void Agent::Impl::on(const RegionInputsChanged& event) {
  inputs = event.inputs;
  if (!state.first_imei && inputs.radio_imei) {
    state.first_imei = inputs.radio_imei;
    changed();
  }
  // Without factory data the first IMEI ever read stands in while the module is silent.
  RegionInputs known = inputs;
  if (!known.radio_imei) known.radio_imei = state.first_imei;
  auto verdict = check_region(known);
  const bool was_blocked = blocked();
  const bool other_reason =
      !verdict && (!blocked() || placement.error().reason != verdict.error().reason);
  placement = std::move(verdict);
  if (other_reason) {
    emit(Notify{"blocked", placement.error().reason, placement.error().detail});
    progress(link.leave(effects));
  }
  if (!blocked() && was_blocked)
    emit(Notify{"instance", Reason::none, placement->instance.id + " serves this router"});
  if (!blocked() && link.idle()) {
    if (!last_attempt) {
      next_attempt = now + uniform(boot_jitter, random);
      arm(TimerId::attempt, *next_attempt);
    } else if (was_blocked) {
      attempt_now();
    }
  }
}

void Agent::Impl::on(const RadioChanged& event) {
  const bool was_faulty = radio_fault(radio).has_value();
  radio = event.radio;
  progress(link.radio_changed(surroundings(), now, effects));
  if (was_faulty && !radio_fault(radio)) attempt_on_occasion(radio_occasion_interval);
}

void Agent::Impl::on(const WanChanged& event) {
  const bool came_up = event.wan.up && !wan.up;
  wan = event.wan;
  if (came_up) attempt_on_occasion(occasion_interval);
}

void Agent::Impl::on(const TimeEvidence& event) {
  if (!clock.add(event.source, event.value, now)) {
    emit(Notify{"time_refused", Reason::none, std::string(to_text(event.source))});
    return;
  }
  evaluate_term();
}

void Agent::Impl::on(const BearerUpDone& event) {
  progress(link.bearer_up(event, surroundings(), now, effects));
}

void Agent::Impl::on(const BearerFailed& event) {
  progress(link.bearer_failed(event.fault, surroundings(), now, effects));
}

void Agent::Impl::on(const SessionReady& event) {
  progress(link.session_ready(event, now, effects));
}

void Agent::Impl::on(const SessionClosed& event) {
  const bool was_online = link.phase() == LinkPhase::online;
  if (was_online && now - link.online_since() >= stable_after) failures = 0;
  progress(link.session_closed(event.fault, surroundings(), now, effects));
}

void Agent::Impl::on(const Published& event) {
  delivered(state, event.id);
  changed();
  if (probing() && !awaiting_reply && state.outbox.empty())
    arm(TimerId::linger, now + probe_settle);
}

void Agent::Impl::on(const UsageChanged& event) { usage = event.usage; }

void Agent::Impl::on(const OperatorSync&) {
  ladder_step = 0;
  failures = 0;
  emit(Notify{"sync", Reason::none, "asked on the router"});
  if (link.online())
    announce();
  else if (link.idle())
    attempt_now();
}

}  // namespace oobm::core
