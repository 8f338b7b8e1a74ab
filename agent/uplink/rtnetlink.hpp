// What the kernel tells whoever listens about interfaces, addresses and routes (rtnetlink(7)).
#pragma once

#include <cstddef>
#include <cstdint>

namespace oobm::uplink {

// The kernel's own choice for one read of such a socket (netlink(7)).
inline constexpr std::size_t rtnetlink_read_bytes = 8192;

// A socket that hears these groups (RTMGRP_*), non-blocking and closed on exec; the caller owns it.
// -1: the kernel gives none.
int open_rtnetlink(std::uint32_t groups);

}  // namespace oobm::uplink
