// The MQTT library, fenced in: it throws, it waits, and it calls back on threads of its own.
// Nothing of that passes this header. Its automatic reconnect, its persistence and its waiting are
// not used: one client is one connection, and what it reports is an event.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/uplink/session.hpp"

namespace oobm::uplink {

// Called on the library's threads; MUST return at once, arrived() excepted.
class PahoEvents {
 public:
  virtual ~PahoEvents() = default;
  virtual void logged_in(bool session_present) = 0;
  virtual void login_failed(std::string why) = 0;
  virtual void subscribed(bool all_granted) = 0;
  virtual void published(PublishToken token) = 0;
  virtual void operation_failed(std::string why) = 0;
  // Blocks until the message may be acknowledged: the library sends PUBACK when this returns.
  virtual void arrived(Message message) = 0;
  virtual void connection_lost(std::string why) = 0;
};

// One connection. Every call may wait for a lock that the library holds while arrived() blocks, so
// that all of them belong on one worker thread, destruction included: it waits for the library to
// see the connection's end, which whoever holds the other end must have brought about, and for its
// threads; up to four seconds.
class PahoClient {
 public:
  // `events` is called until the destructor has returned.
  PahoClient(const std::string& uri, const SessionOptions& options,
             std::shared_ptr<PahoEvents> events);
  ~PahoClient();
  PahoClient(const PahoClient&) = delete;
  PahoClient& operator=(const PahoClient&) = delete;

  // Each starts the operation; the outcome, errors included, comes through the events.
  void log_in();
  void subscribe(const std::vector<std::string>& filters);
  void publish(const std::string& topic, const std::string& payload, PublishToken token);
  // DISCONNECT once what is under way is acknowledged, or after a second; then closes its end.
  void log_out();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oobm::uplink
