// The people at the account: they register, activate, renew in time or late or not at all, suspend,
// resume, retire, migrate accounts and send tasks. One table, from which the next act is drawn by
// what ALMS holds of the router.
#pragma once

#include <span>
#include <string_view>

#include "tests/sim/world.hpp"

namespace oobm::sim {

// What ALMS holds, as an operator sees it; a set of these says when an act makes sense.
enum Standing : unsigned { unknown = 1, waiting = 2, serving = 4, suspended = 8, retired = 16 };

struct ActRow {
  std::string_view name;
  unsigned when = 0;    // a set of Standing
  unsigned weight = 0;  // against the others that make sense
  void (*act)(World& world) = nullptr;
};

std::span<const ActRow> act_rows();

class Operator {
 public:
  explicit Operator(World& world);
  void pause() { paused_ = true; }
  void resume() { paused_ = false; }
  [[nodiscard]] bool paused() const { return paused_; }

 private:
  void plan();
  void act();
  void plan_second_thought();
  void watch_terms();

  World& world_;
  bool paused_ = false;
};

}  // namespace oobm::sim
