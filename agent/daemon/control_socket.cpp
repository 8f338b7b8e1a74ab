#include "agent/daemon/control_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace oobm::daemon {
namespace {

using Protocol = asio::local::stream_protocol;
using Error = std::error_code;

constexpr ::mode_t socket_umask = 0117;  // leaves 0660
constexpr std::chrono::seconds accept_pause{1};
constexpr int max_waiting_connections = 8;

std::string problem(const std::string& path, const Error& error) {
  return "cannot listen on " + path + ": " + error.message() +
         ". Check that its folder exists and is writable";
}

// Asio makes its sockets without it: a board helper that outlives a daemon which was killed would
// go on listening in its place.
template <class Socket>
void close_on_exec(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

// Sets the mode with which bind(2) makes the file; there must be no moment with a wider one.
class ScopedUmask {
 public:
  explicit ScopedUmask(::mode_t mask) : before_(::umask(mask)) {}
  ScopedUmask(const ScopedUmask&) = delete;
  ScopedUmask& operator=(const ScopedUmask&) = delete;
  ~ScopedUmask() { ::umask(before_); }

 private:
  ::mode_t before_;
};

}  // namespace

struct ControlSocket::Impl : std::enable_shared_from_this<Impl> {
  class Client;

  Impl(asio::io_context& io_context, std::string socket_path, ControlHandlers control_handlers,
       EventLog& event_log, std::chrono::milliseconds limit)
      : io(io_context),
        path(std::move(socket_path)),
        handlers(std::move(control_handlers)),
        events(event_log),
        idle_limit(limit),
        acceptor(io_context),
        pause(io_context) {}

  std::expected<void, std::string> start();
  void stop();
  std::expected<void, std::string> clear_path();
  void accept();
  void take(Protocol::socket socket);

  asio::io_context& io;
  std::string path;
  ControlHandlers handlers;
  EventLog& events;
  std::chrono::milliseconds idle_limit;
  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  std::unordered_set<std::shared_ptr<Client>> clients;
  bool listening = false;
};

// One connection. At any time it waits for one thing: a request, its reply's departure, or events.
class ControlSocket::Impl::Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Impl& server, Protocol::socket socket)
      : server_(server), socket_(std::move(socket)), deadline_(server.io) {}

  void read() {
    arm_deadline();
    asio::async_read_until(socket_, asio::dynamic_buffer(inbox_, max_control_line_bytes), '\n',
                           [self = shared_from_this()](Error error, std::size_t length) {
                             self->on_read(error, length);
                           });
  }

  void on_event() {
    if (std::exchange(waiting_, false)) send_events();
  }

  void close() {
    if (!open_) return;
    open_ = false;
    Error ignored;
    socket_.close(ignored);
    deadline_.cancel();
    server_.clients.erase(shared_from_this());
  }

 private:
  void on_read(Error error, std::size_t length) {
    if (!open_) return;
    if (error == asio::error::not_found) {
      last_reply_ = true;
      return write(
          error_reply({"LINE_TOO_LONG", "a request has at most " +
                                            std::to_string(max_control_line_bytes) + " bytes"}));
    }
    if (error) return close();
    const std::string line = inbox_.substr(0, length - 1);
    inbox_.erase(0, length);
    answer(line);
  }

  void answer(const std::string& line) {
    if (server_.handlers.refusal) return write(server_.handlers.refusal());
    const auto request = parse_request(line);
    if (!request) return write(error_reply(request.error()));
    std::visit([this](const auto& r) { serve(r); }, *request);
  }

  // The one request whose reply is not at hand.
  void serve(const AtRequest& request) {
    arm_deadline(control_at_limit);
    server_.handlers.at(request,
                        [self = weak_from_this()](std::expected<AtReply, ControlError> answer) {
                          const auto client = self.lock();
                          if (!client || !client->open_) return;
                          client->write(answer ? at_reply(*answer) : error_reply(answer.error()));
                        });
  }

  void serve(const StatusRequest&) { write(status_reply(server_.handlers.status())); }
  void serve(const VersionRequest&) { write(version_reply(server_.handlers.version)); }
  void serve(const IdentityRequest& request) {
    const auto answer = server_.handlers.identity(request);
    write(answer ? identity_reply(*answer) : error_reply(answer.error()));
  }
  void serve(const RecordRequest& request) {
    const auto record = server_.handlers.record(request);
    write(record ? record_reply(*record) : error_reply(record.error()));
  }
  void serve(const SyncRequest&) {
    const auto accepted = server_.handlers.sync();
    write(accepted ? sync_reply(*accepted) : error_reply(accepted.error()));
  }
  void serve(const FetchRequest& request) {
    const auto id = server_.handlers.fetch(request);
    write(id ? fetch_reply(*id) : error_reply(id.error()));
  }
  void serve(const TransfersRequest& request) {
    write(transfers_reply(server_.handlers.transfers(request.cancel)));
  }
  void serve(const InstallRequest&) { write(install_reply(server_.handlers.install())); }
  void serve(const EventsRequest& request) {
    const auto& records = server_.events.records();
    const auto end = server_.events.dropped() + records.size() + 1;  // next sequence number
    next_event_ = end - std::min<std::uint64_t>(request.last, records.size());
    streaming_ = true;
    following_ = request.follow;
    write(events_reply(server_.events.dropped()));
  }

  void write(std::string text) {
    outgoing_ = std::move(text);
    arm_deadline();
    asio::async_write(
        socket_, asio::buffer(outgoing_),
        [self = shared_from_this()](Error error, std::size_t) { self->on_written(error); });
  }

  void on_written(Error error) {
    if (!open_) return;
    if (error || last_reply_) return close();
    if (streaming_)
      send_events();
    else
      read();
  }

  void send_events() {
    std::string batch;
    std::size_t count = 0;
    for (const auto& record : server_.events.records()) {
      if (record.sequence < next_event_) continue;
      if (++count > control_batch_events) break;
      batch += event_line(record);
      next_event_ = record.sequence + 1;
    }
    if (!batch.empty()) return write(std::move(batch));
    if (following_) return wait_for_event();
    streaming_ = false;
    write(end_line());
  }

  void wait_for_event() {
    waiting_ = true;
    deadline_.cancel();
    if (std::exchange(watching_, true)) return;
    // Nothing more is expected of a follower: whatever comes, first of all its end, closes it.
    socket_.async_read_some(asio::buffer(scratch_),
                            [self = shared_from_this()](Error, std::size_t) { self->close(); });
  }

  void arm_deadline() { arm_deadline(server_.idle_limit); }

  void arm_deadline(std::chrono::milliseconds limit) {
    deadline_.expires_after(limit);
    deadline_.async_wait([self = shared_from_this()](Error error) {
      if (!error) self->close();
    });
  }

  Impl& server_;  // outlives the client: stop() closes all
  Protocol::socket socket_;
  asio::steady_timer deadline_;
  std::string inbox_;
  std::string outgoing_;
  std::array<char, 16> scratch_{};
  std::uint64_t next_event_ = 0;
  bool open_ = true;
  bool last_reply_ = false;  // close when it is gone
  bool streaming_ = false;
  bool following_ = false;
  bool waiting_ = false;   // for the next event
  bool watching_ = false;  // for the follower's end
};

