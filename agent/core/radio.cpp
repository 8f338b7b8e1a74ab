#include "agent/core/radio.hpp"

#include <array>

namespace oobm::core {

std::string_view to_text(Registration registration) {
  constexpr std::array<std::string_view, 7> names{"unknown", "not searching", "home",   "searching",
                                                  "denied",  "no coverage",   "roaming"};
  return names[static_cast<std::size_t>(registration)];
}

std::optional<Reason> radio_fault(const RadioView& radio) {
  if (!radio.present) return Reason::radio_absent;
  if (!radio.responding) return Reason::radio_silent;
  if (radio.sim == SimState::absent) return Reason::sim_absent;
  if (radio.sim == SimState::locked) return Reason::sim_locked;
  switch (radio.registration) {
    case Registration::home:
    case Registration::roaming:
      return std::nullopt;
    case Registration::denied:
      return Reason::registration_denied;
    case Registration::unknown:
    case Registration::idle:
    case Registration::searching:
    case Registration::no_coverage:
      break;
  }
  return Reason::no_coverage;
}

bool radio_may_recover(const RadioView& radio) {
  const auto fault = radio_fault(radio);
  return fault && *fault != Reason::sim_absent && *fault != Reason::sim_locked &&
         *fault != Reason::registration_denied;
}

}  // namespace oobm::core
