// What moves the subscription: signed statements and the passing of trusted time.
#include <algorithm>

#include "agent/core/agent_impl.hpp"
#include "agent/core/notice.hpp"
#include "agent/core/outbox.hpp"
#include "agent/core/schedule.hpp"
#include "agent/core/text.hpp"

namespace oobm::core {

std::optional<UnixTime> Agent::Impl::known_time() const { return told(clock.now(now)); }

Agent::Impl::Term Agent::Impl::term() const {
  if (!state.entitlement || !state.entitlement->claims.valid_until) return {};
  const UnixTime end = *state.entitlement->claims.valid_until;
  const UnixTime grace_end = end + state.entitlement->claims.grace;
  const auto belief = clock.now(now);
  const bool network = belief.level >= TimeLevel::network;
  const bool agreed = belief.level >= TimeLevel::agreed;
  return {.runs = network && belief.time < end,
          .firm = agreed && belief.time < end,
          .ended = (network && belief.time >= end) || clock.floor() >= end,
          .over = (agreed && belief.time >= grace_end) || clock.floor() >= grace_end};
}

GuardFacts Agent::Impl::guard_facts() const {
  const auto held = term();
  return {.proven = state.path_proven,
          .lapsed = state.reason == Reason::lapsed,
          .ended = held.ended,
          .over = held.over};
}

std::expected<void, Refusal> Agent::Impl::accept(const StatementResult& result) {
  std::expected<void, Refusal> outcome;
  if (blocked())
    outcome = std::unexpected(placement.error());
  else if (!result)
    outcome = std::unexpected(result.error());
  else
    outcome = std::visit([&](const auto& claims) { return accept(claims, result->text); },
                         result->claims);
  if (!outcome) {
    ++refused_statements;
    key_missed |= outcome.error().reason == Reason::statement_key;
    outcome.error().detail = clean(outcome.error().detail, max_detail);
    emit(Notify{"statement_refused", outcome.error().reason, outcome.error().detail});
    if (refuses_registration(outcome.error().reason)) explain(outcome.error());
  }
  return outcome;
}

void Agent::Impl::explain(const Refusal& refusal) {
  alms_refusal = refusal;
  // They explain a state; they never move one.
  if (state.lifecycle == Lifecycle::unregistered) set_reason(refusal.reason, refusal.detail);
}

std::expected<void, Refusal> Agent::Impl::accept(const Entitlement& claims,
                                                 const std::string& text) {
  const auto order = place_in_order(claims.base);
  if (!order) return std::unexpected(order.error());
  if (*order == Order::duplicate) {
    alms_refusal.reset();
    return {};
  }
  if (auto ok = check_fit(claims, *placement); !ok) return ok;

  remember(claims.base, *order);
  const bool same_term =
      state.entitlement && state.entitlement->claims.valid_until == claims.valid_until;
  if (!same_term) state.last_notice_days = 0;
  state.entitlement = HeldEntitlement{text, claims};
  state.test = claims.state == AlmsState::test_ready;
  alms_refusal.reset();
  fire(trigger_for(claims.state));
  evaluate_term();
  return {};
}

std::expected<void, Refusal> Agent::Impl::accept(const Deregistration& claims,
                                                 const std::string& /*text*/) {
  const auto order = place_in_order(claims.base);
  if (!order) return std::unexpected(order.error());
  if (*order == Order::duplicate) return {};
  remember(claims.base, *order);
  // No account held this router: what the statement names is over all the same.
  if (!fire(Trigger::stated_deregistered) && state.lifecycle == Lifecycle::unregistered)
    supersede_registration();
  evaluate_term();
  return {};
}

std::expected<void, Refusal> Agent::Impl::accept(const TrustSet& claims, const std::string& text) {
  if (claims.issuer != placement->instance.id)
    return std::unexpected(Refusal{Reason::statement_issuer, "Issuer \"" + claims.issuer + "\"."});
  if (state.trust && state.trust->text == text) return {};
  // Another instance's set, held from before the router changed over, says nothing about this
  // one's.
  const bool ours = state.trust && state.trust->claims.issuer == claims.issuer;
  const auto held =
      std::max(placement->instance.trust_version, ours ? state.trust->claims.version : 0);
  if (claims.version <= held)
    return std::unexpected(
        Refusal{Reason::trust_version, "It has version " + std::to_string(claims.version) +
                                           ", the router uses " + std::to_string(held) + "."});
  state.trust = HeldTrust{text, claims};
  changed();
  emit(TrustChanged{});
  if (key_missed) {
    awaiting_reply = false;  // that answer may be among what was refused
    announce();
  }
  return {};
}

std::expected<Order, Refusal> Agent::Impl::place_in_order(const StatementBase& base) const {
  if (auto ok = check_addressee(base, *placement); !ok) return std::unexpected(ok.error());
  const bool by_hand = state.request && base.nonce == state.request->nonce;
  return check_order(base, {.memory = state.registration,
                            .superseded = state.superseded,
                            .outstanding_nonce = by_hand ? state.request->nonce : nonce,
                            .retired = state.lifecycle == Lifecycle::retired});
}

void Agent::Impl::take_time(const StatementBase& base) {
  if (nonce && base.nonce == nonce) {
    nonce.reset();
    clock.attest(base.issued_at, asked_at, now);
    arm_attest();
    answered();
  } else if (state.request && base.nonce == state.request->nonce) {
    // How long it was on its way is known within one boot only.
    if (state.request->boot_id == config.boot_id)
      clock.carried(base.issued_at, now - state.request->at);
    else
      clock.raise_floor(base.issued_at);
    state.request.reset();
  } else {
    clock.raise_floor(base.issued_at);
  }
  state.time_floor = clock.floor();
}

void Agent::Impl::remember(const StatementBase& base, Order order) {
  take_time(base);
  if (order == Order::first) {
    if (state.registration && state.registration->registration != base.registration)
      supersede_registration();
    state.path_proven = false;
  }
  state.registration = RegistrationMemory{.issuer = base.issuer,
                                          .registration = base.registration,
                                          .sequence = base.sequence,
                                          .last_id = base.id,
                                          .imei = base.imei};
  changed();
}

void Agent::Impl::supersede_registration() {
  if (state.superseded.size() == max_superseded) state.superseded.erase(state.superseded.begin());
  state.superseded.push_back(state.registration->registration);
  state.registration.reset();
}

bool Agent::Impl::fire(Trigger trigger) {
  const auto* transition = find_transition(state.lifecycle, trigger, guard_facts());
  if (transition == nullptr) {
    ++ignored;
    return false;
  }
  if (state.lifecycle != transition->to) state.since = known_time();
  state.lifecycle = transition->to;
  const bool test = state.test && transition->to == Lifecycle::active;
  set_reason(test ? Reason::test_service : transition->reason, {});
  changed();
  report_lifecycle(transition->action != Action::forget);
  // Last, since it may lead on to the next state.
  perform(transition->action);
  return true;
}

void Agent::Impl::report_lifecycle(bool with_term) {
  const auto& held = state.entitlement;
  const LifecycleReport report{
      .state = state.lifecycle,
      .reason = state.reason,
      .since = state.since,
      .valid_until = with_term && held ? held->claims.valid_until : std::nullopt};
  // A renewed statement that changes nothing is no news.
  if (last_report == report) return;
  last_report = report;
  emit(Notify{"lifecycle", state.reason, std::string(to_text(state.lifecycle))});
  queue_durable(report);
}

void Agent::Impl::perform(Action action) {
  switch (action) {
    case Action::none:
      break;
    case Action::begin_activation:
      begin_activation();
      break;
    case Action::enter_service:
      ladder_step = 0;
      failures = 0;
      attempt_without_pause();
      cancel(TimerId::linger);
      start_reports();
      break;
    case Action::forget:
      // What was deregistered stays refused; only a new registration speaks to this router again.
      if (state.registration) supersede_registration();
      state.entitlement.reset();
      state.path_proven = false;
      state.test = false;
      state.last_notice_days = 0;
      [[fallthrough]];
    case Action::withdraw_service:
      cancel(TimerId::heartbeat);
      cancel(TimerId::telemetry);
      if (link.online()) arm(TimerId::linger, now + reply_limit);
      break;
  }
}

void Agent::Impl::begin_activation() {
  activation_began = now;
  reported_fault.reset();
  ladder_step = 0;
  attempt_without_pause();
  cancel(TimerId::linger);
  // The network refused this SIM while it was dormant; the module asks again only after a cycle.
  if (radio.registration == Registration::denied) emit(CycleRadio{});
  if (!link.online()) return;
  if (link.uplink() == Uplink::oobm) {
    report_activation(*link.session());
    return;
  }
  next_attempt = now + probe_settle;
  arm(TimerId::attempt, *next_attempt);
}

void Agent::Impl::evaluate_term() {
  const auto held = term();
  switch (state.lifecycle) {
    case Lifecycle::active:
      if (held.ended) fire(Trigger::term_ended);
      if (state.lifecycle == Lifecycle::grace && held.over) fire(Trigger::grace_ended);
      break;
    case Lifecycle::grace:
      if (held.over)
        fire(Trigger::grace_ended);
      else if (held.runs)
        fire(Trigger::term_runs);
      break;
    case Lifecycle::activating:
      if (held.over) fire(Trigger::grace_ended);
      break;
    case Lifecycle::suspended:
      // Service that ended on agreed time returns on agreed time only: one clock turned back is not
      // enough.
      if (held.firm && state.reason == Reason::lapsed) fire(Trigger::term_runs);
      break;
    default:
      break;
  }
  give_notice();
  arm_term();
  arm_renewal();
}

void Agent::Impl::give_notice() {
  const auto time = known_time();
  if (!state.entitlement || !time) return;
  if (state.lifecycle == Lifecycle::grace && state.last_notice_days != late_notice &&
      extension_is_late(state.entitlement->claims, *time)) {
    state.last_notice_days = late_notice;
    changed();
    emit(Notify{"notice", Reason::extension_late, {}});
  }
  if (state.lifecycle != Lifecycle::active) return;
  const auto due = due_notice(state.entitlement->claims, *time, state.last_notice_days);
  if (!due) return;
  state.last_notice_days = *due;
  changed();
  emit(Notify{"notice", Reason::none,
              "The service ends in " + std::to_string(*due) + (*due == 1 ? " day" : " days") +
                  " or less; renew with a purchase order."});
}

void Agent::Impl::arm_term() {
  const auto belief = clock.now(now);
  if (!state.entitlement || !state.entitlement->claims.valid_until ||
      belief.level == TimeLevel::floor) {
    cancel(TimerId::term);
    return;
  }
  const auto& claims = state.entitlement->claims;
  Duration pause = longest_term_sleep;
  const auto consider = [&](std::optional<UnixTime> instant) {
    if (instant && *instant > belief.time)
      pause = std::min<Duration>(pause, *instant - belief.time);
  };
  consider(next_notice(claims, belief.time));
  consider(claims.valid_until);
  consider(late_from(claims));
  consider(*claims.valid_until + claims.grace);
  arm(TimerId::term, now + pause);
}

void Agent::Impl::arm_renewal() {
  const auto time = known_time();
  const bool serving = state.lifecycle == Lifecycle::active || state.lifecycle == Lifecycle::grace;
  const bool due = serving && time && state.entitlement && state.entitlement->claims.valid_until &&
                   *time >= *state.entitlement->claims.valid_until - renewal_window;
  if (due == renewal_armed) return;
  renewal_armed = due;
  if (due)
    arm(TimerId::renewal, now + jittered(renewal_interval, 10, random));
  else
    cancel(TimerId::renewal);
}

void Agent::Impl::set_reason(Reason reason, const std::string& detail) {
  const auto bounded = clean(detail, max_detail);
  if (state.reason == reason && state.reason_detail == bounded) return;
  state.reason = reason;
  state.reason_detail = bounded;
  changed();
}

}  // namespace oobm::core
