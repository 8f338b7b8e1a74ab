// How a session proceeds: the link stands, the MQTT library is free, login, subscriptions, ready,
// over. Each phase has its end in finish(), and finish() has one order: the link first, then the
// held acknowledgements, then the library.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>

#include "agent/uplink/paho_bridge.hpp"
#include "agent/uplink/paho_client.hpp"
#include "agent/uplink/paho_connect_wrap.hpp"
#include "agent/uplink/publish_window.hpp"
#include "agent/uplink/session.hpp"

namespace oobm::uplink {

// The MQTT library as a thing that one session has at a time.
class Sessions::Impl : public std::enable_shared_from_this<Sessions::Impl> {
 public:
  Impl(asio::io_context& loop, Gate& gate);

  std::unique_ptr<Session> open(LinkRequest request, SessionOptions options,
                                SessionHandlers handlers);
  void close();

  asio::io_context& loop() { return loop_; }
  Gate& gate() { return gate_; }

  // Calls start_mqtt() of the session when the library is free.
  void request_library(const std::shared_ptr<Session::Impl>& session);
  // Runs `call` on the library's thread, in order.
  void on_library_thread(std::function<void()> call);
  // Ends `client` on the library's thread; then the next session has its turn.
  void bury(std::shared_ptr<PahoClient> client);

 private:
  void serve_next();

  asio::io_context& loop_;
  Gate& gate_;
  bool library_taken_ = false;
  std::deque<std::weak_ptr<Session::Impl>> waiting_;
  std::vector<std::weak_ptr<Session::Impl>> sessions_;
  asio::thread_pool library_thread_{1};
};

class Session::Impl final : public LoopEvents, public std::enable_shared_from_this<Session::Impl> {
 public:
  Impl(std::shared_ptr<Sessions::Impl> library, SessionOptions options, SessionHandlers handlers);

  void start(LinkRequest request);
  void start_mqtt();

  std::expected<PublishToken, Failure> publish(std::string topic, std::string payload, Use use);
  void stop();
  void finish(Failure reason);
  // No handler is called from here on.
  void forget() { handlers_ = {}; }
  Traffic traffic() const { return link_ ? link_->traffic() : Traffic{}; }
  SessionLife life() const {
    if (!link_) return {};
    return {was_ready_, link_->silences(), link_->since_last_received()};
  }
  bool is_open() const { return phase_ != Phase::closed; }

  void on_logged_in(bool session_present) override;
  void on_library_gave_up(const std::string& why) override;
  void on_subscribed(bool all_granted) override;
  void on_published(PublishToken token) override;
  void on_arrived(Message message, ArrivalNumber number) override;

 private:
  enum class Phase : std::uint8_t {
    connecting,
    waiting,  // for the library
    logging_in,
    subscribing,
    ready,
    leaving,
    closed,
  };
  using Clock = std::chrono::steady_clock;

  void on_link_ready(LinkInfo info, UniqueFd plain);
  void on_link_closed();
  void become_ready();
  void send_more();
  void limit(std::chrono::milliseconds time);
  void on_limit();
  std::optional<Failure> login_refusal() const;
  Failure library_failure(const std::string& why) const;
  void call_library(std::function<void(PahoClient&)> call);

  std::shared_ptr<Sessions::Impl> library_;
  SessionOptions options_;
  SessionHandlers handlers_;
  Phase phase_ = Phase::connecting;
  std::optional<Link> link_;
  LinkInfo info_;
  UniqueFd plain_;
  std::unique_ptr<ConnectTicket> ticket_;
  std::shared_ptr<PahoBridge> bridge_;
  std::shared_ptr<PahoClient> client_;
  PublishWindow window_;
  asio::steady_timer timer_;
  Clock::time_point link_ready_at_{};
  bool session_present_ = false;
  bool was_ready_ = false;
};

}  // namespace oobm::uplink
