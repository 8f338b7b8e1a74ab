// What really happened, counted: a simulation in which the faults do not come proves nothing.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "agent/core/lifecycle.hpp"
#include "agent/core/time.hpp"

namespace oobm::sim {

struct Figures {
  core::Duration lived{0};
  std::map<std::string, std::uint64_t> faults;             // by the name of the row
  std::map<std::string, std::uint64_t> acts;               // of the operator
  std::map<std::string, std::uint64_t> counts;             // "boots", "commits", "sessions", ...
  std::array<core::Duration, 7> in_state{};                // by Lifecycle
  std::map<std::string, core::Duration> longest_way_back;  // by the state it began in
  std::map<std::size_t, std::uint64_t> transitions;  // rows of the table: how often they fired

  void add(const Figures& other);
  void print() const;
};

// "SUSPENDED: term runs (again): always"
std::string describe(const core::Transition& row);

}  // namespace oobm::sim
