// The network's side: when the module is registered, and what it says about it.
#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration attach_time = 2s;
constexpr core::Duration loss_time = 200ms;
constexpr std::string_view cell_fields = "\"2616\",\"0DDAEA01\",7";
constexpr int eps_not_allowed = 7;  // EMM cause of a subscription that is not active

// Values of <stat>.
constexpr int stat_idle = 0;
constexpr int stat_home = 1;
constexpr int stat_searching = 2;
constexpr int stat_denied = 3;
constexpr int stat_roaming = 5;

}  // namespace

int SimModem::wanted_registration() const {
  if (powered_ != 1 || card_ != Card::ready) return stat_idle;
  if (!coverage_) return stat_searching;
  if (deny_cause_ || !subscription_active_) return stat_denied;
  return roaming_ ? stat_roaming : stat_home;
}

void SimModem::reconsider(core::BootTime now) {
  if (!running_) return;
  const int wanted = wanted_registration();
  if (wanted == planned_registration_) return;
  planned_registration_ = wanted;
  const bool attaching = wanted == stat_denied || wanted == stat_home || wanted == stat_roaming;
  if (attaching && registration_ == stat_idle) set_registration(stat_searching);
  after(now, attaching ? attach_time : loss_time, [this, plan = ++plan_](core::BootTime) {
    if (plan == plan_) set_registration(planned_registration_);
  });
}

void SimModem::set_registration(int status) {
  if (status == registration_) return;
  registration_ = status;
  if (registration_level_ > 0) emit_line("+CEREG: " + registration_fields(registration_level_));
}

std::string SimModem::registration_fields(int level) const {
  std::string fields = std::to_string(registration_);
  if (level < 2) return fields;
  const bool refused = registration_ == stat_denied;
  if (!attached() && !refused) return fields;
  fields.append(",").append(cell_fields);
  const bool with_cause = level == 3 || level == 5;
  if (refused && with_cause)
    fields += ",0," + std::to_string(deny_cause_.value_or(eps_not_allowed));
  else if (attached() && level >= 4)
    fields += R"(,,,"00000001","00100110")";
  return fields;
}

void SimModem::set_subscription_active(bool active, core::BootTime now) {
  subscription_active_ = active;
  reconsider(now);
}

core::UnixTime SimModem::network_time() const {
  return time_base_ + std::chrono::duration_cast<std::chrono::seconds>(now_ - time_base_at_);
}

}  // namespace oobm::modem_sim
