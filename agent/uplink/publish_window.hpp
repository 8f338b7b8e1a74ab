// A broker answers more unacknowledged messages than it likes by stalling or closing, and the MQTT
// library keeps every one of them in memory: so few are under way at once, a bounded number waits
// behind them, in order, and one more is refused to whoever brings it.
//
// Pure bookkeeping: no I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <optional>
#include <string>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/session.hpp"

namespace oobm::uplink {

struct Outgoing {
  PublishToken token = 0;
  std::string topic;
  std::string payload;
  Use use = Use::tasks;
};

class PublishWindow {
 public:
  // Queues one message. Errors: message_too_large, queue_full.
  std::expected<PublishToken, Failure> add(std::string topic, std::string payload,
                                           Use use = Use::tasks);
  // The next message that may be sent now, which is then under way; nothing when the window is full
  // or no message waits.
  std::optional<Outgoing> next();
  // The broker has acknowledged it. False for a token that is not under way.
  bool confirm(PublishToken token);

  std::size_t waiting() const { return queue_.size(); }
  std::size_t under_way() const { return under_way_.size(); }

 private:
  std::deque<Outgoing> queue_;
  std::size_t queued_bytes_ = 0;
  std::map<PublishToken, std::size_t> under_way_;  // payload bytes
  std::size_t under_way_bytes_ = 0;
  PublishToken last_token_ = 0;
};

}  // namespace oobm::uplink
