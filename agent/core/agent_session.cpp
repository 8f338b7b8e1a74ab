// When to be connected, over what, and what is said on it.
#include <algorithm>
#include <utility>

#include "agent/core/agent_impl.hpp"
#include "agent/core/schedule.hpp"
#include "agent/core/text.hpp"

namespace oobm::core {

Grant Agent::Impl::granted(Capability capability) const {
  const Grant granted = grant(state.lifecycle, blocked(), capability);
  return held_back() ? when_used_up(granted, capability) : granted;
}

bool Agent::Impl::probing() const {
  const Grant connect = granted(Capability::connect);
  return connect == Grant::probe || connect == Grant::rare_probe;
}

Link::Surroundings Agent::Impl::surroundings() const {
  return {.radio = radio,
          .wan = wan,
          .instance = placement ? placement->instance.id : std::string(),
          .main_wan_allowed =
              uplink_allowed(state.lifecycle, blocked(), Uplink::main_wan, config.uplinks)};
}

bool Agent::Impl::may_attempt() const {
  return placement && placement->identity.imei && granted(Capability::connect) != Grant::no;
}

void Agent::Impl::attempt_now() {
  if (!link.idle() || !may_attempt()) return;
  last_attempt = now;
  next_attempt.reset();
  cancel(TimerId::attempt);
  progress(link.begin(surroundings(), now, effects));
}

void Agent::Impl::attempt_without_pause() {
  if (last_attempt) next_attempt.reset();
}

void Agent::Impl::attempt_on_occasion(Duration least_pause) {
  if (last_attempt && now - *last_attempt >= least_pause) attempt_now();
}

void Agent::Impl::schedule_attempt() {
  constexpr std::size_t longest_activation_step = 4;  // 60 minutes
  Duration pause{0};
  switch (granted(Capability::connect)) {
    case Grant::by_schedule:
      pause = registration_pause(ladder_step++, random);
      break;
    case Grant::yes:
      pause = state.lifecycle == Lifecycle::activating
                  ? registration_pause(std::min(ladder_step++, longest_activation_step), random)
                  : back_off(failures++, random);
      break;
    case Grant::probe:
      pause = jittered(probe_interval, probe_jitter_percent, random);
      break;
    case Grant::rare_probe:
      pause = jittered(rare_probe_interval, 20, random);
      break;
    default:
      next_attempt.reset();
      cancel(TimerId::attempt);
      return;
  }
  next_attempt = now + pause;
  arm(TimerId::attempt, *next_attempt);
}

void Agent::Impl::progress(Link::Progress made) {
  if (made == Link::Progress::online) session_opened();
  if (made == Link::Progress::ended) session_ended();
}

void Agent::Impl::session_opened() {
  const SessionReady session = *link.session();
  sent.clear();
  level_at_open = clock.now(now).level;
  emit(Notify{"connected", session.dates_ok ? Reason::none : Reason::clock_untrusted,
              placement->instance.id + " over " + session.interface});
  announce();
  if (state.lifecycle == Lifecycle::activating) report_activation(session);
  start_reports();
  for (const auto& task : std::exchange(early, {})) {
    on(task);
    keep_to_policy();  // it may have ruled this uplink out for the next one
  }
}

void Agent::Impl::session_ended() {
  awaiting_reply = false;
  for (const auto timer :
       {TimerId::reply, TimerId::linger, TimerId::heartbeat, TimerId::telemetry, TimerId::attest})
    cancel(timer);
  drops.heartbeats += put_off.erase(TimerId::heartbeat);
  drops.telemetry += put_off.erase(TimerId::telemetry);
  if (link.fault() && link.fault_at() == now)
    emit(Notify{"link", link.fault()->reason, link.fault()->code + " " + link.fault()->sentence});
  if (std::exchange(reattempt, false) && may_attempt()) {
    attempt_now();
    return;
  }
  schedule_attempt();
}

std::string Agent::Impl::new_nonce() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int word = 0; word < 2; ++word) {
    auto bits = random.next();
    for (int i = 0; i < 16; ++i, bits >>= 4U) text += digits[bits & 0xfU];
  }
  return text;
}

