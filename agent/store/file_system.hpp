// Durability is made of a handful of system calls in the right order. They are reached through this
// seam, so that a test can cut the power after any one of them and look at what is left.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace oobm::store {

// A failed call: which one, on what, and errno (errno(3)).
struct FileError {
  std::string_view call;  // "open", "write", ...
  std::string path;
  int number = 0;
};

// "cannot write /var/lib/oobm/state.tmp: No space left on device (errno 28)".
std::string sentence(const FileError& error);

template <class T>
using FileResult = std::expected<T, FileError>;

class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  // The whole file. Errors: number ENOENT where there is none, EFBIG beyond `max_bytes`.
  virtual FileResult<std::string> read(const std::string& path, std::size_t max_bytes) = 0;
  // A new, empty file for writing, mode 0600; one that exists is emptied. Gives a handle.
  virtual FileResult<int> create(const std::string& path) = 0;
  // All of `bytes`.
  virtual FileResult<void> write(int handle, std::string_view bytes) = 0;
  // Contents on the medium (fsync(2)).
  virtual FileResult<void> sync(int handle) = 0;
  virtual void close(int handle) = 0;
  // Replaces `to` if it exists, within one folder (rename(2)).
  virtual FileResult<void> rename(const std::string& from, const std::string& to) = 0;
  // Names on the medium (fsync(2) of the folder).
  virtual FileResult<void> sync_folder(const std::string& path) = 0;
};

// The kernel's. Lives as long as the program.
FileSystem& posix_file_system();

}  // namespace oobm::store
