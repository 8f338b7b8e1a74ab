// What happened, as lines that a person can read. Told only when asked for: most lives are not read
// by anybody.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "tests/sim/timeline.hpp"

namespace oobm::sim {

class Story {
 public:
  Story(const Timeline& time, bool told) : time_(time), told_(told) {}

  [[nodiscard]] bool told() const { return told_; }
  // `who`: "world", "operator", "alms", "router", "oracle".
  void tell(std::string_view who, std::string_view text) const;

 private:
  const Timeline& time_;
  bool told_;
};

// "2027-03-01 12:00:05"
std::string date_text(core::UnixTime time);

}  // namespace oobm::sim
