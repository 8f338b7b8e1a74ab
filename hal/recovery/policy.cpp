#include "hal/recovery/policy.hpp"

#include <algorithm>
#include <utility>

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using enum RecoveryStep;
using enum Trouble;

// clang-format off
constexpr std::array<StepRule, recovery_step_count> steps{{
    // step         name              words                      first  longest per day  settle
    {redial,         "redial",         "re-dial of the bearer",     15min,  4h,    6,     3min},
    {reattach,       "reattach",       "detach and attach",         30min,  6h,    4,     5min},
    {function_cycle, "function_cycle", "radio off and on",          1h,    12h,    4,     5min},
    {module_reset,   "module_reset",   "reset of the module",       2h,    12h,    3,    10min},
    {power_cycle,    "power_cycle",    "power cycle of the module", 4h,    24h,    2,    10min},
}};

constexpr core::Duration no_pause{0};
constexpr core::Duration rarely = cap_span;
constexpr std::array<core::Duration, recovery_step_count> nothing{never, never, never, never, never};
// The card stays refused until the module has been without power or transmission (TS 24.301 section 5.5.1.2.5).
constexpr std::array<core::Duration, recovery_step_count> one_cycle{never, never, 12h, never, never};

constexpr std::array<TroubleRule, trouble_count> troubles{{
    // trouble         name               words                                                     re-dial re-attach cycle  reset  power
    {none,            "NONE",            "nothing is wrong",                                         nothing, no_pause},
    {module_absent,   "MODULE_ABSENT",   "the module's port does not exist",                        {never, never, never, never, 15min}, no_pause},
    {port_busy,       "PORT_BUSY",       "another process holds the module's port",                  nothing, no_pause},
    {module_silent,   "MODULE_SILENT",   "the module does not answer",                              {never, never, never, never, 15min}, no_pause},
    {radio_off,       "RADIO_OFF",       "the module's transmission is off",                        {never, never, 10min, 1h,    4h},    no_pause},
    {sim_absent,      "SIM_ABSENT",      "the module finds no usable SIM",                           one_cycle, rarely},
    {sim_locked,      "SIM_LOCKED",      "the SIM is locked; a PIN is never entered",                nothing, no_pause},
    {sim_refused,     "SIM_REFUSED",     "the network refuses this SIM",                             one_cycle, rarely},
    {network_refused, "NETWORK_REFUSED", "this network refuses the SIM; the module looks for another", nothing, no_pause},
    {area_refused,    "AREA_REFUSED",    "the network refuses the SIM in this area",                 nothing, no_pause},
    {detached,        "DETACHED",        "the network has detached the module, which attaches again by itself", nothing, no_pause},
    {network_busy,    "NETWORK_BUSY",    "the network fails or is congested; hurrying makes it worse", nothing, no_pause},
    {session_refused, "SESSION_REFUSED", "the network refuses the data session; look at APN and subscription", nothing, no_pause},
    {not_searching,   "NOT_SEARCHING",   "the module is not registered and does not search",        {never, 10min, 30min, 2h,    8h},    no_pause},
    {no_network,      "NO_NETWORK",      "the module finds no network",                             {never, never, 1h,    3h,    8h},    no_pause},
    {bearer_failing,  "BEARER_FAILING",  "the module is registered and the bearer does not come up", {2min, 10min, 20min, 1h,    4h},    no_pause},
    {path_dead,       "PATH_DEAD",       "the bearer is up and carries nothing",                    {5min,  15min, 30min, 2h,    8h},    no_pause},
}};

constexpr std::array<EmmRule, 16> causes{{
    {2,  sim_refused,     24h},    // IMSI unknown in HSS
    {3,  sim_refused,     24h},    // illegal UE
    {5,  sim_refused,     24h},    // IMEI not accepted
    {6,  sim_refused,     24h},    // illegal ME
    {7,  sim_refused,     24h},    // EPS services not allowed
    {8,  sim_refused,     24h},    // EPS and non-EPS services not allowed
    {9,  detached,        30min},  // identity cannot be derived by the network
    {10, detached,        30min},  // implicitly detached
    {11, network_refused, 24h},    // PLMN not allowed
    {12, area_refused,    24h},    // tracking area not allowed: forgotten after 12 to 24 h
    {13, area_refused,    24h},    // roaming not allowed in this tracking area
    {14, network_refused, 24h},    // EPS services not allowed in this PLMN
    {15, area_refused,    24h},    // no suitable cells in this tracking area
    {17, network_busy,    2h},     // network failure; T3402 is 12 min by default
    {19, session_refused, 12h},    // ESM failure
    {22, network_busy,    2h},     // congestion; T3346 is the network's to set
}};
constexpr EmmRule unknown_cause{0, sim_refused, 24h};
// clang-format on

consteval bool in_order() {
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (std::to_underlying(steps[i].step) != i || steps[i].per_day > most_steps_per_day)
      return false;
  for (std::size_t i = 0; i < troubles.size(); ++i)
    if (std::to_underlying(troubles[i].trouble) != i) return false;
  return true;
}
static_assert(in_order(), "a row for each step and trouble, in the order of the enumerations");

}  // namespace

std::span<const StepRule, recovery_step_count> step_rules() { return steps; }
const StepRule& rule(RecoveryStep step) { return steps[std::to_underlying(step)]; }

std::span<const TroubleRule> trouble_rules() { return troubles; }
const TroubleRule& rule(Trouble trouble) { return troubles[std::to_underlying(trouble)]; }

const EmmRule& emm_rule(const RejectCause& cause) {
  if (cause.vendor_specific) return unknown_cause;
  const auto* found = std::ranges::find(causes, cause.value, &EmmRule::cause);
  return found == causes.end() ? unknown_cause : *found;
}

}  // namespace oobm::hal
