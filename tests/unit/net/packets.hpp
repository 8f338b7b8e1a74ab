// Packets for tests of the impairer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/net/impairer/packet.hpp"

namespace oobm::netbench::test {

inline constexpr std::uint32_t router = 0xc6336402;  // 198.51.100.2
inline constexpr std::uint32_t broker = 0xcb00710a;  // 203.0.113.10
inline constexpr std::size_t header_bytes = 40;

// A TCP segment of the router with so many bytes of payload; `down`: of the broker.
struct Segment {
  std::uint8_t flags = tcp_ack;
  std::uint32_t sequence = 1'000;
  std::uint32_t acknowledgement = 5'000;
  std::size_t payload = 0;
  bool down = false;
  std::uint16_t port = 40'000;  // the router's

  [[nodiscard]] Bytes bytes() const {
    Packet packet{.protocol = protocol_tcp,
                  .source = down ? broker : router,
                  .destination = down ? router : broker,
                  .source_port = down ? std::uint16_t{8'883} : port,
                  .destination_port = down ? port : std::uint16_t{8'883},
                  .flags = flags,
                  .sequence = sequence,
                  .acknowledgement = acknowledgement};
    auto made = reset_onwards(packet);
    made[33] = flags;
    made.resize(header_bytes + payload, 0x5a);
    made[2] = static_cast<std::uint8_t>(made.size() >> 8U);
    made[3] = static_cast<std::uint8_t>(made.size());
    return made;
  }
};

}  // namespace oobm::netbench::test
