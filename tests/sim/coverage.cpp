#include "tests/sim/coverage.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/sim/faults.hpp"
#include "tests/sim/operator.hpp"

namespace oobm::sim {
namespace {

struct Rare {
  core::Lifecycle from;
  core::Trigger on;
  core::Guard guard;
  std::string_view reason;
};

using core::Guard;
using core::Lifecycle;
using core::Trigger;

constexpr std::array rare{
    Rare{Lifecycle::suspended, Trigger::term_runs, Guard::lapsed_unproven,
         "a lapse before the path was proven, undone by two clocks alone: three hundred years "
         "see it up to three times, or not at all"},
};

bool excused(const core::Transition& row) {
  return std::ranges::any_of(rare, [&](const Rare& u) {
    return u.from == row.from && u.on == row.on && u.guard == row.guard;
  });
}

}  // namespace

std::vector<std::string> gaps(const Figures& figures) {
  std::vector<std::string> found;
  for (const auto& row : fault_rows())
    if (!figures.faults.contains(std::string(row.name)))
      found.push_back("fault " + std::string(row.name));
  for (const auto& row : act_rows())
    if (!figures.acts.contains(std::string(row.name)))
      found.push_back("act " + std::string(row.name));
  for (const auto state : core::all_lifecycles())
    if (figures.in_state[static_cast<std::size_t>(state)].count() == 0)
      found.push_back("state " + std::string(core::to_text(state)));
  for (std::size_t i = 0; i < core::transitions().size(); ++i) {
    const auto& row = core::transitions()[i];
    if (figures.transitions.contains(i) || excused(row)) continue;
    found.push_back("transition " + describe(row));
  }
  return found;
}

}  // namespace oobm::sim
