#include "tests/alms-sim/files.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

namespace oobm::alms_sim {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

Result<void> write_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".new";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail("FILE", "Cannot write " + temporary + ".");
  const bool written = write_all(descriptor, text);
  ::close(descriptor);
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail("FILE", "Cannot write " + path + ".");
  }
  return {};
}

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail("FILE", "Cannot make the folder " + path + ": " + error.message() + ".");
  return {};
}

}  // namespace oobm::alms_sim
