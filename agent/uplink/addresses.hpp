// Addresses as people and bearers write them, turned into what can be connected to. Nothing that is
// not a literal address passes: a name server given by name would have to be resolved by somebody.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/target.hpp"

namespace oobm::uplink {

using Addresses = std::vector<asio::ip::address>;

// The addresses that need no look-up: target.static_addresses, or target.host where it is an IP
// literal. Empty when the name must be resolved; an error when a static address is no literal.
std::expected<Addresses, Failure> known_addresses(const Target& target);

// target.remembered_addresses, as far as they are addresses. They came from a file, which may have
// been written by anybody: one that is no address is passed over.
Addresses remembered_addresses(const Target& target);

// Addresses in the order in which they are to be tried; more may come while some are being tried.
class AddressQueue {
 public:
  enum class Order : std::uint8_t {
    as_given,
    // The families in turn (RFC 8305 section 4), so that one family that leads nowhere costs one
    // attempt at a time. Within a family as given.
    families_in_turn,
  };

  // `v6_first`: the family to begin with, where both are there.
  explicit AddressQueue(Order order, bool v6_first = true);

  // What was added before is not tried a second time. At most max_addresses in all.
  void add(const Addresses& more);
  std::optional<asio::ip::address> next();
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

 private:
  Order order_;
  bool v6_next_;
  Addresses waiting_;
  Addresses known_;
};

// "192.0.2.7:8883", "[2001:db8::7]:8883".
std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint);

// The usable ones of `servers`, "address:port" joined by commas; at most max_dns_servers.
std::string name_server_list(const std::vector<std::string>& servers);

}  // namespace oobm::uplink
