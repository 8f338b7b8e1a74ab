// Giving rights up, for good: another user, no capabilities, no way to new ones, nothing of the
// process's memory on a disk, bounded use of memory and descriptors. Whoever has done this and is
// subverted afterwards has what that user has, and nothing of root's.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace oobm::confinement {

inline constexpr std::uint64_t max_descriptors = 256;

struct Ids {
  ::uid_t user = 0;
  ::gid_t group = 0;
  std::vector<::gid_t> groups;  // supplementary ones
  friend bool operator==(const Ids&, const Ids&) = default;
};

// Whether this kernel lets anybody bind a new socket to an interface (SO_BINDTODEVICE): since Linux
// 5.7 (socket(7)). `release` as uname(2) has it.
bool binds_sockets_unprivileged(std::string_view release);

// Becomes this user, who must not be root, with an empty bounding set and no capabilities; only
// where `keep_net_raw` with CAP_NET_RAW, which older kernels want for SO_BINDTODEVICE. Then
// no_new_privs, not dumpable, no core file. Called as root by a process of one thread. Errors: a
// sentence; the process must end then.
std::expected<void, std::string> become(const Ids& ids, bool keep_net_raw);

// Ends with its parent, `parent`, whose death the kernel reports by SIGKILL. False: it is dead
// already. After become(), which would undo it (prctl(2), PR_SET_PDEATHSIG).
bool end_with_parent(::pid_t parent);

// Bounds on open descriptors and on private memory in bytes (RLIMIT_DATA; not in a sanitized
// build), which nobody without privileges can raise again.
bool limit_use(std::uint64_t data_bytes);

}  // namespace oobm::confinement
