// Bytes, counted where they leave and enter. A metered plan is billed for what passes the
// interface, so both figures are kept: what was said, and what it took to say it.
#pragma once

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
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

}  // namespace oobm::uplink
