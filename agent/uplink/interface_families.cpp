#include "agent/uplink/interface_families.hpp"

#include <memory>

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace oobm::uplink {
namespace {

bool is_link_local(const sockaddr* address) {
  // The C interface hands out the general form of an address.
  const auto* six = reinterpret_cast<const sockaddr_in6*>(address);
  return IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

}  // namespace

InterfaceFamilies interface_families(const std::string& interface) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  InterfaceFamilies found;
  for (const auto* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || interface != entry->ifa_name) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family == AF_INET) found.v4 = true;
    if (family == AF_INET6 && !is_link_local(entry->ifa_addr)) found.v6 = true;
  }
  return found;
}

}  // namespace oobm::uplink
