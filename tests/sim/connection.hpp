// One MQTT session of the router, from the order to connect until it is closed, over one uplink.
// Bytes take their time; when the way breaks, whatever is on it is lost without a word, in either
// direction, and the keepalive finds out. Everything comes from the timeline, never from inside a
// call.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/core/event.hpp"
#include "tests/sim/broker.hpp"

namespace oobm::sim {

// What lies between router and brokers.
class Ways {
 public:
  Ways() = default;
  Ways(const Ways&) = delete;
  Ways& operator=(const Ways&) = delete;
  virtual ~Ways() = default;
  // Whether bytes pass now.
  [[nodiscard]] virtual bool passes(core::Uplink uplink) = 0;
};

class Connection final : public Client {
 public:
  struct Handlers {
    std::function<void()> ready;
    std::function<void(const Packet&)> message;
    std::function<void(std::uint64_t token)> published;
    std::function<void(core::LinkFault)> closed;  // the last call; the connection may be destroyed
  };
  struct Place {
    Timeline& time;
    Chance& chance;
    const Weather& weather;
    Ways& ways;
    Broker& broker;
  };

  Connection(Place place, core::Uplink uplink, bool fresh_session, Handlers handlers);
  ~Connection() override;

  void publish(std::string topic, std::string payload, std::uint64_t token);
  void puback(std::uint64_t packet);
  // In good order.
  void disconnect();
  // The way breaks with everything on it, and the router learns at once.
  void cut(core::LinkFault fault);

  void send(const Packet& packet) override;
  [[nodiscard]] core::Uplink uplink() const { return uplink_; }

 private:
  template <class Action>
  void later(core::Duration pause, Action action);
  // In order, one way; lost when the way does not pass at its end.
  template <class Action>
  void travel(core::BootTime& latest, Action action);
  void open();
  void ping();
  void close(core::LinkFault fault);

  Place place_;
  core::Uplink uplink_;
  bool fresh_session_;
  Handlers handlers_;
  bool ready_ = false;
  core::BootTime latest_up_{};
  core::BootTime latest_down_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace oobm::sim
