#include "agent/uplink/publish_window.hpp"

#include <utility>

namespace oobm::uplink {

std::expected<PublishToken, Failure> PublishWindow::add(std::string topic, std::string payload,
                                                        Use use) {
  if (payload.size() > publish_payload_bytes) {
    return std::unexpected(
        failure(Code::message_too_large, std::to_string(payload.size()) + " bytes for " + topic));
  }
  if (queue_.size() == publish_queue_messages ||
      queued_bytes_ + payload.size() > publish_queue_bytes) {
    return std::unexpected(failure(Code::queue_full, topic));
  }
  queued_bytes_ += payload.size();
  queue_.push_back({++last_token_, std::move(topic), std::move(payload), use});
  return last_token_;
}

std::optional<Outgoing> PublishWindow::next() {
  if (queue_.empty() || under_way_.size() == publish_window_messages) return {};
  const auto bytes = queue_.front().payload.size();
  if (under_way_bytes_ + bytes > publish_window_bytes) return {};
  Outgoing message = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= bytes;
  under_way_bytes_ += bytes;
  under_way_.emplace(message.token, bytes);
  return message;
}

bool PublishWindow::confirm(PublishToken token) {
  const auto found = under_way_.find(token);
  if (found == under_way_.end()) return false;
  under_way_bytes_ -= found->second;
  under_way_.erase(found);
  return true;
}

}  // namespace oobm::uplink
