// The helper reads what a server on the internet has written. It is therefore left nothing but what
// a download needs: its own descriptors, a bounded share of memory and processor, no environment,
// no way to new privileges, and the few system calls that move bytes from one descriptor to
// another. It can open no file and make no socket.
#pragma once

#include <cstdint>

namespace oobm::transfer {

inline constexpr std::uint64_t max_address_space_bytes = 256ULL * 1024 * 1024;
inline constexpr std::uint64_t max_cpu_seconds = 600;
inline constexpr std::uint64_t max_descriptors = 16;

// Descriptors above the helper's own, environment, umask, signals, privileges. Called first.
bool shed();

// Resource limits, and a file of at most `max_file_bytes`.
bool limit_resources(std::uint64_t max_file_bytes);

// From here on only the system calls of a running download are allowed; every other one fails with
// EPERM. Called when libcurl has been initialised. True also where the kernel has no filters or an
// emulator has none; false when it has them and refused.
bool filter_system_calls();

}  // namespace oobm::transfer
