#include "tests/unit/core/support/watch.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "agent/core/agent_impl.hpp"
#include "tests/unit/core/support/builders.hpp"

namespace oobm::core::test {
namespace {

bool arms_usage(const Effects& effects) {
  return std::ranges::any_of(effects, [](const Effect& effect) {
    const auto* arm = std::get_if<ArmTimer>(&effect);
    return arm != nullptr && arm->id == TimerId::usage;
  });
}

bool serving(Lifecycle state) { return state == Lifecycle::active || state == Lifecycle::grace; }

}  // namespace

void Watch::check(bool holds, const char* rule, const Status& status) const {
  if (holds) return;
  ADD_FAILURE() << rule << "; seed " << seed_ << ", step " << steps_ << ", state "
                << to_text(status.lifecycle) << (status.blocked ? ", blocked" : "") << ", link "
                << to_text(status.phase);
}

void Watch::before_effects(const Event& event, const Agent& /*agent*/) {
  if (const auto* ready = std::get_if<SessionReady>(&event)) {
    if (session_ == Session::connecting && ready->uplink == uplink_) {
      session_ = Session::ready;
      dates_ok_ = ready->dates_ok;
    }
  } else if (std::holds_alternative<SessionClosed>(event)) {
    session_ = Session::none;
    leaving_ = false;
    in_flight_.clear();
    last_sent_ = {};
  } else if (const auto* published = std::get_if<Published>(&event)) {
    in_flight_.erase(published->id);
  } else if (const auto* fired = std::get_if<TimerFired>(&event)) {
    timers_.erase(fired->id);
  } else if (std::holds_alternative<BearerUpDone>(event) ||
             std::holds_alternative<BearerFailed>(event)) {
    bearer_pending_ = false;
  }
}

void Watch::step(const Event& event, const State& before, const Effects& effects,
                 const Agent& agent, BootTime now) {
  ++steps_;
  agent_ = &agent;
  state_before_ = before.lifecycle;
  const auto status = agent.status(now);
  before_effects(event, agent);
  const auto persists = std::ranges::count_if(
      effects, [](const Effect& e) { return std::holds_alternative<Persist>(e); });
  check(persists <= 1, "a step stores at most once", status);
  check(persists == 0 || std::holds_alternative<Persist>(effects.front()),
        "what a step does is stored before any of it leaves", status);
  check(before == agent.state() || persists == 1, "a changed state is stored", status);
  check(persists == 1 || status.ledger.spent == agent.state().usage.spent ||
            armed(TimerId::usage) || arms_usage(effects),
        "what is counted and not stored has its time before it", status);
  for (const auto& e : effects) effect(e, status);
  state(agent.state());
  liveness(status, agent.state());
}

void Watch::effect(const Effect& effect, const Status& status) {
  if (const auto* connect_effect = std::get_if<Connect>(&effect))
    connect(*connect_effect, status, *agent_);
  if (const auto* publish_effect = std::get_if<Publish>(&effect)) publish(*publish_effect, status);
  if (std::holds_alternative<BearerUp>(effect)) {
    check(!status.blocked, "a blocked router brings no bearer up", status);
    bearer_pending_ = true;
  }
  if (std::holds_alternative<Disconnect>(effect)) {
    check(session_ != Session::none && !leaving_, "only a session that is open is left, once",
          status);
    leaving_ = true;
  }
  if (const auto* arm = std::get_if<ArmTimer>(&effect)) timers_[arm->id] = arm->at;
  if (const auto* cancel = std::get_if<CancelTimer>(&effect)) timers_.erase(cancel->id);
  if (const auto* run = std::get_if<RunTask>(&effect)) {
    check(++runs_[run->uid] == 1, "a task is run once", status);
  }
}

void Watch::connect(const Connect& effect, const Status& status, const Agent& agent) {
  check(!status.blocked, "a blocked router connects to nothing", status);
  check(session_ == Session::none, "one session at a time", status);
  check(effect.instance == status.instance_id, "only the instance of the SKU is connected to",
        status);
  check(uplink_allowed(status.lifecycle, status.blocked, effect.uplink, policy_),
        "only an uplink that the state allows is used", status);
  check(agent.may_connect(effect.instance, effect.uplink),
        "the gate lets the core's own attempt by", status);
  session_ = Session::connecting;
  uplink_ = effect.uplink;
  leaving_ = false;
  bearer_pending_ = false;
}

void Watch::publish(const Publish& effect, const Status& status) {
  check(!status.blocked, "a blocked router publishes nothing", status);
  check(session_ == Session::ready && !leaving_, "only an open session carries messages", status);
  // A statement may change the state within the step; what was said before it was said in time.
  check(uplink_allowed(status.lifecycle, status.blocked, uplink_, policy_) ||
            uplink_allowed(state_before_, status.blocked, uplink_, policy_),
        "nothing is said on an uplink that the state does not allow", status);
  const auto& message = effect.outgoing.message;
  if (std::holds_alternative<Telemetry>(message) || std::holds_alternative<ReadAnswer>(message))
    check(serving(status.lifecycle) && dates_ok_, "telemetry belongs to service", status);
  if (std::holds_alternative<Heartbeat>(message))
    check(grant(status.lifecycle, false, Capability::heartbeat) == Grant::yes && dates_ok_,
          "heartbeats belong to states that grant them", status);
  if (std::holds_alternative<Telemetry>(message))
    check(!status.allowance_used_up || uplink_ != Uplink::oobm,
          "telemetry waits while the data allowance is used up", status);
  if (effect.id == 0) return;
  auto& last = last_sent_[std::holds_alternative<Ack>(message) ? 0 : 1];
  check(effect.id > last, "each kind of the outbox is sent in order, each item once in a session",
        status);
  last = effect.id;
  in_flight_.insert(effect.id);
  check(in_flight_.size() <= publish_window, "at most a window of durable messages is on its way",
        status);
}

void Watch::state(const State& state) {
  EXPECT_LE(state.outbox.size(), max_outbox_items) << "seed " << seed_;
  EXPECT_LE(state.ledger.size(), max_ledger_records) << "seed " << seed_;
  EXPECT_LE(state.superseded.size(), max_superseded) << "seed " << seed_;
  EXPECT_LE(state.reboots.size(), reboots_a_day) << "seed " << seed_;
  EXPECT_LE(state.reason_detail.size(), 200U) << "seed " << seed_;
  const bool needs_ground =
      state.lifecycle != Lifecycle::unregistered && state.lifecycle != Lifecycle::retired;
  EXPECT_TRUE(!needs_ground || state.entitlement) << "seed " << seed_ << ", step " << steps_;
}

// A router that could do something is never without the thing that will make it do so.
void Watch::liveness(const Status& status, const State& state) {
  if (status.blocked || !status.identity || !status.identity->imei) return;
  switch (status.phase) {
    case LinkPhase::idle:
      check(armed(TimerId::attempt), "an idle router has its next attempt before it", status);
      check(status.next_attempt_in.has_value(), "and can say when", status);
      break;
    case LinkPhase::waiting_for_radio:
      check(armed(TimerId::radio_wait), "waiting for the radio ends", status);
      break;
    case LinkPhase::waiting_for_bearer:
    case LinkPhase::connecting:
      check(leaving_ || armed(TimerId::attempt_limit), "an attempt ends", status);
      break;
    case LinkPhase::online:
      if (!leaving_ && grant(state.lifecycle, false, Capability::connect) != Grant::yes)
        check(armed(TimerId::reply) || armed(TimerId::linger),
              "a session that is not for good ends by itself", status);
      break;
  }
}

}  // namespace oobm::core::test
