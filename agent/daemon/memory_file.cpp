#include "agent/daemon/memory_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace oobm::daemon {
namespace {

std::unexpected<std::string> failed() {
  return std::unexpected(std::string("no file in memory: ") + std::strerror(errno));
}

constexpr unsigned no_exec_seal = 8;  // MFD_NOEXEC_SEAL, since Linux 6.3

// A kernel that knows the flag may insist on it (vm.memfd_noexec); an older one refuses it.
int open_sealable(const char* name) {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int file = ::memfd_create(name, flags | no_exec_seal);
  return file < 0 && errno == EINVAL ? ::memfd_create(name, flags) : file;
}

}  // namespace

std::expected<MemoryFile, std::string> MemoryFile::of(const char* name, std::string_view text) {
  uplink::UniqueFd file(open_sealable(name));
  if (!file) return failed();
  for (auto rest = text; !rest.empty();) {
    const auto put = ::write(file.get(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return failed();
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  constexpr int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::fcntl(file.get(), F_ADD_SEALS, seals) != 0) return failed();
  return MemoryFile(std::move(file), text.size());
}

}  // namespace oobm::daemon
