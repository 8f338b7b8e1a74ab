// A file on its way. What was fetched has been paid for by the byte, so it survives a lost link, a
// restart and a power cut, and is used again for the same order (address, SHA-256 and size). It
// gets its final name when its contents have been proved, and not a moment earlier; what is of no
// more use is removed. There is at most one such part: an order for another file removes it. A text
// that is proved by its signature, and has no SHA-256, has a place of its own beside it: what tells
// which file is to be gone on with must not cost that file.
//
// After a restart of the router, bytes that never reached the medium may read as zeros. The helper
// puts each sync_step on the medium before it begins the next, so the part is cut back to its last
// full step, and nothing that was fetched before is fetched again.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "agent/daemon/transfer_failure.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::daemon {

// Of finished files, under the state folder.
inline constexpr const char* transfer_folder = "files";
// In that folder; no finished file begins with '.'.
inline constexpr const char* part_name = ".part";
inline constexpr const char* text_part_name = ".text";

using Sha256 = std::array<std::uint8_t, 32>;
// Errors: hash_invalid.
std::expected<Sha256, TransferFailure> parse_sha256(std::string_view hex);
bool is_file_name(std::string_view name);

// What makes an order the same order.
struct PartOrder {
  std::string url;
  std::string sha256;      // 64 hexadecimal digits, lower case
  std::uint64_t size = 0;  // 0: not known
  friend bool operator==(const PartOrder&, const PartOrder&) = default;
};

class PartFile {
 public:
  // The part of this order, or an empty one; the folder is made where it does not exist (mode
  // 0700). `boot` tells one start of the router from another. Errors: write_failed.
  static std::expected<PartFile, TransferFailure> open(const std::string& folder, PartOrder order,
                                                       const std::string& boot);

  [[nodiscard]] int descriptor() const { return file_.get(); }
  [[nodiscard]] std::uint64_t size() const;
  // What the server said of the version that the bytes belong to; empty: they cannot be gone on
  // with.
  [[nodiscard]] const std::string& validator() const { return validator_; }
  // Bytes that an unprivileged user may still write to this file system.
  [[nodiscard]] std::uint64_t free_bytes() const;

  // The bytes to come belong to this version. Writes the record when it changes. Errors:
  // write_failed.
  std::expected<void, TransferFailure> remember(const std::string& validator);
  // Throws all bytes away.
  std::expected<void, TransferFailure> start_over();
  // Puts the contents on the medium and gives the file its name; one of this name is replaced.
  std::expected<void, TransferFailure> finish(const std::string& name);
  void remove();

 private:
  PartFile(std::string folder, PartOrder order, std::string boot);
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string part_path() const;
  [[nodiscard]] std::string record_path() const { return part_path() + ".json"; }
  bool load_record();
  std::expected<void, TransferFailure> save_record();

  std::string folder_;
  PartOrder order_;
  std::string boot_;
  std::string validator_;
  uplink::UniqueFd file_;
};

}  // namespace oobm::daemon
