#include "agent/daemon/roots_own.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>

namespace oobm::daemon {
namespace {

namespace fs = std::filesystem;

constexpr ::mode_t write_for_others = S_IWGRP | S_IWOTH;

bool only_root_writes(const fs::path& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || info.st_uid != 0) return false;
  const bool sticky = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
  return sticky || (info.st_mode & write_for_others) == 0;
}

std::unexpected<std::string> failed(const std::string& path, const std::string& why) {
  return std::unexpected(path + ": " + why);
}

}  // namespace

std::expected<std::string, std::string> roots_own_path(const std::string& path) {
  std::error_code error;
  const auto real = fs::canonical(path, error);
  if (error) return failed(path, error.message());
  for (auto at = real;; at = at.parent_path()) {
    if (!only_root_writes(at)) return failed(at.string(), "may be changed by others than root");
    if (at == at.root_path()) return real.string();
  }
}

std::expected<std::string, std::string> roots_folder_beside(std::string folder) {
  while (folder.ends_with('/')) folder.pop_back();
  folder += "-root";
  const auto parent = roots_own_path(fs::path(folder).parent_path());
  if (!parent) return parent;
  auto path = *parent + "/" + fs::path(folder).filename().string();
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    return failed(path, std::strerror(errno));
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != 0 ||
      (info.st_mode & write_for_others) != 0)
    return failed(path, "is no folder of root's alone");
  return path;
}

}  // namespace oobm::daemon
