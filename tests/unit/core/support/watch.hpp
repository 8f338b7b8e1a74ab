// What must hold after every single step of the agent, whatever happened: looked at by every test
// that drives a whole agent. A breach is a failure of that test and names the seed.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "agent/core/agent.hpp"

namespace oobm::core::test {

class Watch {
 public:
  Watch(UplinkPolicy policy, std::uint64_t seed) : policy_(policy), seed_(seed) {}

  // One step: the event, the state before it, what came out, the agent after it.
  void step(const Event& event, const State& before, const Effects& effects, const Agent& agent,
            BootTime now);

 private:
  enum class Session : std::uint8_t { none, connecting, ready };

  void before_effects(const Event& event, const Agent& agent);
  void effect(const Effect& effect, const Status& status);
  void publish(const Publish& effect, const Status& status);
  void connect(const Connect& effect, const Status& status, const Agent& agent);
  void state(const State& state);
  void liveness(const Status& status, const State& state);
  void check(bool holds, const char* rule, const Status& status) const;
  [[nodiscard]] bool armed(TimerId id) const { return timers_.contains(id); }

  UplinkPolicy policy_;
  std::uint64_t seed_;
  std::uint64_t steps_ = 0;
  const Agent* agent_ = nullptr;
  Lifecycle state_before_ = Lifecycle::unregistered;
  Session session_ = Session::none;
  Uplink uplink_ = Uplink::oobm;
  bool dates_ok_ = true;
  bool leaving_ = false;
  bool bearer_pending_ = false;
  std::set<std::uint64_t> in_flight_;
  std::array<std::uint64_t, 2> last_sent_{};  // acknowledgements, reports
  std::map<TimerId, BootTime> timers_;
  std::map<std::string, int> runs_;  // by task uid
};

}  // namespace oobm::core::test
