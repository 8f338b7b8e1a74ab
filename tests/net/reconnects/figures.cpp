#include "tests/net/reconnects/figures.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <sys/resource.h>

namespace oobm::netbench {
namespace {

// The number behind "Threads:" or "VmRSS:" in /proc/self/status.
std::size_t of_status(std::string_view key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto digits = line.find_first_of("0123456789");
    if (digits == std::string::npos) return 0;
    std::size_t value = 0;
    std::from_chars(line.data() + digits, line.data() + line.size(), value);
    return value;
  }
  return 0;
}

std::size_t count_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    static_cast<void>(entry);
    ++count;
  }
  return count - 1;  // the one that reads the folder
}

std::chrono::milliseconds cpu_used() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto in_ms = [](const timeval& time) {
    return std::chrono::milliseconds(time.tv_sec * 1'000 + time.tv_usec / 1'000);
  };
  return in_ms(used.ru_utime) + in_ms(used.ru_stime);
}

}  // namespace

Figures figures_now() {
  return {.descriptors = count_descriptors(),
          .threads = of_status("Threads:"),
          .resident_kib = of_status("VmRSS:"),
          .cpu = cpu_used()};
}

std::string to_json(const Figures& f) {
  return "\"descriptors\":" + std::to_string(f.descriptors) +
         ",\"threads\":" + std::to_string(f.threads) +
         ",\"resident_kib\":" + std::to_string(f.resident_kib) +
         ",\"cpu_ms\":" + std::to_string(f.cpu.count());
}

}  // namespace oobm::netbench
