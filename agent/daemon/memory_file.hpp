// A text as a file that never touches the flash, for a program that is given descriptors: it is
// read only from its birth on (sealed, memfd_create(2)), so that whoever holds a descriptor of it
// cannot change what the next reader gets.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::daemon {

class MemoryFile {
 public:
  // `name`: for /proc alone. Errors: a sentence.
  static std::expected<MemoryFile, std::string> of(const char* name, std::string_view text);

  [[nodiscard]] int descriptor() const { return file_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes

 private:
  MemoryFile(uplink::UniqueFd file, std::size_t size) : file_(std::move(file)), size_(size) {}

  uplink::UniqueFd file_;
  std::size_t size_;
};

}  // namespace oobm::daemon
