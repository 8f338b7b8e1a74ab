// One HTTP response into one file. The helper goes on with a file that it has a part of when the
// server still has the same one (Range with If-Range, RFC 9110 sections 13.1.5 and 14.2), starts it
// over when the server sends the whole, and never writes more than it was allowed. It follows no
// redirect: where the next request may go is the daemon's decision.
#pragma once

#include <functional>

#include "agent/transfer/protocol.hpp"

namespace oobm::transfer {

// libcurl's global state, initialised once. False: it cannot be.
bool prepare_download();

// Blocks until the response has ended, for at most job.time_limit_s. `tell` is called for each
// report; false from it ends the download (nobody listens any more).
Exit download(const Job& job, const std::function<bool(const Report&)>& tell);

}  // namespace oobm::transfer
