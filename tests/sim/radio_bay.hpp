// The OOBM radio of a running router: the real service on a simulated module, the real recovery,
// and the board's verbs for bearer and supply. What the daemon does with its event loop is done
// here by the timeline.
//
// A poll that cannot differ from the last one is not played byte by byte: while nothing has
// happened to the module and no fact has changed, polls are let go by, and one in every six hours
// is played. What happens is seen at the time of the next poll, as it would be. `every_poll` plays
// them all.
#pragma once

#include <functional>
#include <memory>

#include "hal/recovery/recovery.hpp"
#include "tests/sim/iron.hpp"
#include "tests/sim/timeline.hpp"
#include "tests/sim/weather.hpp"
#include "tests/support/modem_port.hpp"

namespace oobm::sim {

class RadioBay {
 public:
  struct Listener {
    std::function<void(const hal::RadioFacts&)> changed;
    std::function<void(const hal::StepReport&)> step;
  };

  RadioBay(Timeline& time, Iron& iron, bool every_poll, Listener listener);
  ~RadioBay();
  RadioBay(const RadioBay&) = delete;
  RadioBay& operator=(const RadioBay&) = delete;

  // Does what is due. The listener is called from here alone.
  void run();
  [[nodiscard]] core::BootTime deadline() const;
  // Something was done to the module from outside: the next poll is played.
  void disturb();

  hal::Board& board();
  hal::Recovery& recovery();
  [[nodiscard]] const hal::RadioFacts& facts() const { return service_.facts(); }
  void refresh();
  void observe(const hal::LinkUse& use);
  [[nodiscard]] std::uint64_t polls_let_by() const { return polls_let_by_; }
  [[nodiscard]] std::uint64_t polls_played() const { return polls_played_; }

 private:
  struct BayRadio;
  struct BayBoard;

  [[nodiscard]] core::BootTime boot_time() const {
    return core::BootTime{time_.now() - iron_.booted_at};
  }
  [[nodiscard]] core::BootTime world_time(core::BootTime at) const {
    return iron_.booted_at + at.since_boot;
  }
  [[nodiscard]] core::Duration poll_interval() const;
  [[nodiscard]] core::BootTime played(core::BootTime due) const;
  void tick_service();

  Timeline& time_;
  Iron& iron_;
  bool every_poll_;
  Listener listener_;
  hal::ModemService service_;
  hal::ModemPort port_;
  std::unique_ptr<BayRadio> radio_;
  std::unique_ptr<BayBoard> board_;
  std::unique_ptr<hal::Recovery> recovery_;
  hal::LinkUse use_;
  bool look_ = true;
  core::BootTime recovery_at_{};
  std::optional<core::BootTime> disturbed_at_;  // since the service was ticked last
  std::uint64_t polls_let_by_ = 0;
  std::uint64_t polls_played_ = 0;
};

}  // namespace oobm::sim