std::expected<void, std::string> ControlSocket::Impl::clear_path() {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode))
    return std::unexpected(path + " exists and is no socket: move it away");
  Protocol::socket probe(io);
  Error error;
  probe.open(Protocol(), error);
  // A daemon whose queue is full would keep a blocking probe waiting.
  if (!error) probe.non_blocking(true, error);
  if (!error) probe.connect(Protocol::endpoint(path), error);
  if (error != asio::error::connection_refused)
    return std::unexpected("another oobmd answers on " + path + ": stop it first");
  ::unlink(path.c_str());
  return {};
}

std::expected<void, std::string> ControlSocket::Impl::start() {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
    return std::unexpected("the control socket's path has " + std::to_string(path.size()) +
                           " bytes; allowed are 1 to " +
                           std::to_string(sizeof(sockaddr_un::sun_path) - 1));
  if (auto clear = clear_path(); !clear) return clear;
  const ScopedUmask narrow(socket_umask);
  Error error;
  acceptor.open(Protocol(), error);
  if (!error) close_on_exec(acceptor);
  if (!error) acceptor.bind(Protocol::endpoint(path), error);
  if (!error) acceptor.listen(max_waiting_connections, error);
  if (error) return std::unexpected(problem(path, error));
  listening = true;
  events.set_listener([this](const EventRecord&) {
    for (const auto& client : std::unordered_set(clients)) client->on_event();
  });
  accept();
  return {};
}

void ControlSocket::Impl::accept() {
  acceptor.async_accept([self = shared_from_this()](Error error, Protocol::socket socket) {
    if (!self->listening) return;
    if (!error) {
      self->take(std::move(socket));
      return self->accept();
    }
    // Out of descriptors, say: trying again at once would only spin.
    self->pause.expires_after(accept_pause);
    self->pause.async_wait([self](Error stopped) {
      if (!stopped && self->listening) self->accept();
    });
  });
}

void ControlSocket::Impl::take(Protocol::socket socket) {
  close_on_exec(socket);
  if (clients.size() < max_control_clients) {
    const auto client = std::make_shared<Client>(*this, std::move(socket));
    clients.insert(client);
    return client->read();
  }
  // Fits into the socket's own buffer; whether anybody reads it is not waited for.
  Error ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(
      asio::buffer(error_reply(
          {"TOO_MANY_CLIENTS", "the daemon serves " + std::to_string(max_control_clients) +
                                   " clients at a time; close another oobmctl"})),
      ignored);
}

void ControlSocket::Impl::stop() {
  if (!std::exchange(listening, false)) return;
  events.set_listener({});
  pause.cancel();
  Error ignored;
  acceptor.close(ignored);
  for (const auto& client : std::unordered_set(clients)) client->close();
  ::unlink(path.c_str());
}

ControlSocket::ControlSocket(asio::io_context& io, std::string path, ControlHandlers handlers,
                             EventLog& events, std::chrono::milliseconds idle_limit)
    : impl_(std::make_shared<Impl>(io, std::move(path), std::move(handlers), events, idle_limit)) {}

ControlSocket::~ControlSocket() { stop(); }

std::expected<void, std::string> ControlSocket::start() { return impl_->start(); }

void ControlSocket::stop() { impl_->stop(); }

std::size_t ControlSocket::clients() const { return impl_->clients.size(); }

}  // namespace oobm::daemon
