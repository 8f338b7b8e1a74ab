// How long a quiet session may stay silent. A NAT or a firewall on the way forgets a connection
// that says nothing, and then the router is out of reach without knowing; each keepalive costs
// bytes and a wake-up of the module. So the interval is learnt: it shrinks when a session dies in
// silence, and grows after one that has outlived many silences.
//
// At least 300 s, since operators ask automated devices to be seldom on the air; at most 1,740 s,
// below the half hour after which many carriers forget a TCP connection (RFC 5382 REQ-5 asks for
// two hours and four minutes). What is learnt holds from the next connection on: to reconnect for
// its sake would cost more than it saves.
#pragma once

#include <chrono>
#include <cstdint>

namespace oobm::core {

inline constexpr std::chrono::seconds least_keepalive{300};
inline constexpr std::chrono::seconds most_keepalive{1740};
inline constexpr std::chrono::seconds default_keepalive{900};

// The interval grows by half after a session whose silences add up to this.
inline constexpr std::chrono::seconds proof{2 * 3600};
// The same where the longer interval has failed before: a failure takes the router out of reach for
// up to a quarter of an hour, so it is risked once a week at most.
inline constexpr std::chrono::seconds proof_again{7 * 86'400};

// What is known of one uplink (and APN).
struct Keepalive {
  std::chrono::seconds interval = default_keepalive;
  // The shortest interval at which a session died in silence; zero: none did.
  std::chrono::seconds failed{0};
  friend bool operator==(const Keepalive&, const Keepalive&) = default;
};

// How a session that was ready came to its end.
struct SessionLife {
  std::chrono::seconds interval{0};  // its keepalive
  // Times in which nothing came for nearly a whole interval and then something did.
  std::uint32_t silences = 0;
  // Nothing had come for so long when it ended.
  std::chrono::seconds silent_at_end{0};
  // It ended because the other side was no longer there: no answer, or a reset by somebody who had
  // forgotten it.
  bool lost = false;
  // The bearer stood to the end, so that the radio is no explanation.
  bool bearer_stood = true;
};

// Nearly a whole interval: nine tenths.
std::chrono::seconds silence_that_counts(std::chrono::seconds interval);

// What a session teaches. Total: any values in, an interval within the bounds out.
Keepalive learn(const Keepalive& known, const SessionLife& life);

}  // namespace oobm::core
