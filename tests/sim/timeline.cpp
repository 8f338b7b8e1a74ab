#include "tests/sim/timeline.hpp"

namespace oobm::sim {

std::optional<core::BootTime> Timeline::next() const {
  if (planned_.empty()) return std::nullopt;
  return planned_.begin()->first;
}

bool Timeline::run_one() {
  if (planned_.empty() || planned_.begin()->first > now_) return false;
  auto due = planned_.extract(planned_.begin());
  due.mapped()();
  return true;
}

}  // namespace oobm::sim
