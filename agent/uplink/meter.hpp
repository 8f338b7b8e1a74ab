// Each byte is counted twice at the same moment: for its connection and for its interface.
#pragma once

#include <cstddef>

#include "agent/uplink/traffic.hpp"

namespace oobm::uplink {

class Meter {
 public:
  // Both must outlive the meter.
  Meter(Traffic& connection, Traffic& interface)
      : connection_(&connection), interface_(&interface) {}

  void wire_sent(std::size_t bytes) { add(&Traffic::wire, &ByteCount::sent, bytes); }
  void wire_received(std::size_t bytes) { add(&Traffic::wire, &ByteCount::received, bytes); }
  void payload_sent(std::size_t bytes) { add(&Traffic::payload, &ByteCount::sent, bytes); }
  void payload_received(std::size_t bytes) { add(&Traffic::payload, &ByteCount::received, bytes); }

 private:
  void add(ByteCount Traffic::* kind, std::uint64_t ByteCount::* way, std::size_t bytes) {
    ((connection_->*kind).*way) += bytes;
    ((interface_->*kind).*way) += bytes;
  }

  Traffic* connection_;
  Traffic* interface_;
};

}  // namespace oobm::uplink
