// What goes wrong, how often, and for how long: one table. Each row comes at random, so many times
// a year, and lasts for a while where it has an end. The rates are far above those of a real
// router, so that a year meets everything.
//
// What is no row is outside of what the agent is made against: whoever has root or the flash in
// hand, and ALMS's own keys in wrong hands.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tests/sim/world.hpp"

namespace oobm::sim {

struct FaultRow {
  std::string_view name;
  std::string_view words;
  double per_year = 0;
  core::Duration least{0};  // of its length; zero: it happens once
  core::Duration most{0};
  // False: it could not happen now, and does not count.
  bool (*begin)(World& world) = nullptr;
  void (*end)(World& world) = nullptr;
};

std::span<const FaultRow> fault_rows();

// Lets the rows come and go. References outlive it.
class Faults {
 public:
  explicit Faults(World& world);

  // Ends what lasts, and lets nothing begin, until resumed.
  void pause();
  void resume() { paused_ = false; }

 private:
  void plan(std::size_t row);
  void begin(std::size_t row);
  void end(std::size_t row);

  World& world_;
  bool paused_ = false;
  std::vector<std::uint64_t> active_;  // by row: number of the fault under way; 0: none
  std::uint64_t numbers_ = 0;
};

}  // namespace oobm::sim
