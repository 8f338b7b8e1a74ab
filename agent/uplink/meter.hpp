// Each byte is counted three times at the same moment: for its connection, for its interface, and
// for what it is spent on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>

#include "agent/uplink/traffic.hpp"

namespace oobm::uplink {

// Payload bytes by use.
using Shares = std::array<std::uint64_t, use_count>;

// What a connection's bytes are spent on at the moment. One record may carry several messages, and
// what a received one carries is known once it is decrypted; so from the hand-over on the bytes of
// wire wait until they are spread over the payload that they carried.
struct Spending {
  Use sending = Use::dns;
  bool known = true;       // all bytes are spent on `sending`
  ByteCount waiting;       // bytes of wire
  ByteCount headers_seen;  // of this connection's present socket
};

// IPv4 and UDP headers of a datagram (RFC 791 section 3.1, RFC 768), as an estimate.
inline constexpr std::size_t datagram_headers = 20 + 8;

class Meter {
 public:
  // Both must outlive the meter.
  Meter(Traffic& connection, Traffic& interface)
      : connection_(&connection), interface_(&interface) {}
  // Likewise; by use as well.
  Meter(Traffic& connection, InterfaceTraffic& interface, Spending& spending)
      : connection_(&connection),
        interface_(&interface.total),
        by_use_(&interface.by_use),
        spending_(&spending) {}

  void wire_sent(std::size_t bytes) { wire(&ByteCount::sent, bytes); }
  void wire_received(std::size_t bytes) { wire(&ByteCount::received, bytes); }
  void payload_sent(std::size_t bytes) {
    add(&Traffic::payload, &ByteCount::sent, bytes, sending());
  }
  void payload_received(std::size_t bytes) { payload_received(bytes, Use::upkeep); }

  // Payload of this use.
  void payload_sent(std::size_t bytes, Use use) {
    add(&Traffic::payload, &ByteCount::sent, bytes, of(use));
  }
  void payload_received(std::size_t bytes, Use use) {
    add(&Traffic::payload, &ByteCount::received, bytes, of(use));
  }
  // The bytes of wire that waited have carried this.
  void spread(std::uint64_t ByteCount::* way, const Shares& shares) {
    if (spending_ == nullptr) return;
    const auto carried = std::accumulate(shares.begin(), shares.end(), std::uint64_t{0});
    if (carried == 0) return;
    const auto waited = std::exchange(spending_->waiting.*way, 0);
    auto left = waited;
    auto last = Use::upkeep;
    for (std::size_t use = 0; use < use_count; ++use) {
      if (shares[use] == 0) continue;
      last = static_cast<Use>(use);
      const auto part = waited * shares[use] / carried;
      of(last)->wire.*way += part;
      left -= part;
    }
    of(last)->wire.*way += left;
  }
  // Headers of the connection's present socket, in all; the new ones are for this use.
  void headers(const ByteCount& so_far, Use use) {
    if (spending_ == nullptr) return;
    const auto seen = std::exchange(spending_->headers_seen, so_far);
    if (so_far.sent > seen.sent)
      add(&Traffic::headers, &ByteCount::sent, so_far.sent - seen.sent, of(use));
    if (so_far.received > seen.received)
      add(&Traffic::headers, &ByteCount::received, so_far.received - seen.received, of(use));
  }

 private:
  Traffic* of(Use use) const {
    return by_use_ == nullptr ? nullptr : &(*by_use_)[static_cast<std::size_t>(use)];
  }
  bool in_dns() const { return spending_ != nullptr && spending_->sending == Use::dns; }
  Traffic* sending() const { return spending_ == nullptr ? nullptr : of(spending_->sending); }
  void wire(std::uint64_t ByteCount::* way, std::size_t bytes) {
    const bool waits = spending_ != nullptr && !spending_->known;
    add(&Traffic::wire, way, bytes, waits ? nullptr : sending());
    if (waits) spending_->waiting.*way += bytes;
    if (in_dns()) add(&Traffic::headers, way, datagram_headers, sending());
  }
  void add(ByteCount Traffic::* kind, std::uint64_t ByteCount::* way, std::uint64_t bytes,
           Traffic* use) {
    ((connection_->*kind).*way) += bytes;
    ((interface_->*kind).*way) += bytes;
    if (use != nullptr) ((use->*kind).*way) += bytes;
  }

  Traffic* connection_;
  Traffic* interface_;
  TrafficByUse* by_use_ = nullptr;
  Spending* spending_ = nullptr;
};

}  // namespace oobm::uplink
