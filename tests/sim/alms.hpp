// ALMS for one instance, in this process: the model of tests/alms-sim with its real ES256
// signatures, told the world's true time. It also does what a cloud does and the model's own server
// leaves to its timer: it looks at terms, and sends again what nobody has acknowledged.
#pragma once

#include <functional>
#include <string>

#include "tests/alms-sim/operator_desk.hpp"
#include "tests/alms-sim/platform.hpp"
#include "tests/alms-sim/reception.hpp"
#include "tests/sim/timeline.hpp"

namespace oobm::sim {

using alms_sim::Json;

class Alms {
 public:
  struct Outlets {
    std::function<void(alms_sim::Publication)> publish;
    std::function<void(const alms_sim::SimOrder&)> order_sim;
    std::function<void(const alms_sim::Ack&)> acknowledged;
  };

  Alms(std::string instance, const Timeline& time, Outlets outlets);

  // From the broker.
  void hear(const std::string& topic, const std::string& payload);
  // An operator's act; Json with "error" where it is refused.
  Json act(const std::string& verb, const Json& arguments);
  // Something in world() was changed by hand: tell the router.
  void inform(const std::string& serial);
  // Terms that have ended, months that are billed.
  void tick();
  // Tasks of the last days without an acknowledgement go out once more.
  void send_again(const std::string& serial);
  void rotate_keys();
  void set_signer_lie(std::chrono::seconds lie) { platform_.settings().signer_skew = lie; }

  [[nodiscard]] const std::string& instance() const { return platform_.settings().instance; }
  alms_sim::World& world() { return platform_.world(); }
  alms_sim::Platform& platform() { return platform_; }
  // The registered system, or null.
  [[nodiscard]] const alms_sim::System* system(const std::string& serial) const;

 private:
  [[nodiscard]] alms_sim::Millis now() const;
  void flush();
  static bool is_reading(const std::string& payload);

  const Timeline& time_;
  Outlets outlets_;
  std::uint64_t readings_ = 0;
  alms_sim::Platform platform_;
  alms_sim::Reception reception_{platform_};
  alms_sim::OperatorDesk desk_{platform_, reception_};
};

}  // namespace oobm::sim
