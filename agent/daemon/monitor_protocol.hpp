// What the daemon may ask of the monitor, its only way to anything that root alone can do. Each
// message is one packet of a socket pair (SOCK_SEQPACKET), bounded, and judged by tables before
// anything is done for it: a daemon that somebody else has taken over can ask for what stands here
// and for nothing else. Programs, their environment and the modem's port come from the plan, which
// the daemon gives once, before it has read a byte that is not the owner's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "hal/modem/port_name.hpp"

namespace oobm::daemon {

inline constexpr std::size_t max_monitor_request_bytes = 96 * 1024;  // a plan; others are short
inline constexpr std::size_t max_monitor_texts = 64;
inline constexpr std::size_t max_monitor_children = 4;

enum class Ask : std::uint8_t {
  plan,       // texts: as MonitorPlan writes them; once
  run,        // number: the run's, not 0; texts: a program of the plan, its arguments
  terminate,  // number: a run, whose process group gets SIGTERM
  kill,       // ... SIGKILL
  port,       // texts: the path of the module's port, which the daemon's user shall own
  ready,      // the daemon serves from now on
  alive,      // the event loop turns
};

struct MonitorRequest {
  Ask ask = Ask::alive;
  std::uint32_t number = 0;
  std::vector<std::string> texts{};  // without NUL
  friend bool operator==(const MonitorRequest&, const MonitorRequest&) = default;
};

// Precondition: the texts fit.
std::string to_bytes(const MonitorRequest& request);
// Nothing: no such message.
std::optional<MonitorRequest> request_from(std::string_view bytes);

// What the monitor runs and for whom.
struct MonitorPlan {
  std::string board_helper;
  std::string transfer_helper;
  std::string port;  // as configured (hal/modem/port_name.hpp); empty: none
  std::string state_folder;
  std::string run_folder;
  std::string instances_file;  // whose keys sign packages
  std::string instance;        // the only one of them, where the owner has pinned one
  std::string version;         // of this agent
  ::uid_t user = 0;
  ::gid_t group = 0;
  std::vector<std::string> environment{};  // of the board helper, NAME=value
  friend bool operator==(const MonitorPlan&, const MonitorPlan&) = default;
};

MonitorRequest to_request(const MonitorPlan& plan);
// Errors: a sentence. Helpers, folders and files must be absolute paths, the user not root.
std::expected<MonitorPlan, std::string> plan_from(const MonitorRequest& request);

// How many descriptors come with a run, by the role of its program (its first text); nothing where
// the plan allows no such run.
//   board: 1 and 2.   transfer: 0, 1, 3 and 4.
std::optional<std::size_t> descriptors_of(const MonitorPlan& plan, const MonitorRequest& run);

// Whether the plan means this port. A USB interface is looked for where the kernel shows its
// devices: the daemon's word is no proof that a port belongs to the OOBM module.
bool is_planned_port(const MonitorPlan& plan, std::string_view path,
                     const hal::DeviceFolders& folders = {});

struct MonitorAnswer {
  enum class Kind : std::uint8_t { refused, exited, signalled };
  Kind kind = Kind::refused;
  std::uint32_t number = 0;  // the run's
  std::int32_t value = 0;    // errno, exit status or signal
  friend bool operator==(const MonitorAnswer&, const MonitorAnswer&) = default;
};
inline constexpr std::size_t monitor_answer_bytes = 9;

std::string to_bytes(const MonitorAnswer& answer);
std::optional<MonitorAnswer> answer_from(std::string_view bytes);

}  // namespace oobm::daemon