void Agent::Impl::announce() {
  if (!link.online() || awaiting_reply) return;
  nonce = new_nonce();
  asked_at = now;
  awaiting_reply = true;
  key_missed = false;
  publish_now(
      Announcement{.identity = placement->identity,
                   .iccid = radio.iccid,
                   .agent_version = config.agent_version,
                   .nonce = *nonce,
                   .entitlement_sequence = state.registration ? state.registration->sequence : 0});
  arm(TimerId::reply, now + reply_limit);
  arm_attest();
  cancel(TimerId::linger);
}

void Agent::Impl::arm_attest() {
  time_doubted = clock.contradicted(now);
  if (!time_doubted) doubted_asks = 0;
  const bool soon = time_doubted && doubted_asks < most_doubted_asks;
  arm(TimerId::attest, now + (soon ? jittered(doubted_attest_interval, probe_jitter_percent, random)
                                   : jittered(attest_interval, 10, random)));
}

void Agent::Impl::compare_clocks() {
  // A doubt that comes and goes does not put off what the first one has asked for.
  if (link.online() && !time_doubted && clock.contradicted(now)) arm_attest();
}

void Agent::Impl::answered() {
  last_contact = now;
  awaiting_reply = false;
  unanswered = 0;
  cancel(TimerId::reply);
  if (granted(Capability::connect) == Grant::by_schedule) arm(TimerId::linger, now + linger_length);
  if (probing()) arm(TimerId::linger, now + probe_settle);
}

void Agent::Impl::keep_to_policy() {
  const bool open = link.phase() == LinkPhase::connecting || link.phase() == LinkPhase::online;
  if (open && !uplink_allowed(state.lifecycle, blocked(), link.uplink(), config.uplinks)) {
    reattempt = granted(Capability::connect) == Grant::yes;
    progress(link.leave(effects));
  }
  // Better time may clear a certificate whose dates could not be judged when this session began.
  const bool service = granted(Capability::service_task) == Grant::yes;
  if (link.online() && service && !link.session()->dates_ok &&
      clock.now(now).level > level_at_open) {
    reattempt = true;
    progress(link.leave(effects));
  }
  if (!link.idle()) return;
  if (granted(Capability::bearer) != Grant::yes) link.release_bearer(effects);
  if (next_attempt || !last_attempt) return;
  // A state that is always connected never waits for nothing; one that was entered and left within
  // a step has its next attempt before it.
  if (granted(Capability::connect) == Grant::yes)
    attempt_now();
  else
    schedule_attempt();
}

void Agent::Impl::queue_durable(DurableMessage message) {
  if (queue(state, std::move(message), known_time())) ++drops.reports;
}

void Agent::Impl::send_outbox() {
  if (!link.online()) return;
  while (const auto* item = next_to_send(state, sent)) {
    if (sent.size() >= publish_window) return;
    const Message message = std::visit([](const auto& m) { return Message(m); }, item->message);
    emit(Publish{item->id, {.message = message, .at = item->at}});
    sent.insert(item->id);
  }
  say_put_off_reports();
}

void Agent::Impl::publish_now(Message message) {
  if (link.online()) emit(Publish{0, {.message = std::move(message), .at = known_time()}});
}

void Agent::Impl::start_reports() {
  if (!link.online()) return;
  const Grant heartbeat = granted(Capability::heartbeat);
  if (heartbeat == Grant::yes) arm(TimerId::heartbeat, now);
  if (heartbeat == Grant::at_least)
    arm(TimerId::heartbeat,
        last_heartbeat ? std::max(now, *last_heartbeat + least_heartbeat) : now);
  if (granted(Capability::telemetry) == Grant::yes) arm(TimerId::telemetry, now);
}

