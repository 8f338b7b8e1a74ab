// A server's IPv6 address is of no use on a bearer that has IPv4 alone, and asking for it costs as
// much as a keepalive: only what the interface itself has an address of is asked for (RFC 3493
// section 6.1, AI_ADDRCONFIG).
#pragma once

#include <string>

namespace oobm::uplink {

struct InterfaceFamilies {
  bool v4 = false;
  bool v6 = false;  // beyond the link: a link-local address alone does not count
};

// As the kernel has it now; neither for an interface that does not exist.
InterfaceFamilies interface_families(const std::string& interface);

}  // namespace oobm::uplink
