// What state the router should be in, by the true account and the true time.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace oobm::sim {

struct Intent {
  bool blocked = false;                 // nothing may be sent, whatever the state
  std::vector<core::Lifecycle> states;  // any of these

  [[nodiscard]] bool met_by(const core::Status& status) const;
  [[nodiscard]] std::string text() const;
};

Intent intent(World& world);

}  // namespace oobm::sim
