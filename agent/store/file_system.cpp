#include "agent/store/file_system.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace oobm::store {
namespace {

std::unexpected<FileError> failed(std::string_view call, const std::string& path,
                                  int number = errno) {
  return std::unexpected(FileError{call, path, number});
}

// Repeats a call that a signal interrupted.
auto retried(auto call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Handle {
 public:
  explicit Handle(int number) : number_(number) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

class PosixFileSystem final : public FileSystem {
 public:
  FileResult<std::string> read(const std::string& path, std::size_t max_bytes) override {
    const Handle file(retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
    if (file.get() < 0) return failed("open", path);
    std::string bytes;
    std::array<char, 4096> part;
    for (;;) {
      const auto got = retried([&] { return ::read(file.get(), part.data(), part.size()); });
      if (got < 0) return failed("read", path);
      if (got == 0) return bytes;
      bytes.append(part.data(), static_cast<std::size_t>(got));
      if (bytes.size() > max_bytes) return failed("read", path, EFBIG);
    }
  }

  FileResult<int> create(const std::string& path) override {
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    const int file = retried([&] { return ::open(path.c_str(), flags, S_IRUSR | S_IWUSR); });
    if (file < 0) return failed("create", path);
    // A file that was there before may have had another mode.
    if (::fchmod(file, S_IRUSR | S_IWUSR) != 0) {
      const int number = errno;
      ::close(file);
      return failed("chmod", path, number);
    }
    return file;
  }

  FileResult<void> write(int handle, std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto put = retried([&] { return ::write(handle, bytes.data(), bytes.size()); });
      if (put < 0) return failed("write", {});
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
  }

  FileResult<void> sync(int handle) override {
    if (retried([&] { return ::fsync(handle); }) != 0) return failed("fsync", {});
    return {};
  }

  void close(int handle) override { ::close(handle); }

  FileResult<void> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return failed("rename", to);
    return {};
  }

  FileResult<void> sync_folder(const std::string& path) override {
    const Handle folder(
        retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (folder.get() < 0) return failed("open", path);
    if (retried([&] { return ::fsync(folder.get()); }) != 0) return failed("fsync", path);
    return {};
  }
};

}  // namespace

std::string sentence(const FileError& error) {
  std::string text = "cannot ";
  text.append(error.call).append(" ").append(error.path).append(": ");
  text += std::generic_category().message(error.number);
  return text.append(" (errno ").append(std::to_string(error.number)).append(")");
}

FileSystem& posix_file_system() {
  static PosixFileSystem files;
  return files;
}

}  // namespace oobm::store
