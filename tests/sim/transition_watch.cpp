// Which rows of the transition table have fired: the linker puts this function in front of
// find_transition() (CMakeLists.txt), so that the product needs no counter for it.
#include "tests/sim/transition_watch.hpp"

namespace oobm::sim {
namespace {

thread_local std::map<std::size_t, std::uint64_t>* fired = nullptr;

}  // namespace

void watch_transitions(std::map<std::size_t, std::uint64_t>& rows) { fired = &rows; }

extern "C" {
const core::Transition*
oobm_real_find_transition(core::Lifecycle from, core::Trigger on, const core::GuardFacts& facts) asm(
    "__real__ZN4oobm4core15find_transitionENS0_9LifecycleENS0_7TriggerERKNS0_10GuardFactsE");
const core::Transition*
oobm_wrapped_find_transition(core::Lifecycle from, core::Trigger on, const core::GuardFacts& facts) asm(
    "__wrap__ZN4oobm4core15find_transitionENS0_9LifecycleENS0_7TriggerERKNS0_10GuardFactsE");
}

const core::Transition* oobm_wrapped_find_transition(core::Lifecycle from, core::Trigger on,
                                                     const core::GuardFacts& facts) {
  const auto* row = oobm_real_find_transition(from, on, facts);
  if (row != nullptr && fired != nullptr)
    ++(*fired)[static_cast<std::size_t>(row - core::transitions().data())];
  return row;
}

}  // namespace oobm::sim
