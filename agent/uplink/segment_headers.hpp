// What the kernel knows of a TCP connection's segments: their headers are bytes that a metered plan
// is billed for and that no socket counts.
#pragma once

#include "agent/uplink/traffic.hpp"

namespace oobm::uplink {

// IP and TCP headers of all segments of this connection so far, acknowledgements without payload
// and repeated segments included (TCP_INFO: tcpi_segs_out, tcpi_segs_in; linux/tcp.h, since Linux
// 4.2). Nothing where the kernel does not say.
ByteCount segment_headers(int fd, bool ipv6);

}  // namespace oobm::uplink
