#include "agent/uplink/paho_bridge.hpp"

#include <utility>

#include <asio/post.hpp>

namespace oobm::uplink {

PahoBridge::PahoBridge(asio::io_context& loop, std::weak_ptr<LoopEvents> events)
    : loop_(loop), events_(std::move(events)) {}

template <typename Call>
void PahoBridge::post(Call call) {
  asio::post(loop_, [events = events_, call = std::move(call)]() mutable {
    if (const auto session = events.lock()) call(*session);
  });
}

void PahoBridge::logged_in(bool session_present) {
  post([session_present](LoopEvents& session) { session.on_logged_in(session_present); });
}

void PahoBridge::login_failed(std::string why) { operation_failed(std::move(why)); }
void PahoBridge::connection_lost(std::string why) { operation_failed(std::move(why)); }

void PahoBridge::operation_failed(std::string why) {
  post([why = std::move(why)](LoopEvents& session) { session.on_library_gave_up(why); });
}

void PahoBridge::subscribed(bool all_granted) {
  post([all_granted](LoopEvents& session) { session.on_subscribed(all_granted); });
}

void PahoBridge::published(PublishToken token) {
  post([token](LoopEvents& session) { session.on_published(token); });
}

void PahoBridge::arrived(Message message) {
  std::unique_lock lock(mutex_);
  if (all_released_) return;
  const ArrivalNumber number = ++last_arrived_;
  post([message = std::move(message), number](LoopEvents& session) mutable {
    session.on_arrived(std::move(message), number);
  });
  changed_.wait(lock, [&] { return all_released_ || last_released_ >= number; });
}

void PahoBridge::release(ArrivalNumber number) {
  {
    const std::lock_guard lock(mutex_);
    if (number > last_released_) last_released_ = number;
  }
  changed_.notify_all();
}

void PahoBridge::release_all() {
  {
    const std::lock_guard lock(mutex_);
    all_released_ = true;
  }
  changed_.notify_all();
}

}  // namespace oobm::uplink
