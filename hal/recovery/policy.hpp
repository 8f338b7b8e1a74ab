// What may be done to a radio that does not carry the link, as tables: which remedies there are,
// how often each may be used, and which of them can help against which trouble.
//
//  - Mild before harsh: every remedy has its own first wait for every trouble that it can help.
//  - A refusal by the network is the network's word. What a device may do about an EMM cause is
//    said in 3GPP TS 24.301 section 5.5.1.2.5; restarting the module does not make it welcome, and
//    a SIM that hammers is barred.
//  - A card that is missing gets one rare chance; a card that asks for a PIN gets none, since a PIN
//    is the technician's to enter.
//  - Some modules need 20 to 50 minutes to come back by themselves
//    (https://github.com/openwrt/packages/pull/23590), so the harsh remedies wait longer than that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "agent/core/time.hpp"
#include <oobm/hal/radio.hpp>

namespace oobm::hal {

enum class RecoveryStep : std::uint8_t {
  redial,          // bearer down and up, through the board
  reattach,        // detach from the packet network and attach again (+CGATT=0, +CGATT=1)
  function_cycle,  // transmission off and on (+CFUN=4, +CFUN=1)
  module_reset,    // +CFUN=1,1
  power_cycle,     // the module's supply, through the board
};
inline constexpr std::size_t recovery_step_count = 5;

// No step acts more often than its cap in any span of this length, wherever it begins.
inline constexpr core::Duration recovery_day = std::chrono::hours(24);
// Steps are counted when they begin; what they do to the radio may come this much later.
inline constexpr core::Duration longest_step = std::chrono::minutes(30);
// So this much must surely have passed until a use of a step is given back.
inline constexpr core::Duration cap_span = recovery_day + longest_step;

struct StepRule {
  RecoveryStep step;
  std::string_view name;         // stable, for programs: "function_cycle"
  std::string_view words;        // for people
  core::Duration pause_first;    // from one use of the step to the next
  core::Duration pause_longest;  // the pause doubles with every use up to this
  std::size_t per_day;           // uses in any `cap_span`
  core::Duration settle;         // after it, before any other step
};
std::span<const StepRule, recovery_step_count> step_rules();
const StepRule& rule(RecoveryStep step);

inline constexpr int pause_growth = 2;
inline constexpr std::size_t most_steps_per_day = 8;  // of one kind, whatever the table says

enum class Trouble : std::uint8_t {
  none,
  module_absent,
  port_busy,
  module_silent,
  radio_off,
  sim_absent,
  sim_locked,
  sim_refused,
  network_refused,
  area_refused,
  detached,
  network_busy,
  session_refused,
  not_searching,
  no_network,
  bearer_failing,
  path_dead,
};
inline constexpr std::size_t trouble_count = 17;

// The step never helps against this trouble.
inline constexpr core::Duration never = core::Duration::max();

struct TroubleRule {
  Trouble trouble;
  std::string_view name;  // stable, for programs: "PATH_DEAD"
  std::string_view words;
  // From the trouble's beginning to the first use of each step, in the order of RecoveryStep.
  std::array<core::Duration, recovery_step_count> first;
  // Between two uses of a step against it, if that is longer than the step's own pause.
  core::Duration least_pause;
};
std::span<const TroubleRule> trouble_rules();
const TroubleRule& rule(Trouble trouble);

// What a refusal means, by EMM cause (3GPP TS 24.301 section 9.9.3.9).
struct EmmRule {
  int cause;
  Trouble trouble;
  // So long after it was reported it still explains why a module that searches finds nothing.
  core::Duration holds;
};
// Causes that the table does not name, and vendors' own, are taken as a refusal of the card, which
// is the most careful reading.
const EmmRule& emm_rule(const RejectCause& cause);

}  // namespace oobm::hal
