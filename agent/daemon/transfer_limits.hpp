// How much a transfer may cost: bytes, time, attempts. A file that is fetched goes on where it was,
// so many attempts waste little; one that is sent begins again each time, so it has few.
#pragma once

#include <chrono>
#include <cstdint>

namespace oobm::daemon {

struct TransferLimits {
  std::uint64_t max_bytes = 256ULL * 1024 * 1024;
  std::uint64_t reserve_bytes = 8ULL * 1024 * 1024;  // of free space that a file must leave
  std::uint64_t bytes_per_s = 0;                     // ceiling of the rate; 0: none
  std::uint32_t min_bytes_per_s = 32;                // slower than this for `stall` is a stall
  std::chrono::seconds stall{90};
  std::chrono::seconds time{std::chrono::hours(12)};  // for all attempts together
  int attempts = 100;                                 // in all
  int fruitless_attempts = 8;  // in a row that brought the file no further than it was
  int redirects = 3;           // of one attempt
  std::chrono::milliseconds first_pause{5'000};
  std::chrono::milliseconds longest_pause{300'000};
  std::chrono::milliseconds report_every{1'000};  // for who looks at the status
  std::chrono::milliseconds note_every{60'000};   // in the event log
};

// Of a file that is sent.
inline constexpr std::uint64_t max_upload_bytes = 256 * 1024;
inline constexpr int upload_attempts = 6;
inline constexpr std::chrono::hours upload_time{1};
// What the kernel still holds of it has yet to leave when the server is waited for.
inline constexpr std::chrono::minutes upload_stall{3};
inline constexpr std::chrono::seconds first_upload_pause{15};

inline TransferLimits upload_limits() {
  TransferLimits limits;
  limits.max_bytes = max_upload_bytes;
  limits.stall = upload_stall;
  limits.time = upload_time;
  limits.attempts = limits.fruitless_attempts = upload_attempts;
  limits.first_pause = first_upload_pause;
  return limits;
}

}  // namespace oobm::daemon
