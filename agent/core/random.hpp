// Randomness is handed to the core, so that a run replays from its seed. On a router the source is
// getrandom(2): nonces must be unpredictable, and jitter must differ between routers that lost
// power together.
#pragma once

#include <cstdint>

namespace oobm::core {

class Random {
 public:
  virtual ~Random() = default;
  // 64 uniformly distributed bits.
  virtual std::uint64_t next() = 0;
};

}  // namespace oobm::core
