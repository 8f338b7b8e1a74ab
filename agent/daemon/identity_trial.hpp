// Which certificate the next connection shows while a new one is on trial. The old one is not given
// up before the new one has carried a session to ready: a certificate that ALMS does not take must
// not cost the router its way to ALMS.
//
// What the network fails at says nothing about a certificate. An answer that names it (the server
// refuses the certificate, the broker the login) ends the trial at once. Anything else that ends a
// connection beyond the network is in doubt: the old one is shown next, and only where that one
// gets through is the new one to blame; after three such rounds it is refused.
#pragma once

#include <cstdint>

#include "agent/uplink/failure.hpp"

namespace oobm::daemon {

inline constexpr int rounds_of_doubt = 3;

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

  bool running_ = false;
  Turn next_ = Turn::kept;
  int doubts_ = 0;  // rounds in which the kept one got through and the fresh one did not
};

}  // namespace oobm::daemon
