// Which certificate the next connection shows while a new one is on trial. The old one is not given
// up before the new one has carried a session to ready: a certificate that ALMS does not take must
// not cost the router its way to ALMS.
//
// Who can have judged a certificate decides what a failed connection says of it:
// - An answer that names it (the server refuses the certificate, the broker the login), or a file
//   that cannot be used, ends the trial at once.
// - An answer that comes once the certificate can have been seen, and gives no reason, is in doubt:
//   the old one is shown next, and only where that one gets through is the new one to blame; after
//   three such rounds it is refused.
// - Anything else beyond the network, a bad network can cause as well (silence, a reset), or the
//   server was found wanting before it saw anything. Nobody is to blame for it, however often; but
//   after a few the old one has a turn, so that a server that falls silent at the new one is no
//   lost way.
// - What the network fails at says nothing at all.
#pragma once

#include <cstdint>

#include "agent/uplink/failure.hpp"

namespace oobm::daemon {

inline constexpr int rounds_of_doubt = 3;
// With the new one in turn, before the old one is shown once.
inline constexpr int attempts_without_answer = 3;

class IdentityTrial {
 public:
  enum class Turn : std::uint8_t { kept, fresh };
  enum class Verdict : std::uint8_t { open, adopt, refuse };

  // A new certificate is there; one that was on trial is forgotten.
  void begin();

  // How the connection ended that was made with next(). After adopt and refuse the trial is over.
  Verdict ready();
  Verdict failed(const uplink::Failure& failure);

  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] Turn next() const { return next_; }

 private:
  Verdict end(Verdict verdict);
  void take_turn(Turn turn, bool in_doubt);
  Verdict fresh_failed(const uplink::Failure& failure);

  bool running_ = false;
  Turn next_ = Turn::kept;
  bool in_doubt_ = false;  // an answer gave the kept one this turn
  int unanswered_ = 0;     // attempts of the fresh one in this turn
  int doubts_ = 0;         // rounds in which the kept one got through and the fresh one did not
};

}  // namespace oobm::daemon
