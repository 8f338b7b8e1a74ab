// Years of one router: storms, in which faults and operators do what they like, and calms, in which
// all is well, nobody acts, and the router has to come to the state that ALMS intends, within the
// times that the lifecycle promises.
#pragma once

#include "tests/sim/faults.hpp"
#include "tests/sim/operator.hpp"
#include "tests/sim/world.hpp"

namespace oobm::sim {

class Life {
 public:
  explicit Life(const WorldOptions& options)
      : world_(options), faults_(world_), operator_(world_) {}

  // True when no rule was broken.
  bool live(core::Duration length);

  World& world() { return world_; }

 private:
  void storm();
  void put_module_right();
  bool works();
  void check_results();
  void calm();
  // Until the router is where it should be; false: not within the limit.
  bool settle(core::Lifecycle state);
  [[nodiscard]] bool settled();

  World world_;
  Faults faults_;
  Operator operator_;
};

}  // namespace oobm::sim
