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
  Outgoing message = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= message.payload.size();
  under_way_.insert(message.token);
  return message;
}

bool PublishWindow::confirm(PublishToken token) { return under_way_.erase(token) == 1; }

}  // namespace oobm::uplink
