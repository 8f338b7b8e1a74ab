// The agent's mind: Event + time -> Effects, and nothing else. No I/O, no clock, no thread, so that
// a year passes in a second under test and a failure replays from its seed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/core/effect.hpp"
#include "agent/core/event.hpp"
#include "agent/core/random.hpp"
#include "agent/core/state.hpp"
#include "agent/core/status.hpp"

namespace oobm::core {

struct AgentConfig {
  std::string agent_version;
  std::string boot_id;  // differs from boot to boot
  UnixTime build_time;  // the firmware's
  UplinkPolicy uplinks;
};

class Agent {
 public:
  // `state` is what the store held; `random` outlives the agent.
  Agent(AgentConfig config, State state, Random& random);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Total: any event in any state. Time must not run backwards between calls.
  [[nodiscard]] Effects handle(const Event& event, BootTime now);

  [[nodiscard]] const State& state() const;
  [[nodiscard]] Status status(BootTime now) const;
  // The gate's question, asked before each socket.
  [[nodiscard]] bool may_connect(const std::string& instance, Uplink uplink) const;
  // ... and asked before bytes of this kind are spent: why they may not be; nothing where they may.
  // How often is the agent's own business.
  [[nodiscard]] std::optional<Reason> spending_refusal(Use use, Uplink uplink) const;
  // Trusted time, for certificate dates.
  [[nodiscard]] TimeBelief time(BootTime now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oobm::core
