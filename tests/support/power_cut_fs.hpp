// A file system in memory that forgets what was not synced, as a medium does when the power goes:
// contents count from sync() on, names from sync_folder() on. Whatever was not synced may be there
// or not, and written but unsynced bytes may be torn; every such outcome can be asked for.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/store/file_system.hpp"

namespace oobm::store {

using DiskImage = std::map<std::string, std::string>;  // path -> contents

// What became of bytes that were written and not synced.
enum class Unsynced : std::uint8_t { lost, kept, torn, zeroed };
inline constexpr std::array unsynced_fates{Unsynced::lost, Unsynced::kept, Unsynced::torn,
                                           Unsynced::zeroed};

// The power goes before this operation: nothing of the program runs on. Thrown where a test has
// asked for it.
struct PowerCut {};

class PowerCutFs final : public FileSystem {
 public:
  explicit PowerCutFs(const DiskImage& image = {}) {
    for (const auto& [path, contents] : image) {
      names_[path] = files_.size();
      files_.push_back({contents, contents});
    }
    durable_names_ = names_;
  }

  // The operation of this index (0 first) and, when `forever`, all that follow it fail.
  void fail_at(std::size_t index, bool forever, int number = EIO) {
    failing_ = index;
    forever_ = forever;
    number_ = number;
  }
  void fail_no_more() {
    failing_ = std::numeric_limits<std::size_t>::max();
    forever_ = false;
  }
  // The power goes before the operation of this index.
  void cut_at(std::size_t index) { cut_at_ = index; }
  // Syncs do nothing and say that they did: what a program would be that forgot them.
  void ignore_syncs() { ignore_syncs_ = true; }
  [[nodiscard]] std::size_t operations() const { return operations_; }

  // What a running program sees.
  [[nodiscard]] DiskImage seen() const {
    return image(names_, [](const File& f) { return f.data; });
  }

  // Changes of names that are not synced: each may be on the medium or not.
  [[nodiscard]] std::size_t pending_names() const { return pending_.size(); }

  // What is on the medium if the power goes now: bit i of `names` says whether pending change i is.
  [[nodiscard]] DiskImage after_power_cut(std::size_t names, Unsynced fate) const {
    return image(replay(names), [fate](const File& f) {
      if (f.data == f.durable || fate == Unsynced::kept) return f.data;
      if (fate == Unsynced::lost) return f.durable;
      return fate == Unsynced::torn ? f.data.substr(0, f.data.size() / 2)
                                    : std::string(f.data.size(), '\0');
    });
  }

  // All that may be on the medium if the power goes now.
  [[nodiscard]] std::vector<DiskImage> after_power_cut() const {
    std::vector<DiskImage> images;
    for (std::size_t names = 0; names < (std::size_t{1} << pending_.size()); ++names)
      for (const auto fate : unsynced_fates) images.push_back(after_power_cut(names, fate));
    return images;
  }

  FileResult<std::string> read(const std::string& path, std::size_t max_bytes) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return std::unexpected(FileError{"open", path, ENOENT});
    const auto& data = files_[found->second].data;
    if (data.size() > max_bytes) return std::unexpected(FileError{"read", path, EFBIG});
    return data;
  }

  FileResult<int> create(const std::string& path) override {
    if (fails()) return error("create", path);
    pending_.push_back({"", path, files_.size()});
    names_[path] = files_.size();
    files_.push_back({});
    return static_cast<int>(files_.size() - 1);
  }

  FileResult<void> write(int handle, std::string_view bytes) override {
    auto& file = files_[static_cast<std::size_t>(handle)];
    if (fails()) {
      file.data += bytes.substr(0, bytes.size() / 3);
      return error("write", "");
    }
    file.data += bytes;
    return {};
  }

  FileResult<void> sync(int handle) override {
    if (fails()) return error("fsync", "");
    auto& file = files_[static_cast<std::size_t>(handle)];
    if (!ignore_syncs_) file.durable = file.data;
    return {};
  }

  void close(int) override {}

  FileResult<void> rename(const std::string& from, const std::string& to) override {
    if (fails()) return error("rename", to);
    const auto found = names_.find(from);
    if (found == names_.end()) return std::unexpected(FileError{"rename", from, ENOENT});
    if (const auto old = names_.find(to); old != names_.end()) replaced_.push_back(old->second);
    pending_.push_back({from, to, found->second});
    apply(pending_.back(), names_);
    return {};
  }

  FileResult<void> sync_folder(const std::string& path) override {
    if (fails()) return error("fsync", path);
    if (ignore_syncs_) return {};
    durable_names_ = names_;
    pending_.clear();
    // Nothing leads back to these any more; a long life must not keep them.
    for (const auto file : std::exchange(replaced_, {})) files_[file] = {};
    return {};
  }

 private:
  struct File {
    std::string data;
    std::string durable;
  };
  using Names = std::map<std::string, std::size_t>;
  struct NameChange {
    std::string from;  // empty: a new file
    std::string to;
    std::size_t file;
  };

  bool fails() {
    const auto index = operations_++;
    if (index == cut_at_) throw PowerCut{};
    return index == failing_ || (forever_ && index > failing_);
  }
  [[nodiscard]] std::unexpected<FileError> error(std::string_view call,
                                                 const std::string& path) const {
    return std::unexpected(FileError{call, path, number_});
  }
  static void apply(const NameChange& change, Names& names) {
    if (!change.from.empty()) names.erase(change.from);
    names[change.to] = change.file;
  }
  [[nodiscard]] Names replay(std::size_t subset) const {
    Names names = durable_names_;
    for (std::size_t i = 0; i < pending_.size(); ++i)
      if ((subset >> i & 1u) != 0) apply(pending_[i], names);
    return names;
  }
  [[nodiscard]] DiskImage image(const Names& names, auto contents) const {
    DiskImage result;
    for (const auto& [path, file] : names) result[path] = contents(files_[file]);
    return result;
  }

  std::vector<File> files_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> pending_;
  std::vector<std::size_t> replaced_;  // files whose names went to others since the last sync
  std::size_t operations_ = 0;
  std::size_t failing_ = std::numeric_limits<std::size_t>::max();
  std::size_t cut_at_ = std::numeric_limits<std::size_t>::max();
  bool forever_ = false;
  bool ignore_syncs_ = false;
  int number_ = EIO;
};

}  // namespace oobm::store
