// One MQTT 3.1.1 session is one connection: it is opened, lives, ends once with its true cause, and
// is never revived. When to try again, what to send again and which message is a duplicate are the
// caller's questions. The gate connects first; MQTT starts only on a link that stands.
//
// An acknowledgement is a promise: PUBACK for an inbound message leaves only after the caller has
// said that the message is stored (Puback::release). A link that is cut before takes the PUBACK
// with it, and the broker delivers the message again, marked as a duplicate.
//
// Everything here is called, and calls back, on the loop thread. No call blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/gate.hpp"
#include "agent/uplink/puback.hpp"

namespace oobm::uplink {

// At most so many QoS 1 messages, and payload bytes, wait for their PUBACK at once; 20 is also how
// many a broker usually sends before it waits, so that answers leave as fast as tasks come.
inline constexpr std::size_t publish_window_messages = 20;
inline constexpr std::size_t publish_window_bytes = 240 * 1024;
// Behind the window: messages and payload bytes that wait their turn.
inline constexpr std::size_t publish_queue_messages = 64;
inline constexpr std::size_t publish_queue_bytes = 256 * 1024;
// Largest payload of one message.
inline constexpr std::size_t publish_payload_bytes = 60 * 1024;

struct Will {
  std::string topic;
  std::string payload;  // sent by the broker at QoS 1 when the session ends without stop()
};

struct SessionOptions {
  std::string client_id;
  std::string user_name;  // empty: none
  std::optional<std::string> password;
  std::chrono::seconds keepalive{900};
  std::chrono::milliseconds silence{0};  // counted in SessionLife; zero: none are
  std::optional<Will> will;
  bool clean_session = false;
  // Topic filters, QoS 1. Asked for in every session, a kept one included: a broker keeps a session
  // from its CONNECT on, and its subscriptions only from the SUBSCRIBE that may never have reached
  // it (MQTT 3.1.1 section 3.1.2.4); nothing would ever arrive, and nothing would say so.
  std::vector<std::string> subscriptions;
  std::chrono::milliseconds login_timeout{60'000};  // from TLS to ready
  std::chrono::milliseconds stop_limit{8'000};      // from stop() to the end, good order or not
};

struct ReadyInfo {
  bool session_present = false;
  LinkInfo link;
  std::chrono::milliseconds login_time{0};  // from TLS to ready
  Traffic traffic;                          // so far
};

struct Message {
  std::string topic;
  std::string payload;
  bool retained = false;
  bool duplicate = false;
  int qos = 0;
};

// Names one publish() of one session; 1, 2, 3, ...
using PublishToken = std::uint64_t;

struct SessionHandlers {
  // Logged in, and every subscription granted. Where the broker has kept the session the grant is
  // not waited for: messages that it has kept come first, and the first one that the caller holds
  // keeps the SUBSCRIBE back. A refusal then follows as on_closed(mqtt_subscribe_refused).
  std::function<void(ReadyInfo)> on_ready;
  // The next message is delivered after this one's Puback is gone. A broker that has kept the
  // session may deliver before on_ready.
  std::function<void(Message, Puback)> on_message;
  // The broker has taken responsibility (PUBACK).
  std::function<void(PublishToken)> on_published;
  // The session is over. Exactly once, whatever the phase, and nothing follows it. What was
  // published and not confirmed by on_published is not known to have arrived.
  std::function<void(Failure)> on_closed;
};

// What a session has shown of its way.
struct SessionLife {
  bool was_ready = false;
  // Times in which nothing came for SessionOptions::silence or longer, and then something did.
  std::uint32_t silences = 0;
  std::chrono::milliseconds silent_for{0};  // nothing has come for so long
};

// One session. Destroying it cuts it, and no handler is called any more; a handler may destroy it.
class Session {
 public:
  class Impl;
  explicit Session(std::shared_ptr<Impl> impl);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Sends at QoS 1, in order, as the window allows; accepted from the start, sent when ready.
  // Errors: message_too_large, queue_full, session_closed; permit_refused where bytes may not be
  // spent on this use.
  std::expected<PublishToken, Failure> publish(std::string topic, std::string payload,
                                               Use use = Use::tasks);

  // Leaves in good order: MQTT DISCONNECT, TLS close_notify, TCP FIN. What still waits in the queue
  // is dropped. on_closed(stopped) follows, after SessionOptions::stop_limit at the latest.
  void stop();

  // Leaves at once: nothing more is sent, no PUBACK either, and the broker publishes the will.
  // on_closed(reason) follows.
  void cut(Failure reason = failure(Code::cut));

  Traffic traffic() const;
  // So far; in on_closed, of the whole session.
  SessionLife life() const;

 private:
  std::shared_ptr<Impl> impl_;
};

// Opens sessions, and owns the one thread on which the MQTT library is called: its calls wait for a
// lock that it holds while a message is being stored, and ending a client takes it up to two
// seconds.
class Sessions {
 public:
  // `loop` and `gate` must outlive it.
  Sessions(asio::io_context& loop, Gate& gate);
  // Cuts what is open, and waits until the MQTT library is quiet.
  ~Sessions();
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  // Starts to connect; the outcome comes through the handlers. One session is alive at a time: MQTT
  // of a new one starts when the library has let go of the one before.
  std::unique_ptr<Session> open(LinkRequest request, SessionOptions options,
                                SessionHandlers handlers);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::uplink
