#include "agent/daemon/hand_over.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::daemon {
namespace {

using uplink::UniqueFd;

constexpr ::mode_t for_others = S_IRWXG | S_IRWXO;
constexpr ::mode_t permissions = 07777;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

std::unexpected<std::string> failed(const std::string& path, const char* why) {
  return std::unexpected(path + ": " + why);
}

Folder open_folder(int at, const char* name) {
  const int fd = ::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  Folder folder(fd < 0 ? nullptr : ::fdopendir(fd));
  if (!folder && fd >= 0) ::close(fd);
  return folder;
}

std::optional<std::string_view> next_name(DIR* folder) {
  while (const auto* entry = ::readdir(folder)) {
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") return name;
  }
  return std::nullopt;
}

bool holds_only(DIR* folder, std::span<const std::string_view> known) {
  bool only = true;
  while (const auto name = next_name(folder)) only = only && std::ranges::contains(known, *name);
  ::rewinddir(folder);
  return only;
}

bool give(int fd, Owner to) { return ::fchownat(fd, "", to.user, to.group, AT_EMPTY_PATH) == 0; }

// What lies in a folder that is being handed over.
class Walk {
 public:
  explicit Walk(Owner to) : to_(to) {}

  // False: too deep, too much, or a call failed.
  bool folder(DIR* folder, int depth) {
    if (depth > max_handed_over_depth) return false;
    while (const auto name = next_name(folder)) {
      if (++seen_ > max_handed_over) return false;
      if (!entry(::dirfd(folder), std::string(*name).c_str(), depth)) return false;
    }
    return true;
  }

 private:
  bool entry(int at, const char* name, int depth) {
    const UniqueFd fd(::openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) return errno == ENOENT;
    if (S_ISDIR(info.st_mode)) {
      const auto inner = open_folder(at, name);
      return inner && folder(inner.get(), depth + 1) && give(fd.get(), to_);
    }
    // A second name may be one that matters to somebody else.
    const bool ours = (S_ISREG(info.st_mode) && info.st_nlink == 1) || S_ISSOCK(info.st_mode);
    return !ours || give(fd.get(), to_);
  }

  Owner to_;
  std::size_t seen_ = 0;
};

}  // namespace

std::expected<void, std::string> hand_over_folder(const std::string& path, ::mode_t mode, Owner to,
                                                  std::span<const std::string_view> known) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return failed(path, std::strerror(errno));
  const auto folder = open_folder(AT_FDCWD, path.c_str());
  struct stat info{};
  if (!folder || ::fstat(::dirfd(folder.get()), &info) != 0)
    return failed(path, std::strerror(errno));
  if (info.st_uid == to.user) return {};
  if (info.st_uid != 0) return failed(path, "belongs to another user");
  if ((info.st_mode & for_others) != 0 && !holds_only(folder.get(), known))
    return failed(path,
                  "belongs to root, is open to others and holds what the agent did not put "
                  "there; name a folder of the agent's own, or give this one to its user");
  // The folder itself last: if this is cut short it begins anew.
  if (!Walk(to).folder(folder.get(), 1) || ::fchown(::dirfd(folder.get()), to.user, to.group) != 0)
    return failed(path, "cannot be given to the agent's user");
  return {};
}

void hand_over_file(const std::string& path, Owner to) {
  const UniqueFd file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat info{};
  if (!file || ::fstat(file.get(), &info) != 0) return;
  const bool closed = (info.st_mode & for_others) == 0;
  if (S_ISREG(info.st_mode) && info.st_uid == 0 && info.st_nlink == 1 && closed)
    static_cast<void>(give(file.get(), to));
}

void hand_over_device(const std::string& path, ::uid_t user) {
  // The one that was looked at, whatever its name means a moment later; opening some devices has
  // effects, looking at them has none.
  const UniqueFd device(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info{};
  if (!device || ::fstat(device.get(), &info) != 0 || !S_ISCHR(info.st_mode)) return;
  if (!give(device.get(), {.user = user, .group = static_cast<::gid_t>(-1)})) return;
  const auto name = "/proc/self/fd/" + std::to_string(device.get());
  ::chmod(name.c_str(), (info.st_mode & permissions) | S_IRUSR | S_IWUSR);
}

}  // namespace oobm::daemon
