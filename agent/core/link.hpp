// How a session comes about: the OOBM radio first, the main WAN where policy lets it stand in, one
// step at a time, each with its limit. Losing a link moves no state; it leaves a fault that names
// the layer.
#pragma once

#include <optional>
#include <string>

#include "agent/core/effect.hpp"
#include "agent/core/radio.hpp"
#include "agent/core/status.hpp"

namespace oobm::core {

class Link {
 public:
  // What an attempt may use and where it goes.
  struct Surroundings {
    const RadioView& radio;
    const WanView& wan;
    std::string instance;
    bool main_wan_allowed = false;
  };
  // What an input led to: nothing to tell, a session, or the end of the attempt or session.
  enum class Progress : std::uint8_t { none, online, ended };

  // Begins an attempt. Precondition: idle().
  Progress begin(const Surroundings& around, BootTime now, Effects& effects);
  // Gives the attempt or the session up. Ends at once where no connection was asked for; else the
  // end comes with session_closed().
  Progress leave(Effects& effects);

  Progress radio_changed(const Surroundings& around, BootTime now, Effects& effects);
  Progress radio_waited(const Surroundings& around, BootTime now, Effects& effects);
  Progress bearer_up(const BearerUpDone& done, const Surroundings& around, BootTime now,
                     Effects& effects);
  Progress bearer_failed(const LinkFault& fault, const Surroundings& around, BootTime now,
                         Effects& effects);
  Progress session_ready(const SessionReady& ready, BootTime now, Effects& effects);
  Progress session_closed(const LinkFault& fault, const Surroundings& around, BootTime now,
                          Effects& effects);
  Progress attempt_expired(const Surroundings& around, BootTime now, Effects& effects);

  // Notes what went wrong while the session stays as it is.
  void note_fault(LinkFault fault, BootTime now);

  // Takes the bearer down where it was asked up. Precondition: idle().
  void release_bearer(Effects& effects);

  [[nodiscard]] bool idle() const { return phase_ == LinkPhase::idle; }
  [[nodiscard]] bool online() const { return phase_ == LinkPhase::online && !leaving_; }
  [[nodiscard]] bool connecting() const { return phase_ == LinkPhase::connecting && !leaving_; }
  [[nodiscard]] bool leaving() const { return leaving_; }
  [[nodiscard]] LinkPhase phase() const { return phase_; }
  [[nodiscard]] const std::optional<SessionReady>& session() const { return session_; }
  // The uplink of the open session or of the attempt under way.
  [[nodiscard]] Uplink uplink() const { return trying_; }
  // Begin of the present session. Meaningful while a session is open and until the next begins.
  [[nodiscard]] BootTime online_since() const { return online_since_; }
  [[nodiscard]] const std::optional<LinkFault>& fault() const { return fault_; }
  // The OOBM leg's own fault in the present or last attempt; empty when it carried the session.
  [[nodiscard]] const std::optional<LinkFault>& oobm_fault() const { return oobm_fault_; }
  [[nodiscard]] BootTime fault_at() const { return fault_at_; }
  // The last fault of the OOBM uplink itself, whatever the main WAN does meanwhile; empty since a
  // session stood over it.
  [[nodiscard]] const std::optional<LinkFault>& path_fault() const { return path_fault_; }
  [[nodiscard]] BootTime path_fault_at() const { return path_fault_at_; }

 private:
  Progress ask_bearer(BootTime now, Effects& effects);
  Progress connect(Uplink uplink, const Surroundings& around, BootTime now, Effects& effects);
  Progress oobm_failed(const LinkFault& fault, const Surroundings& around, BootTime now,
                       Effects& effects);
  Progress end(const std::optional<LinkFault>& fault, BootTime now, Effects& effects);

  LinkPhase phase_ = LinkPhase::idle;
  Uplink trying_ = Uplink::oobm;
  bool leaving_ = false;
  bool expired_ = false;  // it is left because it took too long, which is a failure
  bool bearer_asked_ = false;
  bool poisoned_ = false;  // the broker holds a packet that cannot be taken
  std::optional<SessionReady> session_;
  BootTime online_since_;
  std::optional<LinkFault> fault_;
  std::optional<LinkFault> oobm_fault_;
  BootTime fault_at_;
  std::optional<LinkFault> path_fault_;
  BootTime path_fault_at_;
};

}  // namespace oobm::core
