// The command line: `serve` and `keys-init` act here, every other verb is a request to a running
// `serve` over its control socket.
//
// Exit status: 0 done; 1 ALMS refused it; 2 wrong usage, or no server; 3 a wait ended without its
// condition; 4 the task was acknowledged with ERROR (--wait).
#pragma once

namespace oobm::alms_sim {

int run_cli(int argc, char** argv);

}  // namespace oobm::alms_sim
