// The data allowance: counted, told, kept to, and stored as rarely as may be.
#include <algorithm>
#include <string>

#include "agent/core/agent_impl.hpp"
#include "agent/core/schedule.hpp"

namespace oobm::core {
namespace {

// A timer that is right within this is not armed anew: a month is known to the second only.
constexpr Duration timer_tolerance = std::chrono::minutes(1);

std::string notice_text(int percent, const Usage& usage) {
  const auto used = std::to_string(usage.bytes_sent + usage.bytes_received);
  return std::to_string(percent) + " % of this month's data is used: " + used + " of " +
         std::to_string(*usage.allowance_bytes) + " bytes";
}

}  // namespace

std::optional<std::uint64_t> Agent::Impl::allowance() const {
  return state.entitlement ? limit_of(state.entitlement->claims) : std::nullopt;
}

Usage Agent::Impl::usage() const {
  const auto wire = total(ledger, Uplink::oobm).wire;
  return {.bytes_sent = wire.sent, .bytes_received = wire.received, .allowance_bytes = allowance()};
}

bool Agent::Impl::allowance_used_up() const {
  const auto limit = allowance();
  return limit && percent_used(ledger, *limit) >= usage_notices.back();
}

bool Agent::Impl::held_back() const { return link.uplink() == Uplink::oobm && allowance_used_up(); }

std::optional<Reason> Agent::Impl::spending_refusal(Use use, Uplink uplink) const {
  const auto capability = capability_of(use);
  if (!capability) return std::nullopt;
  const Grant granted = grant(state.lifecycle, blocked(), *capability);
  if (granted == Grant::no) return blocked() ? placement.error().reason : state.reason;
  const bool used_up = uplink == Uplink::oobm && allowance_used_up();
  if (used_up && when_used_up(granted, *capability) == Grant::no) return Reason::data_allowance;
  return std::nullopt;
}

void Agent::Impl::on(const UsageCounted& event) {
  std::uint64_t wire = 0;
  for (const auto& spent : event.spent) wire += spent.wire.total();
  if (wire == 0) return;
  count(ledger, event.uplink, event.spent);
  unstored_bytes += wire;
  if (!unstored_since) unstored_since = now;
}

void Agent::Impl::on(const Stopping&) {
  if (unstored_since) changed();
}

void Agent::Impl::keep_usage() {
  turn_period();
  give_usage_notice();
  keep_reports_to_allowance();
  const bool due = unstored_since && (unstored_bytes >= store_after(allowance()) ||
                                      now - *unstored_since >= usage_store_interval);
  if (due) changed();
  arm_usage();
}

void Agent::Impl::turn_period() {
  const auto belief = clock.now(now);
  const bool attested = belief.level == TimeLevel::attested;
  if (keep_period(ledger, attested ? belief.time : clock.floor(), attested)) changed();
}

void Agent::Impl::give_usage_notice() {
  const auto limit = allowance();
  const int reached = limit ? reached_notice(percent_used(ledger, *limit)) : 0;
  if (reached == ledger.notice_percent) return;
  const bool more = reached > ledger.notice_percent;
  // With a larger allowance the notices begin anew; less than before is no news.
  ledger.notice_percent = reached;
  changed();
  if (!more) return;
  const bool end = reached == usage_notices.back();
  emit(Notify{"data_allowance", end ? Reason::data_allowance : Reason::none,
              notice_text(reached, usage())});
}

void Agent::Impl::keep_reports_to_allowance() {
  const bool used_up = allowance_used_up();
  if (used_up == was_used_up) return;
  was_used_up = used_up;
  if (!used_up && state.entitlement)
    emit(Notify{"data_allowance", Reason::none, "there is data again: telemetry goes on"});
  if (!link.online() || link.uplink() != Uplink::oobm) return;
  if (used_up) cancel(TimerId::telemetry);
  start_reports();
}

void Agent::Impl::arm_usage() {
  std::optional<BootTime> at;
  if (unstored_since) at = *unstored_since + usage_store_interval;
  const auto belief = clock.now(now);
  if (belief.level == TimeLevel::attested) {
    const auto end = now + (begin_of(after(month_of(belief.time))) - belief.time);
    at = at ? std::min(*at, end) : end;
  }
  const bool armed = at && usage_timer && std::chrono::abs(*at - *usage_timer) < timer_tolerance;
  if (!at || armed) return;
  usage_timer = at;
  arm(TimerId::usage, *at);
}

void Agent::Impl::store_usage() {
  state.usage = ledger;
  unstored_bytes = 0;
  unstored_since.reset();
}

}  // namespace oobm::core
