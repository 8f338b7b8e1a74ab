// What root relies on must not be anybody else's to change: neither the file nor any folder on the
// way to it. A folder with the sticky bit (/tmp) is taken for one that only root writes, since
// nobody can rename another's file in it.
#pragma once

#include <expected>
#include <string>

namespace oobm::daemon {

// The path without symbolic links, of a file or folder that only root can write or replace; to be
// used in the place of the one that was given, whose links might change. Errors: a sentence.
std::expected<std::string, std::string> roots_own_path(const std::string& path);

// A folder of root's beside `folder`, which is the daemon's: its name with "-root" after it. It is
// made, with mode 0700, where it does not exist. Errors: a sentence, where it could not be made or
// somebody else could write into it or replace it.
std::expected<std::string, std::string> roots_folder_beside(std::string folder);

}  // namespace oobm::daemon
