#include "tests/sim/story.hpp"

#include <chrono>
#include <format>

namespace oobm::sim {

std::string date_text(core::UnixTime time) {
  const std::chrono::sys_seconds at{std::chrono::seconds(time.seconds)};
  return std::format("{:%Y-%m-%d %H:%M:%S}", at);
}

void Story::tell(std::string_view who, std::string_view text) const {
  if (!told_) return;
  const auto line = std::format("{}  {:<8}  {}\n", date_text(time_.true_time()), who, text);
  std::fputs(line.c_str(), stdout);
}

}  // namespace oobm::sim
