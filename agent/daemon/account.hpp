// Who the daemon becomes when it was started as root. Accounts are read from the files themselves:
// the C library's ways to ask load modules at run time, which a statically linked program has not
// got. A router's few accounts of services stand in the files anyhow.
#pragma once

#include <expected>
#include <string>

#include "agent/confinement/privileges.hpp"

namespace oobm::daemon {

// Serial ports belong to this group on most systems.
inline constexpr const char* serial_port_group = "dialout";

struct AccountFiles {
  std::string users = "/etc/passwd";
  std::string groups = "/etc/group";
};

// `name`: a user's name, or "UID:GID" in decimal, which need stand in no file. Its supplementary
// groups are those that name it, and the group of serial ports where there is one. Errors: a
// sentence.
std::expected<confinement::Ids, std::string> find_account(const std::string& name,
                                                          const AccountFiles& files = {});

}  // namespace oobm::daemon
