// Addresses as people and bearers write them, turned into what can be connected to. Nothing that is
// not a literal address passes: a name server given by name would have to be resolved by somebody.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include <asio/ip/address.hpp>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/target.hpp"

namespace oobm::uplink {

using Addresses = std::vector<asio::ip::address>;

// The addresses that need no look-up: target.static_addresses, or target.host where it is an IP
// literal. Empty when the name must be resolved; an error when a static address is no literal.
std::expected<Addresses, Failure> known_addresses(const Target& target);

// IPv6 and IPv4 in turn, IPv6 first (RFC 8305 section 4), so that one family that leads nowhere
// costs one attempt. At most max_addresses.
Addresses interleave(const Addresses& v6, const Addresses& v4);

// The usable ones of `servers`, "address:port" joined by commas; at most max_dns_servers.
std::string name_server_list(const std::vector<std::string>& servers);

}  // namespace oobm::uplink
