// From counts to what the core is told: what has passed one uplink since it was last told, by use.
// The gate knows what each byte was spent on but sees no repeated segment, no acknowledgement that
// the radio added and no other program; the interface's own counters know every byte and nothing
// else. So the gate's figures are taken as they are, and what the interface has counted beyond them
// is `other`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/usage.hpp"
#include "agent/uplink/traffic.hpp"

namespace oobm::daemon {

// Bytes of a network interface since it was made, as /proc/self/net/dev shows them (proc_net(5)):
// that file speaks of the network namespace that the daemon is in. Nothing where it has no such
// interface, or cannot be read.
std::optional<uplink::ByteCount> interface_counters(std::string_view interface);
// Likewise, of the file's text.
std::optional<uplink::ByteCount> parse_interface_counters(std::string_view text,
                                                          std::string_view interface);

// Of one uplink. Pure.
class UsageMeter {
 public:
  // From here on this interface carries the uplink; what its counters show now passed before.
  void begin(std::string interface, const std::optional<uplink::ByteCount>& counters);

  // What has passed since the last call. `taken`: from the gate, since it was last taken. Counters
  // that fall belong to an interface that was made anew. Without counters (the main WAN: they count
  // the customer's traffic) the wire is the gate's estimate alone.
  core::SpentByUse collect(const uplink::TrafficByUse& taken,
                           const std::optional<uplink::ByteCount>& counters);

  // Whether the interface's counters are known.
  [[nodiscard]] bool measured() const { return last_.has_value(); }

 private:
  std::string interface_;
  std::optional<uplink::ByteCount> last_;
  // Since begin(): what the interface has counted, and what the core was told of it.
  uplink::ByteCount passed_;
  uplink::ByteCount told_;
};

}  // namespace oobm::daemon
