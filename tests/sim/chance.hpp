// Every choice of a simulated world comes from here, and so from one seed.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <span>

#include "agent/core/time.hpp"
#include "tests/unit/core/support/seeded_random.hpp"

namespace oobm::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool percent(unsigned chance) { return below(100) < chance; }
  core::Duration between(core::Duration least, core::Duration most) {
    return least + core::Duration(static_cast<core::Duration::rep>(
                       below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }
  // Many short ones, a few long ones: uniform in the logarithm. `least` above zero.
  core::Duration spread(core::Duration least, core::Duration most) {
    const double ratio = static_cast<double>(most.count()) / static_cast<double>(least.count());
    return core::Duration(static_cast<core::Duration::rep>(static_cast<double>(least.count()) *
                                                           std::pow(ratio, unit())));
  }
  // The pause to the next of events that come at random, so many a year (a Poisson process).
  core::Duration pause(double per_year) {
    constexpr double year_ms = 365.0 * 86'400'000;
    return core::Duration(
        static_cast<core::Duration::rep>(-std::log(1.0 - unit()) * year_ms / per_year));
  }
  template <class T>
  const T& pick(std::span<const T> choices) {
    return choices[below(choices.size())];
  }
  core::test::SeededRandom& source() { return random_; }

 private:
  double unit() { return static_cast<double>(below(1'000'000)) / 1'000'000; }
  core::test::SeededRandom random_;
};

}  // namespace oobm::sim
