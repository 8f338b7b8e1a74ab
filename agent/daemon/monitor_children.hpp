// The programs that the monitor runs for the daemon: each in a process group of its own, with the
// descriptors that the daemon sent and no other, and with nothing left of the group when the
// program has ended.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "agent/daemon/monitor_protocol.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::daemon {

struct Launch {
  std::vector<std::string> arguments;  // the program's path first
  std::vector<std::string> environment;
  // Becomes the program's descriptor; 0, 1 and 2 are /dev/null where they are not given.
  std::vector<std::pair<int, uplink::UniqueFd>> descriptors;
  std::optional<std::pair<::uid_t, ::gid_t>> user{};  // and no other group; absent: stays root
  // Called in the new process, as root, before anything else; false: the program does not run, and
  // the process ends with exit_not_prepared. A program that then cannot be run ends with 127.
  std::function<bool(Launch&)> prepare{};
};

inline constexpr int exit_not_prepared = 1;

// Used by a process of one thread, with SIGCHLD blocked.
class MonitorChildren {
 public:
  // Errors: errno; EAGAIN where too many run. Returns when the program runs, or is prepared for.
  int start(std::uint32_t number, Launch launch);
  [[nodiscard]] bool runs(std::uint32_t number) const;
  // To the whole group; a run that has ended is left alone.
  void signal(std::uint32_t number, int signal) const;
  // Tells of those that have ended, and forgets them.
  void reap(const std::function<void(const MonitorAnswer&)>& ended);
  // Ends all that run, with time to put right what they have in hand (a module without power), and
  // waits for them, hal::HelperProcess::term_grace at most.
  void end_all();

 private:
  struct Child {
    std::uint32_t number;
    ::pid_t pid;
  };
  std::vector<Child> running_;
};

}  // namespace oobm::daemon
