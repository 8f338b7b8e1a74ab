// A network interface that is made of this process: what the kernel sends by it is read here, what
// is written here arrives there. It lives in the network namespace that it was made in, wherever
// its maker is, and disappears when it is closed (Documentation/networking/tuntap.rst).
#pragma once

#include <string>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::netbench {

struct TunPlace {
  std::string netns;  // file, such as /run/netns/router; empty: where this process is
  std::string device;
};
// "/run/netns/router:oobm0" or "oobm0".
TunPlace parse_place(const std::string& text);

// Non-blocking, without packet information. Needs CAP_NET_ADMIN there, and CAP_SYS_ADMIN for
// another namespace. Throws std::system_error.
uplink::UniqueFd open_tun(const TunPlace& place);

}  // namespace oobm::netbench
