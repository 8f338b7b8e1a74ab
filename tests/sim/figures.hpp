// What really happened, counted: a simulation in which the faults do not come proves nothing.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
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
  std::set<std::size_t> transitions;                       // rows of the table that fired

  void add(const Figures& other);
  void print() const;
};

}  // namespace oobm::sim
