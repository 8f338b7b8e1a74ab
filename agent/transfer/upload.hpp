// One file into one HTTP request (PUT, RFC 9110 section 9.3.4). The server is asked first whether
// it wants it (Expect, section 10.1.1): bytes that are refused were paid for too. It is taken only
// by an answer that comes when all of it was sent.
#pragma once

#include <functional>

#include "agent/transfer/protocol.hpp"

namespace oobm::transfer {

// How long a server is waited for that does not say whether it wants the file; then it is sent.
inline constexpr long expect_wait_ms = 5'000;
// What the link may hold of the file: it counts as sent, and no more should than is.
inline constexpr int link_buffer_bytes = 16 * 1024;

// Blocks until the response has ended, for at most job.time_limit_s.
Exit upload(const Job& job, const std::function<bool(const Report&)>& tell);

}  // namespace oobm::transfer
