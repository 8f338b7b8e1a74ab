// The local socket through which the technician's tool asks the daemon. It is open in every state,
// Blocked included: a router that may say nothing to the world must still explain itself to the
// person next to it. Access is the file's mode (0660: root and the group). A client can neither
// hold the daemon up nor fill its memory: clients and line lengths are bounded, the next request is
// read when the reply to the last one is gone, events wait in the event log and not in a queue of
// each follower (one that reads too slowly misses some, as their sequence numbers show), and who
// neither reads nor writes is dropped.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include <asio/io_context.hpp>

#include "agent/daemon/control_protocol.hpp"
#include "agent/daemon/event_log.hpp"

namespace oobm::daemon {

inline constexpr std::size_t max_control_clients = 8;
// Events that are sent in one piece.
inline constexpr std::size_t control_batch_events = 16;
// A client that has asked nothing, or taken nothing of what it was sent, for so long is dropped.
// One that follows events may be silent for ever.
inline constexpr std::chrono::seconds control_idle_limit{30};
// The module may take minutes over a technician's command; by then an answer has come or never
// will.
inline constexpr std::chrono::seconds control_at_limit{390};

// What the daemon answers. Called on the event loop's thread; must not block.
struct ControlHandlers {
  // Where there is one: the reply to each request, whatever it asks. The rest may then be missing.
  std::function<std::string()> refusal;
  std::function<std::string()> status;  // status_json() of this moment
  // An attempt was ordered at that instant; or why not, with a reason's code.
  std::function<std::expected<core::BootTime, ControlError>()> sync;
  // Passes an AT command on; the answer is given once, at any later time or at once.
  using AtAnswer = std::move_only_function<void(std::expected<AtReply, ControlError>)>;
  std::function<void(AtRequest request, AtAnswer answer)> at;
  // The JSON of the answer, or why not.
  std::function<std::expected<std::string, ControlError>(const IdentityRequest&)> identity;
  // The number of the transfer, or why there is none.
  std::function<std::expected<std::uint64_t, ControlError>(const FetchRequest& request)> fetch;
  std::function<std::string(bool cancel)> transfers;  // JSON array
  std::function<std::string()> install;               // JSON object
  // The JSON of the record, or why there is none.
  std::function<std::expected<std::string, ControlError>(const RecordRequest&)> record;
  std::string version;
};

// Lives on the event loop's thread. Takes over the event log's listener while it runs.
class ControlSocket {
 public:
  // `io` and `events` outlive the socket.
  ControlSocket(asio::io_context& io, std::string path, ControlHandlers handlers, EventLog& events,
                std::chrono::milliseconds idle_limit = control_idle_limit);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // Makes the socket's file (its folder must exist) and listens. A file that a dead daemon left is
  // replaced; one behind which a daemon answers is not. Errors: a sentence with what to do.
  std::expected<void, std::string> start();

  // Drops all clients and removes the file.
  void stop();

  [[nodiscard]] std::size_t clients() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::daemon
