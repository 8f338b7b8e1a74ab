#include "agent/alms/topics.hpp"

#include <array>

namespace oobm::alms {

std::string topic_name(const core::Serial& serial, Topic topic) {
  constexpr std::array<std::string_view, 3> suffixes{"/messages/json", "/tasks/json", "/acks/json"};
  return serial.str() + std::string(suffixes[static_cast<std::size_t>(topic)]);
}

}  // namespace oobm::alms
