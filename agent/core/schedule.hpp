// When the agent tries again. Registration: after 1, 2, 5, 15 and 60 minutes, then every six hours.
// Service: exponential back-off with full jitter, which starts over only after the link has stayed
// up. Suspended: one probe a day; retired: one a week. Radio bytes and wake-ups are the user's
// money, and a fleet that lost power together must not come back together, so every pause is
// jittered.
#pragma once

#include <chrono>
#include <cstddef>

#include "agent/core/random.hpp"
#include "agent/core/time.hpp"

namespace oobm::core {

inline constexpr Duration boot_jitter = std::chrono::seconds(2);
inline constexpr Duration radio_wait_limit = std::chrono::seconds(60);
inline constexpr Duration attempt_length = std::chrono::seconds(180);
inline constexpr Duration reply_limit = std::chrono::seconds(60);
// A session opened by schedule stays so long for an operator who registers the router meanwhile.
inline constexpr Duration linger_length = std::chrono::minutes(5);
// A probe that was answered stays so long for tasks that the broker still holds.
inline constexpr Duration probe_settle = std::chrono::seconds(2);
inline constexpr Duration back_off_first = std::chrono::seconds(15);
inline constexpr Duration back_off_most = std::chrono::hours(1);
// The back-off starts over after a session that lasted this long.
inline constexpr Duration stable_after = std::chrono::minutes(10);
inline constexpr Duration probe_interval = std::chrono::hours(24);
// What a renewal may take to be found is promised: 26 hours, and 6.5 where a registration is waited
// for. The longest pause and the attempt itself have to fit.
inline constexpr int probe_jitter_percent = 6;
inline constexpr int registration_jitter_percent = 5;
inline constexpr Duration rare_probe_interval = std::chrono::hours(24 * 7);
// Occasions (main WAN up, radio registered) trigger an attempt at most this often.
inline constexpr Duration occasion_interval = std::chrono::hours(1);
inline constexpr Duration radio_occasion_interval = std::chrono::minutes(1);
// A heartbeat's pause is no shorter than this once the data allowance is used up.
inline constexpr Duration least_heartbeat = std::chrono::hours(24);
// A session that stays open asks for signed time again after this long, +-10 %.
inline constexpr Duration attest_interval = std::chrono::hours(24 * 30);
// ... and after this long where two clocks contradict what was signed. The promise of 26 hours is
// kept for this one too: +-probe_jitter_percent.
inline constexpr Duration doubted_attest_interval = std::chrono::hours(24);
// What ALMS has signed so many times more, on as many days, is right, and the clocks are wrong.
inline constexpr int most_doubted_asks = 3;
inline constexpr Duration renewal_interval = std::chrono::hours(6);
inline constexpr std::chrono::seconds renewal_window{3 * 86'400};
// The term is looked at no less often than this, whatever the clock says.
inline constexpr Duration longest_term_sleep = std::chrono::hours(24);

// The pause before attempt number `step` (0: the first retry): 1, 2, 5, 15, 60 min, then 6 h;
// jittered.
Duration registration_pause(std::size_t step, Random& random);

// Full jitter: uniform in 0 .. min(back_off_most, back_off_first * 2^failures).
Duration back_off(std::size_t failures, Random& random);

// `interval` +- `percent` %, uniform.
Duration jittered(Duration interval, int percent, Random& random);

// Uniform in 0 .. most.
Duration uniform(Duration most, Random& random);

}  // namespace oobm::core
