// The technician's view, from the very values that decide.
#include "agent/core/agent_impl.hpp"
#include "agent/core/notice.hpp"

namespace oobm::core {

Status Agent::Impl::status(BootTime at) const {
  Status s;
  s.blocked = blocked();
  s.verdict = blocked() ? placement.error() : Refusal{state.reason, state.reason_detail};
  s.lifecycle = state.lifecycle;
  s.test = state.test;
  s.since = state.since;
  s.board = inputs.board;
  if (placement) {
    s.identity = placement->identity;
    s.instance_id = placement->instance.id;
    s.instance_name = placement->instance.name;
    s.portal = placement->instance.portal;
  }
  s.alms_refusal = alms_refusal;
  s.clock = clock.report(at);
  s.time = s.clock.belief;
  if (state.entitlement) {
    s.entitlement = state.entitlement->claims;
    if (s.entitlement->valid_until && s.time.level != TimeLevel::floor)
      s.days_left = days_left(*s.entitlement->valid_until, s.time.time);
  }
  s.phase = link.phase();
  if (link.session()) {
    s.uplink = link.session()->uplink;
    s.dates_ok = link.session()->dates_ok;
  }
  if (link.fault()) {
    s.last_fault = link.fault();
    s.last_fault_age = at - link.fault_at();
  } else if (placement && !placement->identity.imei) {
    s.last_fault =
        LinkFault{Reason::imei_unknown, {}, std::string(row(Reason::imei_unknown).sentence)};
  }
  if (link.path_fault()) {
    s.oobm_fault = link.path_fault();
    s.oobm_fault_age = at - link.path_fault_at();
  }
  if (last_contact) s.last_contact_age = at - *last_contact;
  if (next_attempt) s.next_attempt_in = std::max(*next_attempt - at, Duration{0});
  s.radio = radio;
  s.wan = wan;
  s.usage = usage();
  s.ledger = ledger;
  s.allowance_used_up = allowance_used_up();
  s.outbox_items = state.outbox.size();
  if (!state.ledger.empty()) s.last_task = state.ledger.back();
  s.ignored_events = ignored;
  s.retained_tasks = retained;
  s.unreadable_tasks = unreadable;
  s.refused_statements = refused_statements;
  s.drops = drops;
  s.reboots_left =
      reboots_left(state.reboots, {.boot_id = config.boot_id, .now = at, .belief = clock.now(at)});
  s.request_open = state.request.has_value();
  return s;
}

}  // namespace oobm::core
