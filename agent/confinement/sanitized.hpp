// AddressSanitizer reserves terabytes of addresses and needs system calls of its own: a whole
// program that it watches over cannot be held to the limits of what ships, and says so.
#pragma once

namespace oobm::confinement {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace oobm::confinement
