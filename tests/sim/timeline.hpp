// True time of the simulated world, and what is to happen when. Nothing else passes time, so a year
// lasts as long as it takes to do what happens in it. What is planned for the same instant happens
// in the order in which it was planned.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "agent/core/time.hpp"

namespace oobm::sim {

// When the world begins; the firmware was built a month before.
inline constexpr core::UnixTime world_begin{1'798'761'600};  // 2027-01-01
inline constexpr core::UnixTime firmware_built{1'798'761'600 - 30 * 86'400};

class Timeline {
 public:
  using Action = std::move_only_function<void()>;

  // Since the world began. The routers' own boot clocks begin later.
  [[nodiscard]] core::BootTime now() const { return now_; }
  [[nodiscard]] core::UnixTime true_time() const { return true_time_at(now_); }
  [[nodiscard]] static core::UnixTime true_time_at(core::BootTime at) {
    return world_begin + std::chrono::floor<std::chrono::seconds>(at.since_boot);
  }
  // The instant at which true time reads so.
  [[nodiscard]] static core::BootTime when(core::UnixTime time) {
    return core::BootTime{time - world_begin};
  }

  void at(core::BootTime when, Action action) { planned_.emplace(when, std::move(action)); }
  void after(core::Duration pause, Action action) { at(now_ + pause, std::move(action)); }

  [[nodiscard]] std::optional<core::BootTime> next() const;
  void advance(core::BootTime to) { now_ = to; }
  // The oldest action that is due, if any. Actions may throw; they are then gone.
  bool run_one();

 private:
  core::BootTime now_{};
  std::multimap<core::BootTime, Action> planned_;
};

}  // namespace oobm::sim
