// ALMS's own connection to the broker: an ordinary client over TLS with a certificate, subscribed
// to every router's messages and acks with QoS 1, in a persistent session, so that the broker keeps
// what routers say while ALMS is away.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <mqtt/async_client.h>

#include "tests/alms-sim/platform.hpp"

namespace oobm::alms_sim {

struct BrokerOptions {
  std::string address;  // HOST:PORT; the host is checked against the server's certificate
  std::string ca_file, certificate_file, key_file;
  std::string client_id;
};

// All are called on the MQTT library's threads and must return at once.
struct BrokerHandlers {
  std::function<void()> connected;
  std::function<void(std::string topic, std::string payload)> message;
  std::function<void(std::string uid)> sent;
  std::function<void(std::string words)> log;
};

class BrokerLink {
 public:
  BrokerLink(const BrokerOptions& options, BrokerHandlers handlers);
  ~BrokerLink();
  BrokerLink(const BrokerLink&) = delete;
  BrokerLink& operator=(const BrokerLink&) = delete;

  // Begins to connect unless connected or trying; called again and again.
  void keep_connected();
  // Publishes with QoS 1; BrokerHandlers::sent tells when the broker has it. Without a connection
  // nothing happens.
  void publish(const Publication& publication);
  // Says goodbye; waits two seconds at most.
  void stop();

 private:
  class ConnectListener;
  class PublishListener;
  void on_connected();

  BrokerHandlers handlers_;
  mqtt::async_client client_;
  mqtt::connect_options connect_options_;
  std::unique_ptr<ConnectListener> connect_listener_;
  std::unique_ptr<PublishListener> publish_listener_;
  std::atomic<bool> connecting_ = false;
};

}  // namespace oobm::alms_sim
