// What a version that ran as root has left behind, and what only root can make, becomes the
// daemon's user's: its folders with what is in them, its key, the module's port. Root gives away
// nothing that the configuration names by mistake: only folders that are closed to everybody else,
// or hold nothing but what the agent puts there; only plain files with one name; and it follows no
// symbolic link inside of a folder that somebody else may have written to.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace oobm::daemon {

inline constexpr int max_handed_over_depth = 4;         // folders in each other
inline constexpr std::size_t max_handed_over = 10'000;  // entries

struct Owner {
  ::uid_t user = 0;
  ::gid_t group = 0;
};

// The folder, made with `mode` less the umask where it is not there, and what is in it. One that is
// the owner's already is left as it is. Errors: a sentence; `known`: names that may lie in a
// folder of root's that is open to others.
std::expected<void, std::string> hand_over_folder(const std::string& path, ::mode_t mode, Owner to,
                                                  std::span<const std::string_view> known = {});

// A plain file of root's that nobody else may read. Any other stays as it is, as does one that is
// not there: whoever needs it will say so.
void hand_over_file(const std::string& path, Owner to);

// A character device, found through symbolic links; its group stays. Whatever else has that name
// stays as it is.
void hand_over_device(const std::string& path, ::uid_t user);

}  // namespace oobm::daemon
