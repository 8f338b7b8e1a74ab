// Permission comes before the socket. Region, lifecycle state and data budget decide whether this
// router may speak to this target now; the rules live elsewhere, and this is the one question the
// gate asks about them: immediately before each network socket it makes, those for DNS included.
// After a refusal no socket exists, so a blocked router cannot send a byte.
#pragma once

#include <expected>
#include <string>

#include "agent/uplink/target.hpp"
#include "agent/uplink/traffic.hpp"

namespace oobm::uplink {

struct Refusal {
  std::string code;      // the rule's own stable code, such as "REGION_MISMATCH"
  std::string sentence;  // for the technician
};

class Permit {
 public:
  virtual ~Permit() = default;

  // Called on the loop thread; MUST NOT block. A grant holds for one socket alone.
  virtual std::expected<void, Refusal> may_connect(const Target& target) = 0;

  // Whether bytes may be spent on this over a connection that stands: asked before each message,
  // and again and again while a file moves. Likewise. Who does not care grants all.
  virtual std::expected<void, Refusal> may_spend(const Target& /*target*/, Use /*use*/) {
    return {};
  }
};

}  // namespace oobm::uplink
