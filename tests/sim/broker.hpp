// One instance's MQTT broker, as far as one router meets it: a persistent session with QoS 1 both
// ways (MQTT 3.1.1 section 3.1.2.4 and 4.3.2). What the router has not acknowledged it gets again,
// in order, at its next connection; what it has not been told PUBACK for, it sends again.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "tests/sim/bus.hpp"

namespace oobm::sim {

struct Packet {
  std::uint64_t id = 0;
  std::string payload;
  bool retained = false;
};

// The other end of a connection.
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;
  virtual void send(const Packet& packet) = 0;
};

class Broker {
 public:
  // `hear` gets what the router has published.
  using Ear = std::function<void(const std::string& topic, const std::string& payload)>;

  Broker(Bus& bus, Ear hear) : bus_(bus), hear_(std::move(hear)) {}

  // From ALMS.
  void publish_to_router(std::string payload, bool retained);

  // The router's session. A second attach takes the place of the first.
  void attach(Client& client, bool fresh_session);
  void detach(const Client& client);
  void received(std::string topic, std::string payload);
  void acknowledged(std::uint64_t packet);

  // The session's time is over, or the broker has lost its store.
  void forget_session();
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

 private:
  void send_more();

  static constexpr std::size_t most_in_flight = 20;
  static constexpr std::size_t most_queued = 1'000;

  Bus& bus_;
  Ear hear_;
  std::deque<Packet> queue_;
  std::optional<Packet> retained_;
  Client* client_ = nullptr;
  std::size_t in_flight_ = 0;  // the first so many of the queue
  std::uint64_t next_id_ = 1;
};

}  // namespace oobm::sim
