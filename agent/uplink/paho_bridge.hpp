// Two worlds meet here: the MQTT library's threads, which may wait, and the loop, which may not.
// Whatever the library reports becomes an event on the loop. Only an arrived message holds the
// library's thread, until the message is stored or the link is cut, since the library acknowledges
// it as soon as that thread goes on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <asio/io_context.hpp>

#include "agent/uplink/paho_client.hpp"

namespace oobm::uplink {

// Number of an arrived message within its session.
using ArrivalNumber = std::uint64_t;

// The same events, on the loop thread.
class LoopEvents {
 public:
  virtual ~LoopEvents() = default;
  virtual void on_logged_in(bool session_present) = 0;
  virtual void on_library_gave_up(const std::string& why) = 0;
  virtual void on_subscribed(bool all_granted) = 0;
  virtual void on_published(PublishToken token) = 0;
  virtual void on_arrived(Message message, ArrivalNumber number) = 0;
};

class PahoBridge final : public PahoEvents, public std::enable_shared_from_this<PahoBridge> {
 public:
  // `loop` must outlive the library's client. `events` may go before; nothing reaches it then.
  PahoBridge(asio::io_context& loop, std::weak_ptr<LoopEvents> events);

  // Message `number` may be acknowledged. Any thread.
  void release(ArrivalNumber number);
  // The link is cut: no acknowledgement can leave, so that nothing needs to be held. Any thread.
  void release_all();

  void logged_in(bool session_present) override;
  void login_failed(std::string why) override;
  void subscribed(bool all_granted) override;
  void published(PublishToken token) override;
  void operation_failed(std::string why) override;
  void arrived(Message message) override;
  void connection_lost(std::string why) override;

 private:
  template <typename Call>
  void post(Call call);

  asio::io_context& loop_;
  std::weak_ptr<LoopEvents> events_;

  std::mutex mutex_;
  std::condition_variable changed_;
  ArrivalNumber last_arrived_ = 0;  // guarded by mutex_, as are the two below
  ArrivalNumber last_released_ = 0;
  bool all_released_ = false;
};

}  // namespace oobm::uplink
