#include "agent/core/agent.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/core/agent_impl.hpp"
#include "agent/core/outbox.hpp"
#include "agent/core/schedule.hpp"

namespace oobm::core {
namespace {

bool same_address(const Placement& a, const Placement& b) {
  return a.instance.id == b.instance.id && a.identity.serial == b.identity.serial &&
         a.identity.imei == b.identity.imei;
}

}  // namespace

std::string_view to_text(TimerId id) {
  constexpr std::array<std::string_view, timer_count> names{
      "attempt", "radio wait", "attempt limit", "reply", "linger", "term",
      "renewal", "heartbeat",  "telemetry",     "usage", "attest"};
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

std::optional<Reason> Agent::spending_refusal(Use use, Uplink uplink) const {
  return impl_->spending_refusal(use, uplink);
}

Agent::Impl::Impl(AgentConfig configuration, State loaded, Random& source)
    : config(std::move(configuration)),
      state(std::move(loaded)),
      random(source),
      clock(config.build_time, state.time_floor),
      placement(std::unexpected(Refusal{Reason::board_silent, {}})),
      ledger(state.usage) {}

Effects Agent::Impl::handle(const Event& event, BootTime at) {
  now = at;
  dirty = false;
  effects.clear();
  std::visit([this](const auto& e) { on(e); }, event);
  keep_usage();
  keep_to_policy();
  send_outbox();
  // What this step does must be stored before any of it leaves.
  if (dirty) {
    store_usage();
    effects.insert(effects.begin(), Effect(Persist{}));
  }
  return std::exchange(effects, {});
}

void Agent::Impl::on(const Started&) {
  resume_interrupted_tasks();
  // A state whose signed ground is gone is not believed: it falls back to asking ALMS.
  const bool needs_ground = state.lifecycle != Lifecycle::unregistered &&
                            state.lifecycle != Lifecycle::retired && !state.entitlement;
  if (needs_ground) lose_ground();
  evaluate_term();
}

void Agent::Impl::on(const RunEndedBadly& event) {
  emit(Notify{"abnormal_exit", Reason::none, event.text});
  queue_durable(event.report);
  changed();
}

void Agent::Impl::lose_ground() {
  state.lifecycle = Lifecycle::unregistered;
  state.test = false;
  state.entitlement.reset();
  state.registration.reset();
  state.path_proven = false;
  set_reason(Reason::state_lost, {});
  changed();
}

void Agent::Impl::on(const RegionInputsChanged& event) {
  inputs = event.inputs;
  const bool could_attempt = may_attempt();
  const auto before = std::exchange(placement, check_region(known_inputs()));
  if (blocked()) {
    if (before || before.error() != placement.error())
      emit(Notify{"blocked", placement.error().reason, placement.error().detail});
    progress(link.leave(effects));
    return;
  }
  // A statement held for another router or instance is no ground for this one's state.
  const bool foreign = state.entitlement && state.lifecycle != Lifecycle::retired &&
                       placement->identity.imei &&
                       !check_addressee(state.entitlement->claims.base, *placement);
  if (foreign) lose_ground();
  if (!before)
    emit(Notify{"instance", Reason::none, placement->instance.id + " serves this router"});
  const bool moved = before && !same_address(*before, *placement);
  // What was opened under the former name, or while blocked, is left before anything else is said.
  if (!link.idle() && (moved || !before)) {
    reattempt = true;
    progress(link.leave(effects));
  } else if (!last_attempt) {
    next_attempt = now + uniform(boot_jitter, random);
    arm(TimerId::attempt, *next_attempt);
  } else if (moved || !could_attempt) {
    attempt_now();
  }
}

RegionInputs Agent::Impl::known_inputs() {
  RegionInputs known = inputs;
  auto& factory = known.board.factory_imei;
  if ((factory && !factory->empty()) || !inputs.board.error.empty()) return known;
  // Where factory data has no IMEI, the first one ever read takes its place.
  if (!state.first_imei && inputs.radio_imei) {
    state.first_imei = inputs.radio_imei;
    changed();
  }
  if (state.first_imei) factory = state.first_imei->str();
  return known;
}

void Agent::Impl::on(const RadioChanged& event) {
  const bool was_faulty = radio_fault(radio).has_value();
  radio = event.radio;
  progress(link.radio_changed(surroundings(), now, effects));
  if (!was_faulty || radio_fault(radio)) return;
  // A radio that comes and goes must not multiply attempts that are rationed; but a slow module's
  // first registration makes up for the attempt at boot that came too early for it.
  const bool first = !std::exchange(radio_was_registered, true);
  const bool rationed = granted(Capability::connect) != Grant::yes;
  attempt_on_occasion(rationed && !first ? occasion_interval : radio_occasion_interval);
}

void Agent::Impl::on(const WanChanged& event) {
  const bool came_up = event.wan.up && !wan.up;
  wan = event.wan;
  if (!came_up) return;
  // The attempt at boot may have come before the main WAN did; that one is made up for at once.
  const bool first = !std::exchange(wan_was_up, true);
  attempt_on_occasion(first ? Duration{0} : occasion_interval);
}

void Agent::Impl::on(const TimeEvidence& event) {
  if (!clock.add(event.source, event.value, now)) {
    emit(Notify{"time_refused", Reason::none, std::string(to_text(event.source))});
    return;
  }
  compare_clocks();
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
  early.clear();
  if (was_online && now - link.online_since() >= stable_after) failures = 0;
  progress(link.session_closed(event.fault, surroundings(), now, effects));
}

void Agent::Impl::on(const Published& event) {
  const auto waiting = state.outbox.size();
  sent.erase(event.id);
  delivered(state, event.id);
  if (state.outbox.size() == waiting) return;
  changed();
  if (link.online() && probing() && !awaiting_reply && state.outbox.empty())
    arm(TimerId::linger, now + probe_settle);
}

void Agent::Impl::on(const OperatorSync&) {
  ladder_step = 0;
  failures = 0;
  emit(Notify{"sync", Reason::none, "asked on the router"});
  if (link.online())
    announce();
  else if (link.idle())
    attempt_now();
  else if (link.leaving())
    reattempt = true;
}

void Agent::Impl::on(const OperatorRequest&) {
  // A second one would make the first, which may be on its way, worthless.
  if (blocked() || state.request) return;
  state.request = CarriedRequest{.nonce = new_nonce(), .boot_id = config.boot_id, .at = now};
  changed();
  emit(Notify{"entitlement_requested", Reason::none, "by hand, on the router"});
}

void Agent::Impl::on(const StatementCarried& event) {
  const auto outcome = accept(event.statement);
  if (outcome) emit(Notify{"statement_carried", Reason::none, "brought by hand, and accepted"});
  emit(StatementJudged{outcome ? std::nullopt : std::optional(outcome.error())});
}

}  // namespace oobm::core
