// Bytes, counted where they leave and enter, and by what they were spent on. A metered plan is
// billed for what passes the interface, so both figures are kept: what was said, and what it took
// to say it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace oobm::uplink {

// Bytes since the start of the connection, or since the start of the program for an interface.
struct ByteCount {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  friend bool operator==(const ByteCount&, const ByteCount&) = default;
};

struct Traffic {
  ByteCount payload;  // inside TLS: what the application said
  ByteCount wire;     // TCP and DNS payload at the socket: TLS records included; TCP/IP headers not
  // IP and TCP headers of the segments that the kernel has counted for the connection (TCP_INFO),
  // and of DNS datagrams. An estimate: repeated payload and what the interface adds are not in it.
  ByteCount headers;
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

// What bytes were spent on. What the MQTT library says by itself is told apart by its packets; what
// a message is for, its sender says.
enum class Use : std::uint8_t {
  dns,
  handshake,  // TLS, until it stands, and the TCP connection before it
  upkeep,     // MQTT's own packets, and the end of a connection
  lifecycle,
  tasks,  // inbound messages, and what is sent without another purpose
  heartbeat,
  telemetry,
  transfer,
};
inline constexpr std::size_t use_count = 8;
using TrafficByUse = std::array<Traffic, use_count>;

// Of one interface, all connections together.
struct InterfaceTraffic {
  Traffic total;
  TrafficByUse by_use{};
};

}  // namespace oobm::uplink
