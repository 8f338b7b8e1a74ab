// What cannot be undone is tried in a child. It calls no test macro: its exit status, or the signal
// that ended it, is the result.
#pragma once

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace oobm::confinement::test {

struct End {
  int status = -1;  // exit status
  int signal = 0;
};

// `work` gives the exit status.
template <class Work>
End in_child(Work work) {
  const auto pid = ::fork();
  if (pid == 0) ::_exit(work());
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  return {.status = WEXITSTATUS(status)};
}

}  // namespace oobm::confinement::test
