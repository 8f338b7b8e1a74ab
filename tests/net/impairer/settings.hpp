// What a bad link does to its packets, as words that a test or a script can say: loss, delay,
// jitter, a narrow rate, duplicates, overtaking, a black hole, a NAT that forgets, a peer that
// resets. All of it may change while the link is in use.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace oobm::netbench {

struct Settings {
  double loss = 0;       // percent of packets in each direction
  double duplicate = 0;  // percent that arrive twice
  double reorder = 0;    // percent that overtake what waits
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds jitter{0};  // added to or taken from the delay, uniformly
  std::uint32_t rate = 0;               // bit/s in each direction; 0: unlimited
  bool black_hole = false;              // nothing passes
  // A flow that has been idle for longer is forgotten; 0: never.
  std::chrono::milliseconds nat_idle{0};
  bool nat_resets = false;      // a forgotten flow is answered with a reset instead of silence
  std::uint32_t reset_at = 0;   // this packet of each TCP connection, from 1, ends it; 0: none
  std::uint16_t deaf_port = 0;  // what is sent to this port vanishes; 0: none
};

// Applies "loss=30 delay=500 jitter=100"; "clear" sets everything back. Ranges: percentages 0-100,
// delay, jitter 0-10,000 ms, nat_idle 0-600,000 ms, rate 0-1,000,000,000 bit/s, reset_at 0-1,000;
// nat=drop|reset. On an error nothing changes.
std::expected<void, std::string> apply(Settings& settings, std::string_view words);

}  // namespace oobm::netbench
