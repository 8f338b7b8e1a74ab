// oobmctl: the technician's command. It shows what the daemon says and judges nothing itself, so
// that it cannot tell another story than the daemon acts on. Exit status: 0 in service (for other
// commands: done), 1 not in service, 2 wrong usage, 3 the daemon cannot be reached.
#pragma once

namespace oobm::ctl {

enum ExitStatus : int {
  exit_in_service = 0,
  exit_not_in_service = 1,
  exit_usage = 2,
  exit_no_daemon = 3
};

// Writes to standard output and standard error; returns the exit status.
int ctl_main(int argc, char** argv);

}  // namespace oobm::ctl
