#include "tests/sim/account.hpp"

#include <algorithm>

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using alms_sim::SystemState;
using core::Lifecycle;

// Around the ends of term and grace both sides may be right for a while: ALMS suspends a minute
// later, and a router's clock may be some minutes off.
constexpr std::int64_t blur_s = 3600;

std::vector<Lifecycle> in_service(const alms_sim::System& system, std::int64_t now_s) {
  const auto end = system.valid_until_s;
  const auto grace_end = end + system.grace_s;
  std::vector<Lifecycle> states;
  if (end == 0 || now_s < end + blur_s) states.push_back(Lifecycle::active);
  if (end != 0 && now_s > end - blur_s && now_s < grace_end + blur_s)
    states.push_back(Lifecycle::grace);
  if (end != 0 && now_s > grace_end - blur_s) states.push_back(Lifecycle::suspended);
  return states;
}

}  // namespace

bool Intent::met_by(const core::Status& status) const {
  if (status.blocked || blocked) return status.blocked == blocked;
  return std::ranges::contains(states, status.lifecycle);
}

std::string Intent::text() const {
  if (blocked) return "BLOCKED";
  std::string text;
  for (const auto state : states)
    text += (text.empty() ? "" : " or ") + std::string(core::to_text(state));
  return text;
}

Intent intent(World& world) {
  const auto& iron = world.iron;
  if (world.home().empty()) return {.blocked = true, .states = {}};
  const auto* system = world.alms(world.home()).system(iron.serial);
  // A retired router waits for a new registration, whatever becomes of the old one.
  if (system == nullptr)
    return {.blocked = false, .states = {Lifecycle::unregistered, Lifecycle::retired}};
  // Registered with another module than the one in it: ALMS refuses, and the router keeps what it
  // holds.
  if (system->imei != iron.module_imei)
    return {.blocked = false,
            .states = {core::all_lifecycles().begin(), core::all_lifecycles().end()}};
  switch (system->state) {
    case SystemState::inventory:
      return {.blocked = false, .states = {Lifecycle::inventory}};
    case SystemState::suspended:
      return {.blocked = false, .states = {Lifecycle::suspended}};
    case SystemState::retired:
      // A registration that the router has left behind for a later one says nothing to it.
      if (world.router() != nullptr &&
          std::ranges::contains(world.router()->state().superseded, system->registration))
        return {.blocked = false, .states = {Lifecycle::unregistered, Lifecycle::retired}};
      return {.blocked = false, .states = {Lifecycle::retired}};
    default:
      return {.blocked = false, .states = in_service(*system, world.time.true_time().seconds)};
  }
}

}  // namespace oobm::sim
