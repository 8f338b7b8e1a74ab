// The two ways out of the router: over the OOBM module as it stands, and over the main WAN.
#pragma once

#include "tests/sim/connection.hpp"
#include "tests/sim/iron.hpp"

namespace oobm::sim {

// A bearer that was dialled before the module restarted, or lost its network since, leads nowhere.
inline bool bearer_stands(const Iron& iron, core::BootTime /*now*/) {
  return iron.bearer_of == iron.module->restarts() && iron.module->traffic_passes();
}

class RouterWays final : public Ways {
 public:
  RouterWays(const Iron& iron, const Weather& weather, const Timeline& time)
      : iron_(iron), weather_(weather), time_(time) {}

  [[nodiscard]] bool passes(core::Uplink uplink) override {
    if (uplink == core::Uplink::main_wan) return weather_.wan_up;
    return !weather_.path_dead && iron_.bearer_up && bearer_stands(iron_, time_.now());
  }

 private:
  const Iron& iron_;
  const Weather& weather_;
  const Timeline& time_;
};

}  // namespace oobm::sim
