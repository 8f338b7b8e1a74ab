// What a process costs its machine at one moment, as the kernel counts it (proc(5)).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace oobm::netbench {

struct Figures {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t resident_kib = 0;
  std::chrono::milliseconds cpu{0};  // of user and kernel, since the start
};

// Of this process.
Figures figures_now();
// As members of a JSON object: "descriptors":9,...
std::string to_json(const Figures& figures);

}  // namespace oobm::netbench
