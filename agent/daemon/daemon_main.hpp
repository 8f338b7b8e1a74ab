// The daemon's command line: read the configuration, make the real radio and board, run the loop.
#pragma once

namespace oobm::daemon {

// Exit status: 0 stopped in good order, 1 could not start (a sentence says why), 2 wrong usage.
int daemon_main(int argc, char** argv);

}  // namespace oobm::daemon
