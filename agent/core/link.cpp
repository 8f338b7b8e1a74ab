#include "agent/core/link.hpp"

#include <array>
#include <utility>

#include "agent/core/schedule.hpp"

namespace oobm::core {
namespace {

LinkFault fault_of(Reason reason) {
  return {.reason = reason, .code = {}, .sentence = std::string(row(reason).sentence)};
}

LinkFault too_long() {
  return {
      .reason = Reason::uplink_failed,
      .code = "ATTEMPT_LIMIT",
      .sentence =
          "The connection was not made within " +
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(attempt_length).count()) +
          " s."};
}

}  // namespace

std::string_view to_text(LinkPhase phase) {
  constexpr std::array<std::string_view, 5> names{"idle", "waiting for the radio",
                                                  "waiting for the bearer", "connecting", "online"};
  return names[static_cast<std::size_t>(phase)];
}

Link::Progress Link::begin(const Surroundings& around, BootTime now, Effects& effects) {
  oobm_fault_.reset();
  trying_ = Uplink::oobm;
  const auto fault = radio_fault(around.radio);
  if (!fault) return ask_bearer(now, effects);
  if (!radio_may_recover(around.radio)) return oobm_failed(fault_of(*fault), around, now, effects);
  phase_ = LinkPhase::waiting_for_radio;
  effects.emplace_back(ArmTimer{TimerId::radio_wait, now + radio_wait_limit});
  return Progress::none;
}

Link::Progress Link::leave(Effects& effects) {
  switch (phase_) {
    case LinkPhase::idle:
      return Progress::none;
    case LinkPhase::waiting_for_radio:
    case LinkPhase::waiting_for_bearer:
      return end(std::nullopt, {}, effects);
    case LinkPhase::connecting:
    case LinkPhase::online:
      break;
  }
  if (!leaving_) effects.emplace_back(Disconnect{});
  leaving_ = true;
  expired_ = false;
  return Progress::none;
}

Link::Progress Link::radio_changed(const Surroundings& around, BootTime now, Effects& effects) {
  if (phase_ != LinkPhase::waiting_for_radio) return Progress::none;
  const auto fault = radio_fault(around.radio);
  if (fault && radio_may_recover(around.radio)) return Progress::none;
  effects.emplace_back(CancelTimer{TimerId::radio_wait});
  if (!fault) return ask_bearer(now, effects);
  return oobm_failed(fault_of(*fault), around, now, effects);
}

Link::Progress Link::radio_waited(const Surroundings& around, BootTime now, Effects& effects) {
  if (phase_ != LinkPhase::waiting_for_radio) return Progress::none;
  const auto fault = radio_fault(around.radio);
  return oobm_failed(fault_of(fault.value_or(Reason::no_coverage)), around, now, effects);
}

Link::Progress Link::bearer_up(const BearerUpDone& /*done*/, const Surroundings& around,
                               BootTime now, Effects& effects) {
  if (phase_ != LinkPhase::waiting_for_bearer) return Progress::none;
  return connect(Uplink::oobm, around, now, effects);
}

Link::Progress Link::bearer_failed(const LinkFault& fault, const Surroundings& around, BootTime now,
                                   Effects& effects) {
  if (phase_ != LinkPhase::waiting_for_bearer) return Progress::none;
  return oobm_failed(fault, around, now, effects);
}

Link::Progress Link::session_ready(const SessionReady& ready, BootTime now, Effects& effects) {
  if (!connecting() || ready.uplink != trying_) return Progress::none;
  phase_ = LinkPhase::online;
  poisoned_ = false;
  session_ = ready;
  online_since_ = now;
  // While the main WAN stands in, the fault of the OOBM radio is what the technician came for.
  if (trying_ == Uplink::oobm) {
    fault_.reset();
    path_fault_.reset();
  }
  effects.emplace_back(CancelTimer{TimerId::attempt_limit});
  return Progress::online;
}

Link::Progress Link::session_closed(const LinkFault& fault, const Surroundings& around,
                                    BootTime now, Effects& effects) {
  if (fault.reason == Reason::oversized_packet) poisoned_ = true;
  if (phase_ != LinkPhase::connecting && phase_ != LinkPhase::online) return Progress::none;
  const bool expired = std::exchange(expired_, false);
  if (leaving_ && !expired) return end(std::nullopt, now, effects);
  const auto why = expired ? too_long() : fault;
  if (phase_ == LinkPhase::connecting && trying_ == Uplink::oobm)
    return oobm_failed(why, around, now, effects);
  return end(why, now, effects);
}

Link::Progress Link::attempt_expired(const Surroundings& around, BootTime now, Effects& effects) {
  if (phase_ == LinkPhase::waiting_for_bearer)
    return oobm_failed(fault_of(Reason::bearer_down), around, now, effects);
  if (!connecting()) return Progress::none;
  const auto progress = leave(effects);
  expired_ = true;
  return progress;
}

void Link::note_fault(LinkFault fault, BootTime now) {
  if (trying_ == Uplink::oobm) {
    path_fault_ = fault;
    path_fault_at_ = now;
  }
  fault_ = std::move(fault);
  fault_at_ = now;
}

void Link::release_bearer(Effects& effects) {
  if (std::exchange(bearer_asked_, false)) effects.emplace_back(BearerDown{});
}

Link::Progress Link::ask_bearer(BootTime now, Effects& effects) {
  phase_ = LinkPhase::waiting_for_bearer;
  trying_ = Uplink::oobm;
  bearer_asked_ = true;
  effects.emplace_back(ArmTimer{TimerId::attempt_limit, now + attempt_length});
  effects.emplace_back(BearerUp{});
  return Progress::none;
}

Link::Progress Link::connect(Uplink uplink, const Surroundings& around, BootTime now,
                             Effects& effects) {
  phase_ = LinkPhase::connecting;
  trying_ = uplink;
  leaving_ = false;
  effects.emplace_back(ArmTimer{TimerId::attempt_limit, now + attempt_length});
  effects.emplace_back(
      Connect{.instance = around.instance, .uplink = uplink, .fresh_session = poisoned_});
  return Progress::none;
}

Link::Progress Link::oobm_failed(const LinkFault& fault, const Surroundings& around, BootTime now,
                                 Effects& effects) {
  oobm_fault_ = fault;
  note_fault(fault, now);
  if (around.main_wan_allowed && around.wan.up)
    return connect(Uplink::main_wan, around, now, effects);
  return end(fault, now, effects);
}

Link::Progress Link::end(const std::optional<LinkFault>& fault, BootTime now, Effects& effects) {
  phase_ = LinkPhase::idle;
  leaving_ = false;
  session_.reset();
  if (fault) note_fault(*fault, now);
  effects.emplace_back(CancelTimer{TimerId::radio_wait});
  effects.emplace_back(CancelTimer{TimerId::attempt_limit});
  return Progress::ended;
}

}  // namespace oobm::core
