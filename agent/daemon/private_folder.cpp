#include "agent/daemon/private_folder.hpp"

#include <filesystem>
#include <system_error>

namespace oobm::daemon {

std::string private_folder(const std::string& parent, const std::string& name) {
  namespace fs = std::filesystem;
  auto folder = parent + "/" + name;
  std::error_code ignored;
  fs::create_directory(folder, ignored);
  fs::permissions(folder, fs::perms::owner_all, ignored);
  return folder;
}

}  // namespace oobm::daemon
