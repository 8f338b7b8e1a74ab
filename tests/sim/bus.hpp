// The cloud's own message bus, between the MQTT broker and ALMS: it loses nothing, and in bad
// weather it takes days, delivers twice, or out of order. In each direction messages keep their
// order otherwise.
#pragma once

#include <array>
#include <functional>
#include <map>

#include "tests/sim/chance.hpp"
#include "tests/sim/timeline.hpp"
#include "tests/sim/weather.hpp"

namespace oobm::sim {

class Bus {
 public:
  using Delivery = std::function<void()>;
  enum class Direction : std::uint8_t { to_alms, to_router };

  Bus(Timeline& time, Chance& chance, const Weather& weather)
      : time_(time), chance_(chance), weather_(weather) {}

  // `delivery` is called once, or twice in bad weather.
  void carry(Direction direction, const Delivery& delivery);
  // Whatever is on its way arrives now, in the order in which it would have.
  void hurry();

  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t reordered() const { return reordered_; }
  [[nodiscard]] std::uint64_t delayed() const { return delayed_; }

 private:
  void put(Direction direction, const Delivery& delivery);
  void deliver_due(core::BootTime until);

  Timeline& time_;
  Chance& chance_;
  const Weather& weather_;
  std::multimap<core::BootTime, Delivery> on_its_way_;
  std::array<core::BootTime, 2> latest_{};  // by direction
  std::uint64_t duplicates_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t delayed_ = 0;
};

}  // namespace oobm::sim
