#include "tests/unit/core/support/router.hpp"

#include <algorithm>
#include <utility>

namespace oobm::core::test {
namespace {

constexpr Duration world_pause = std::chrono::seconds(1);
constexpr Duration broker_pause = std::chrono::milliseconds(100);
constexpr Duration alms_pause = std::chrono::milliseconds(500);

SessionReady ready_over(Uplink uplink, bool dates_ok) {
  const bool oobm = uplink == Uplink::oobm;
  return {.uplink = uplink,
          .interface = oobm ? "oobm0" : "wan0",
          .address = oobm ? "10.64.0.2" : "203.0.113.7",
          .dates_ok = dates_ok};
}

}  // namespace

Router::Router(RouterOptions options)
    : random_(options.seed),
      agent_(std::make_unique<Agent>(AgentConfig{.agent_version = "0.1.0",
                                                 .boot_id = options.boot_id,
                                                 .build_time = build_time,
                                                 .uplinks = options.uplinks},
                                     std::move(options.state), random_)),
      watch_(options.uplinks, options.seed) {}

void Router::feed(const Event& event) {
  if (std::holds_alternative<SessionClosed>(event)) session_open_ = false;
  const State before = agent_->state();
  const auto effects = agent_->handle(event, now_);
  watch_.step(event, before, effects, *agent_, now_);
  for (const auto& effect : effects) {
    log_.push_back({now_, effect});
    carry_out(effect);
  }
}

void Router::advance(Duration duration) {
  const BootTime until = now_ + duration;
  while (true) {
    const auto timer =
        std::ranges::min_element(timers_, {}, [](const auto& entry) { return entry.second; });
    const bool timer_due = timer != timers_.end() && timer->second <= until;
    const bool plan_due = !planned_.empty() && planned_.begin()->first <= until;
    if (!timer_due && !plan_due) break;
    if (plan_due && (!timer_due || planned_.begin()->first <= timer->second)) {
      auto node = planned_.extract(planned_.begin());
      now_ = std::max(now_, node.key());
      const auto& [session, event] = node.mapped();
      if (session == 0 || (session == session_ && session_open_)) feed(event);
    } else {
      const auto id = timer->first;
      now_ = std::max(now_, timer->second);
      timers_.erase(timer);
      feed(TimerFired{id});
    }
  }
  now_ = until;
}

void Router::boot(const RegionInputs& inputs, const RadioView& radio) {
  feed(Started{});
  feed(RadioChanged{radio});
  feed(RegionInputsChanged{inputs});
}

void Router::boot_and_connect() {
  boot();
  advance(std::chrono::seconds(6));
}

void Router::task(std::string uid, TaskBody body, bool retained) {
  feed(TaskArrived{{.uid = std::move(uid), .body = std::move(body)}, retained});
}

void Router::entitle(const std::string& uid, const Entitlement& claims) {
  task(uid, Entitle{signed_statement(claims)});
}

void Router::tell_time(UnixTime time, bool by_both) {
  feed(TimeEvidence{TimeSource::modem, time});
  if (by_both) feed(TimeEvidence{TimeSource::system, time});
}

std::optional<BootTime> Router::timer(TimerId id) const {
  const auto found = timers_.find(id);
  if (found == timers_.end()) return std::nullopt;
  return found->second;
}

std::vector<Notify> Router::notified(const std::string& event) const {
  auto found = all<Notify>();
  std::erase_if(found, [&](const Notify& n) { return n.event != event; });
  return found;
}

std::optional<Ack> Router::ack(const std::string& uid) const {
  for (const auto& item : state().ledger)
    if (item.uid == uid && item.status == TaskRecord::Status::done) return item.ack;
  return std::nullopt;
}

std::string Router::nonce() const { return last_nonce_; }

std::vector<Uplink> Router::attempts() const {
  std::vector<Uplink> uplinks;
  for (const auto& connect : all<Connect>()) uplinks.push_back(connect.uplink);
  return uplinks;
}

void Router::later(Duration pause, Event event) {
  planned_.emplace(now_ + pause, Planned{session_, std::move(event)});
}

void Router::carry_out(const Effect& effect) {
  if (const auto* arm = std::get_if<ArmTimer>(&effect)) timers_[arm->id] = arm->at;
  if (const auto* cancel = std::get_if<CancelTimer>(&effect)) timers_.erase(cancel->id);
  if (const auto* p = std::get_if<Publish>(&effect))
    if (const auto* a = std::get_if<Announcement>(&p->outgoing.message)) last_nonce_ = a->nonce;
  if (std::holds_alternative<Connect>(effect)) {
    ++session_;
    session_open_ = true;
  }
  if (!world.answers) return;
  if (const auto* c = std::get_if<Connect>(&effect)) connect(c->uplink);
  if (const auto* p = std::get_if<Publish>(&effect)) publish(*p);
  if (std::holds_alternative<Disconnect>(effect)) later(world_pause, SessionClosed{});
  if (std::holds_alternative<BearerUp>(effect)) {
    Event outcome = BearerUpDone{"oobm0", "10.64.0.2"};
    if (world.bearer_fault) outcome = BearerFailed{*world.bearer_fault};
    planned_.emplace(now_ + world_pause, Planned{0, std::move(outcome)});
  }
}

void Router::connect(Uplink uplink) {
  if (world.silent) return;
  const auto& fault = uplink == Uplink::oobm ? world.oobm_fault : world.wan_fault;
  if (fault)
    later(world_pause, SessionClosed{*fault});
  else
    later(world_pause, ready_over(uplink, world.dates_ok));
}

void Router::publish(const Publish& effect) {
  if (effect.id != 0 && world.broker_acks) later(broker_pause, Published{effect.id});
  const auto* announcement = std::get_if<Announcement>(&effect.outgoing.message);
  if (announcement == nullptr || !world.alms) return;
  if (auto reply = world.alms(*announcement)) later(alms_pause, TaskArrived{*std::move(reply)});
}

Entitlement Alms::issue(std::optional<std::string> nonce) {
  ++issued_;
  claims_.base.sequence += 1;
  claims_.base.id = "e-" + std::to_string(claims_.base.sequence);
  claims_.base.nonce = std::move(nonce);
  return claims_;
}

Task Alms::answer(const Announcement& announcement) {
  RegisterResult result{.outcome = RegisterResult::Outcome::accepted,
                        .code = {},
                        .text = {},
                        .nonce = announcement.nonce,
                        .entitlement = signed_statement(issue(announcement.nonce))};
  return {.uid = "answer-" + claims_.base.registration + "-" + std::to_string(issued_),
          .body = std::move(result)};
}

std::function<std::optional<Task>(const Announcement&)> Alms::answering(Alms& alms) {
  return [&alms](const Announcement& announcement) { return alms.answer(announcement); };
}

State state_in(Lifecycle lifecycle, Reason reason, AlmsState stated) {
  const auto claims = entitlement_for(placement_of(xr80_na()), stated);
  State state;
  state.lifecycle = lifecycle;
  state.reason = reason;
  state.path_proven = lifecycle != Lifecycle::inventory && lifecycle != Lifecycle::activating;
  state.entitlement = HeldEntitlement{signed_statement(claims).text, claims};
  state.registration = RegistrationMemory{.issuer = claims.base.issuer,
                                          .registration = claims.base.registration,
                                          .sequence = claims.base.sequence,
                                          .last_id = claims.base.id,
                                          .imei = claims.base.imei};
  state.time_floor = claims.base.issued_at;
  return state;
}

State state_in_service(const RegionInputs& inputs) {
  auto state = state_in(Lifecycle::active, Reason::in_service, AlmsState::active);
  const auto claims = entitlement_for(placement_of(inputs));
  state.entitlement = HeldEntitlement{signed_statement(claims).text, claims};
  state.registration->issuer = claims.base.issuer;
  state.registration->imei = claims.base.imei;
  return state;
}

}  // namespace oobm::core::test
