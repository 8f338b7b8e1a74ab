// The network's side: when the module is registered, and what it says about it.
#include <algorithm>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration attach_time = 2s;
constexpr core::Duration loss_time = 200ms;
constexpr std::string_view cell_fields = "\"2616\",\"0DDAEA01\",7";
constexpr std::string_view loose_cell_fields = " \"2616\", \"ddaea01\", 7";
constexpr int eps_not_allowed = 7;  // EMM cause of a subscription that is not active
constexpr int default_context = 1;

// Values of <stat>.
constexpr int stat_idle = 0;
constexpr int stat_home = 1;
constexpr int stat_searching = 2;
constexpr int stat_denied = 3;
constexpr int stat_roaming = 5;

}  // namespace

SimModem::Standing SimModem::wanted_standing() const {
  if (powered_ != 1 || detached_ || card() != Card::ready) return {stat_idle};
  if (fault(FaultId::no_coverage) || fault(FaultId::stuck)) return {stat_searching};
  if (const auto cause = fault(FaultId::deny)) return {stat_denied, static_cast<int>(cause)};
  if (const auto cause = fault(FaultId::deny_searching))
    return {stat_searching, static_cast<int>(cause)};
  if (!subscription_active_) return {stat_denied, eps_not_allowed};
  return {fault(FaultId::roaming) ? stat_roaming : stat_home};
}

void SimModem::reconsider(core::BootTime now) {
  if (!running_) return;
  const auto wanted = wanted_standing();
  if (wanted == planned_standing_) return;
  planned_standing_ = wanted;
  const bool attempt =
      wanted.refusal != 0 || wanted.status == stat_home || wanted.status == stat_roaming;
  if (attempt && standing_.status == stat_idle) set_standing({stat_searching});
  after(now, attempt ? attach_time : loss_time, [this, plan = ++plan_](core::BootTime) {
    if (plan == plan_) set_standing(*planned_standing_);
  });
}

void SimModem::set_standing(Standing standing) {
  if (standing == standing_) return;
  standing_ = standing;
  active_contexts_.clear();
  if (attached()) active_contexts_[default_context] = true;
  for (const auto port : {PortId::command, PortId::data})
    if (!attached()) end_call(port, true);
  if (registration_level_ > 0)
    emit_line("+CEREG: " + registration_fields(registration_level_, true));
}

std::string SimModem::registration_fields(int level, bool report) const {
  std::string fields = std::to_string(standing_.status);
  if (level < 2) return fields;
  const bool denied = standing_.status == stat_denied;
  // A module that goes on searching tells the cause once, in its report.
  const bool refused = denied || (report && standing_.refusal != 0);
  if (!attached() && !refused) return fields;
  const bool loose = config_.personality->looser_text;
  fields.append(",").append(loose ? loose_cell_fields : cell_fields);
  const bool with_cause = level == 3 || level == 5;
  if (refused && with_cause)
    fields += ",0," + std::to_string(standing_.refusal);
  else if (attached() && level >= 4 && power_saving())
    fields += R"(,,,"00000001","00100110")";
  return fields;
}

bool SimModem::context_active(int cid) const {
  const auto found = active_contexts_.find(cid);
  return attached() && found != active_contexts_.end() && found->second;
}

bool SimModem::power_saving() const {
  const auto wish = stored_.find("+CPSMS");
  return fault(FaultId::psm) || (wish != stored_.end() && wish->second.starts_with('1'));
}

bool SimModem::traffic_passes() const {
  const bool active = std::ranges::any_of(active_contexts_, [](const auto& c) { return c.second; });
  return running_ && attached() && active && !fault(FaultId::half_dead);
}

void SimModem::cure(int step, core::BootTime now) {
  for (const auto id : {FaultId::half_dead, FaultId::stuck}) {
    auto& value = faults_[static_cast<std::size_t>(id)];
    if (value <= step) value = 0;
  }
  reconsider(now);
}

void SimModem::set_subscription_active(bool active, core::BootTime now) {
  now_ = std::max(now_, now);
  subscription_active_ = active;
  reconsider(now);
}

core::UnixTime SimModem::network_time() const {
  return time_base_ + std::chrono::duration_cast<std::chrono::seconds>(now_ - time_base_at_);
}

}  // namespace oobm::modem_sim
