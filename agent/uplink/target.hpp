// Whom a connection is for, and by which way it must leave. The way is never left open: a target
// names its network interface, and every socket made for it is bound there or not made at all, so
// that no byte can leave by another uplink when the intended one is down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oobm::uplink {

// What the connection will be used for, in the caller's words; passed through to Permit and logs.
enum class Purpose : std::uint8_t {
  session,    // the MQTT session of a router in service
  lifecycle,  // an announcement or a probe: lifecycle messages alone
  transfer,   // a file
};

struct Target {
  std::string instance;  // id of the service instance this host belongs to, "na" or "eu"
  std::string host;  // DNS name, or an IPv4/IPv6 literal; also the name the certificate must carry
  std::uint16_t port = 8883;
  std::string interface;  // network device, such as "wwan0"; required
  // The bearer's own name servers: literals, IPv6 without brackets; port 53 unless "addr:port" or
  // "[addr]:port". No other server is ever asked: not the system's resolver, not the hosts file.
  std::vector<std::string> dns_servers;
  // Literal addresses that stand in for DNS, tried in this order. Where given, nothing is resolved.
  std::vector<std::string> static_addresses;
  // Literal addresses over which this host was last reached on this uplink, the newest first. Tried
  // where DNS fails or is late, never in place of a refusal, and trusted no more than any other
  // address: the server there must show a certificate with the host's name all the same.
  std::vector<std::string> remembered_addresses{};
  int mtu = 0;  // of the bearer, bytes; 0: not known
  Purpose purpose = Purpose::session;
};

}  // namespace oobm::uplink
