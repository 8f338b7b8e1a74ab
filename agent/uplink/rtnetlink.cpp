#include "agent/uplink/rtnetlink.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace oobm::uplink {

int open_rtnetlink(std::uint32_t groups) {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return fd;
  sockaddr_nl wanted{};
  wanted.nl_family = AF_NETLINK;
  wanted.nl_groups = groups;
  // The C interface takes the general form of an address.
  const auto* address = reinterpret_cast<const sockaddr*>(&wanted);
  if (::bind(fd, address, sizeof wanted) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace oobm::uplink
