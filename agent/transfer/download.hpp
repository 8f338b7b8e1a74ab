// One HTTP response into one file. The helper goes on with a file that it has a part of when the
// server still has the same one (Range with If-Range, RFC 9110 sections 13.1.5 and 14.2), starts it
// over when the server sends the whole, and never writes more than it was allowed.
#pragma once

#include "agent/transfer/request.hpp"

namespace oobm::transfer {

// Blocks until the response has ended, for at most job.time_limit_s.
Exit download(const Job& job, const Tell& tell);

}  // namespace oobm::transfer