void Agent::Impl::on(const TimerFired& event) {
  switch (event.id) {
    case TimerId::attempt:
      next_attempt.reset();
      if (link.idle()) {
        attempt_now();
      } else if (link.online() && link.uplink() == Uplink::main_wan &&
                 state.lifecycle == Lifecycle::activating) {
        reattempt = true;  // try the OOBM radio again
        progress(link.leave(effects));
      }
      break;
    case TimerId::radio_wait:
      progress(link.radio_waited(surroundings(), now, effects));
      break;
    case TimerId::attempt_limit:
      progress(link.attempt_expired(surroundings(), now, effects));
      break;
    case TimerId::reply:
      if (!std::exchange(awaiting_reply, false)) {
        announce();  // the pause after an unanswered one is over
        break;
      }
      link.note_fault({Reason::no_reply, {}, std::string(row(Reason::no_reply).sentence)}, now);
      emit(Notify{"no_reply", Reason::no_reply, {}});
      if (granted(Capability::connect) != Grant::yes)
        progress(link.leave(effects));
      else if (!link.session()->dates_ok || !known_time())
        // Without its answer this session cannot serve: there is no time to judge by.
        arm(TimerId::reply, now + registration_pause(unanswered++, random));
      break;
    case TimerId::linger:
      // What was refused is told first: ALMS may have the remedy at hand.
      if (probing() && !state.outbox.empty() && now - link.online_since() < reply_limit)
        arm(TimerId::linger, now + probe_settle);
      else if (granted(Capability::connect) != Grant::yes)
        progress(link.leave(effects));
      break;
    case TimerId::attest:
      // Announcements of sessions that broke count for nothing: they may all come within an hour.
      if (time_doubted) doubted_asks = std::min(doubted_asks + 1, most_doubted_asks);
      announce();
      break;
    case TimerId::term:
      evaluate_term();
      break;
    case TimerId::renewal:
      announce();
      renewal_armed = false;
      arm_renewal();
      break;
    case TimerId::heartbeat:
    case TimerId::telemetry:
      send_report(event.id);
      break;
    case TimerId::usage:
      usage_timer.reset();  // what it was for is looked at after every event
      break;
  }
}

void Agent::Impl::send_report(TimerId id) {
  const bool heartbeat = id == TimerId::heartbeat;
  const auto capability = heartbeat ? Capability::heartbeat : Capability::telemetry;
  const Grant allowed = granted(capability);
  if (!link.online() || !link.session()->dates_ok || allowed == Grant::no) return;
  const bool newer = !put_off.insert(id).second;
  if (newer) ++(heartbeat ? drops.heartbeats : drops.telemetry);
  const Duration period = std::chrono::seconds(heartbeat ? state.settings.heartbeat_period_s
                                                         : state.settings.telemetry_period_s);
  arm(id, now + (allowed == Grant::at_least ? std::max(period, least_heartbeat) : period));
}

void Agent::Impl::say_put_off_reports() {
  // What may have been said when it was put off may be no more.
  for (const auto id : {TimerId::heartbeat, TimerId::telemetry}) {
    if (put_off.erase(id) == 0) continue;
    const auto capability =
        id == TimerId::heartbeat ? Capability::heartbeat : Capability::telemetry;
    if (granted(capability) != Grant::no) say_report(id);
  }
}

void Agent::Impl::say_report(TimerId id) {
  if (id == TimerId::telemetry) return publish_now(Telemetry{radio, wan, usage()});
  last_heartbeat = now;
  publish_now(
      Heartbeat{state.lifecycle, std::chrono::duration_cast<std::chrono::seconds>(now.since_boot)});
}

void Agent::Impl::report_activation(const SessionReady& session) {
  const bool proven = session.uplink == Uplink::oobm;
  const auto& oobm_fault = link.oobm_fault();
  if (!proven) schedule_attempt();
  if (!proven && oobm_fault && reported_fault == oobm_fault->reason) return;
  const auto began = activation_began.value_or(now);
  ActivationReport report{
      .proven = proven,
      .fault = oobm_fault ? oobm_fault->reason : Reason::none,
      .detail = oobm_fault ? clean(oobm_fault->sentence, max_detail) : std::string(),
      .interface = session.interface,
      .address = session.address,
      .imei = placement->identity.imei->str(),
      .iccid = radio.iccid ? radio.iccid->str() : std::string(),
      .operator_name = radio.operator_name,
      .technology = radio.technology,
      .rsrp_dbm = radio.rsrp_dbm,
      .seconds_taken = static_cast<std::int32_t>(
          std::chrono::duration_cast<std::chrono::seconds>(now - began).count())};
  reported_fault = report.fault;
  emit(Notify{proven ? "activation_proven" : "activation_failed", report.fault, report.detail});
  queue_durable(std::move(report));
  changed();
  if (!proven) return;
  state.path_proven = true;
  fire(Trigger::path_proven);
  evaluate_term();
}

}  // namespace oobm::core
