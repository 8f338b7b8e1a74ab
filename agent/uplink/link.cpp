#include "agent/uplink/link.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <asio/as_tuple.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/uplink/bound_socket.hpp"
#include "agent/uplink/limits.hpp"

namespace oobm::uplink {
namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
// So many chunks in a row before the loop gets a turn.
constexpr int chunks_before_yield = 16;

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

}  // namespace

Link::Impl::Impl(std::shared_ptr<GateContext> gate, std::shared_ptr<Traffic> interface_traffic,
                 LinkRequest request, LinkHandlers handlers)
    : gate_(std::move(gate)),
      interface_traffic_(std::move(interface_traffic)),
      meter_(traffic_, *interface_traffic_),
      request_(std::move(request)),
      handlers_(std::move(handlers)),
      wire_(gate_->loop),
      plain_(gate_->loop),
      deadline_(gate_->loop) {}

void Link::Impl::start() {
  info_.interface = request_.target.interface;
  asio::co_spawn(gate_->loop, run(shared_from_this()), guard());
}

// What throws here is the kernel refusing one more descriptor to watch, or memory.
std::function<void(std::exception_ptr)> Link::Impl::guard() {
  return [self = shared_from_this()](const std::exception_ptr& thrown) {
    if (thrown) self->end(failure(Code::local_error, "out of descriptors or memory"));
  };
}

asio::awaitable<void> Link::Impl::run(std::shared_ptr<Impl> self) {
  auto established = co_await self->establish();
  if (!established) {
    self->end(std::move(established.error()));
    co_return;
  }
  if (self->closed_) co_return;
  asio::co_spawn(self->gate_->loop, run_outbound(self), self->guard());
  co_await self->inbound();
}

asio::awaitable<void> Link::Impl::run_outbound(std::shared_ptr<Impl> self) {
  co_await self->outbound();
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::establish() {
  // A target that cannot be reached for a reason of our own is not worth a socket.
  auto identity = TlsIdentity::load(request_.tls);
  if (!identity) co_return std::unexpected(std::move(identity.error()));
  identity_ = std::move(*identity);
  const auto addresses = co_await resolve();
  if (!addresses) co_return std::unexpected(addresses.error());
  auto secured = co_await connect_and_secure(*addresses);
  const bool lesson = !secured && tls_ && tls_->offer_unsuited() && !closed_ &&
                      gate_->tls12_servers.size() < max_tls12_servers;
  if (lesson && gate_->tls12_servers.insert(server_name()).second) {
    secured = co_await connect_and_secure(*addresses);
  }
  if (!secured) co_return secured;
  co_return hand_over();
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::connect_and_secure(const Addresses& addresses) {
  tls_.reset();
  if (auto connected = co_await connect(addresses); !connected) co_return connected;
  if (auto opened = open_channel(); !opened) co_return opened;
  co_return co_await secure();
}

Link::Impl::Outcome Link::Impl::open_channel() {
  const auto now = gate_->trusted_time ? gate_->trusted_time() : std::nullopt;
  const bool tls12 = gate_->tls12_servers.contains(server_name());
  auto channel = TlsChannel::create(identity_, CertificateJudge(now, request_.tls.wrong_dates),
                                    request_.target.host, wire_.native_handle(), meter_,
                                    tls12 ? TlsOffer::tls12 : TlsOffer::newest);
  if (!channel) return std::unexpected(std::move(channel.error()));
  tls_ = std::move(*channel);
  return {};
}

std::string Link::Impl::server_name() const {
  return request_.target.host + ":" + std::to_string(request_.target.port);
}

asio::awaitable<std::expected<Addresses, Failure>> Link::Impl::resolve() {
  auto known = known_addresses(request_.target);
  if (!known || !known->empty()) co_return known;
  const auto start = Clock::now();
  std::optional<std::expected<Addresses, Failure>> answer;
  Resolver resolver(gate_->loop, gate_->permit, request_.target, meter_);
  arm_deadline(request_.timeouts.dns);
  resolver.start([&](std::expected<Addresses, Failure> result) {
    answer = std::move(result);
    deadline_.cancel();
  });
  // The timer is the event to wait for: the answer cancels it, and so does the end of the link.
  while (!answer && !expired_ && !closed_) {
    co_await deadline_.async_wait(tuple_awaitable);
  }
  disarm_deadline();
  info_.dns_time = since(start);
  if (answer) co_return std::move(*answer);
  co_return std::unexpected(failure(Code::dns_timeout, request_.target.host));
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::connect(const Addresses& addresses) {
  Outcome outcome = std::unexpected(failure(Code::dns_no_such_name, request_.target.host));
  for (const auto& address : addresses) {
    outcome = co_await connect_to({address, request_.target.port});
    if (outcome || closed_) co_return outcome;
    // Another address mends neither a refusal nor a missing interface.
    const Layer layer = outcome.error().layer;
    if (layer == Layer::permit || layer == Layer::interface) co_return outcome;
  }
  co_return outcome;
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::connect_to(const asio::ip::tcp::endpoint& remote) {
  const auto start = Clock::now();
  const int family = remote.address().is_v6() ? AF_INET6 : AF_INET;
  auto made = make_bound_socket(gate_->permit, request_.target, family, SOCK_STREAM);
  if (!made) co_return std::unexpected(std::move(made.error()));
  asio::error_code ignored;
  wire_.close(ignored);
  wire_.assign(made->release());
  info_.remote_address = endpoint_text(remote);
  const int fd = wire_.native_handle();
  if (::connect(fd, remote.data(), static_cast<socklen_t>(remote.size())) != 0) {
    if (errno != EINPROGRESS)
      co_return std::unexpected(socket_failure(errno, info_.remote_address));
    arm_deadline(request_.timeouts.tcp);
    const bool answered = co_await ready(wire_, WaitType::wait_write);
    disarm_deadline();
    if (!answered) co_return std::unexpected(failure(Code::tcp_timeout, info_.remote_address));
    if (const int error = pending_error(fd); error != 0) {
      co_return std::unexpected(socket_failure(error, info_.remote_address));
    }
  }
  info_.tcp_time = since(start);
  co_return Outcome{};
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::secure() {
  const auto start = Clock::now();
  arm_deadline(request_.timeouts.tls);
  for (;;) {
    const TlsStep step = tls_->handshake();
    if (step.kind == TlsStep::Kind::done) break;
    if (step.kind == TlsStep::Kind::failed) co_return std::unexpected(*step.failure);
    if (step.kind == TlsStep::Kind::closed) {
      co_return std::unexpected(failure(Code::peer_closed, "during the TLS handshake"));
    }
    if (!co_await satisfy(step.kind)) {
      co_return std::unexpected(failure(Code::tls_timeout, info_.remote_address));
    }
  }
  disarm_deadline();
  info_.tls_time = since(start);
  co_return Outcome{};
}

void Link::Impl::describe_socket() {
  asio::ip::tcp::endpoint local;
  auto length = static_cast<socklen_t>(local.capacity());
  if (::getsockname(wire_.native_handle(), local.data(), &length) == 0) {
    local.resize(length);
    info_.local_address = endpoint_text(local);
  }
  info_.tls_version = tls_->version();
  info_.cipher_suite = tls_->cipher_suite();
  info_.date_problem = tls_->judge().date_problem();
  info_.dates_ok = !info_.date_problem;
  info_.server_not_after = tls_->judge().server_not_after();
}

Link::Impl::Outcome Link::Impl::hand_over() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected(socket_failure(errno, "socketpair"));
  }
  UniqueFd theirs(ends[1]);
  plain_.assign(ends[0]);
  describe_socket();
  last_received_ = Clock::now();
  if (handlers_.on_ready) {
    // A copy: the handler may destroy the link, and itself with it.
    const auto on_ready = handlers_.on_ready;
    on_ready(info_, std::move(theirs));
  }
  return {};
}

asio::awaitable<void> Link::Impl::inbound() {
  std::array<std::uint8_t, inbound_chunk_bytes> buffer;
  int in_a_row = 0;
  while (!closed_) {
    TlsStep step = tls_->read(buffer);
    using enum TlsStep::Kind;
    if (step.kind == done) {
      const auto bytes = std::span<const std::uint8_t>(buffer).first(step.bytes);
      if (!co_await accept_inbound(bytes)) co_return;
      if (++in_a_row % chunks_before_yield == 0)
        co_await asio::post(gate_->loop, asio::use_awaitable);
    } else if (step.kind == want_read || step.kind == want_write) {
      in_a_row = 0;
      if (co_await satisfy(step.kind)) continue;
      co_return end(failure(Code::stopped));  // the peer's own FIN did not come in time
    } else if (leaving_) {
      co_return end(failure(Code::stopped));
    } else if (step.kind == closed) {
      co_return end(failure(Code::peer_closed));
    } else {
      co_return end(std::move(*step.failure));
    }
  }
}

asio::awaitable<bool> Link::Impl::accept_inbound(std::span<const std::uint8_t> bytes) {
  last_received_ = Clock::now();
  meter_.payload_received(bytes.size());
  if (request_.carries == Carries::opaque) {
    co_await deliver(bytes);
    co_return !closed_;
  }
  const auto [accepted, verdict] = follower_.feed(bytes);
  if (verdict == PacketFollower::Verdict::ok) {
    co_await deliver(bytes);
    co_return !closed_;
  }
  const bool large = verdict == PacketFollower::Verdict::too_large;
  end(large ? failure(Code::mqtt_packet_too_large, std::to_string(follower_.announced_bytes()) +
                                                       " bytes announced, at most " +
                                                       std::to_string(max_inbound_packet_bytes))
            : failure(Code::mqtt_protocol, "impossible packet header from the broker"));
  co_return false;
}

asio::awaitable<void> Link::Impl::deliver(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty() && !leaving_ && !closed_) {
    const auto n = ::send(plain_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    } else if (would_block()) {
      co_await ready(plain_, WaitType::wait_write);
    } else {
      co_return;  // the application has closed its end; outbound() sees it and leaves
    }
  }
}

asio::awaitable<void> Link::Impl::outbound() {
  std::array<std::uint8_t, outbound_chunk_bytes> buffer;
  while (!closed_) {
    const auto n = ::recv(plain_.native_handle(), buffer.data(), buffer.size(), 0);
    if (n > 0) {
      const auto bytes = std::span<const std::uint8_t>(buffer).first(static_cast<std::size_t>(n));
      if (!co_await send(bytes)) co_return;
    } else if (n < 0 && would_block()) {
      co_await ready(plain_, WaitType::wait_read);
    } else {
      // Zero, or ECONNRESET when the application closed with bytes of ours unread.
      co_await leave();
      co_return;
    }
  }
}

asio::awaitable<bool> Link::Impl::send(std::span<const std::uint8_t> bytes) {
  meter_.payload_sent(bytes.size());
  while (!bytes.empty() && !closed_) {
    TlsStep step = tls_->write(bytes);
    if (step.kind == TlsStep::Kind::done) {
      bytes = bytes.subspan(step.bytes);
    } else if (step.kind == TlsStep::Kind::failed || step.kind == TlsStep::Kind::closed) {
      end(step.failure ? std::move(*step.failure) : failure(Code::peer_closed));
    } else if (!co_await satisfy(step.kind)) {
      co_return false;
    }
  }
  co_return !closed_;
}

asio::awaitable<void> Link::Impl::leave() {
  leaving_ = true;
  arm_deadline(linger_limit);
  for (;;) {
    const TlsStep step = tls_->close_notify();
    if (step.kind != TlsStep::Kind::want_write && step.kind != TlsStep::Kind::want_read) break;
    if (!co_await satisfy(step.kind)) co_return end(failure(Code::stopped));
  }
  ::shutdown(wire_.native_handle(), SHUT_WR);  // inbound() waits for the peer's FIN
}

asio::awaitable<bool> Link::Impl::ready(asio::posix::stream_descriptor& descriptor, WaitType type) {
  if (closed_ || expired_) co_return false;
  co_await descriptor.async_wait(type, tuple_awaitable);
  co_return !closed_ && !expired_;
}

asio::awaitable<bool> Link::Impl::satisfy(TlsStep::Kind want) {
  const auto type = want == TlsStep::Kind::want_read ? WaitType::wait_read : WaitType::wait_write;
  co_return co_await ready(wire_, type);
}

void Link::Impl::arm_deadline(std::chrono::milliseconds limit) {
  expired_ = false;
  deadline_.expires_after(limit);
  deadline_.async_wait(
      [weak = weak_from_this(), number = ++deadline_number_](const asio::error_code& error) {
        const auto me = weak.lock();
        if (error || !me || me->deadline_number_ != number) return;
        me->expired_ = true;
        asio::error_code ignored;
        me->wire_.cancel(ignored);
      });
}

void Link::Impl::disarm_deadline() {
  expired_ = false;
  ++deadline_number_;
  deadline_.cancel();
}

void Link::Impl::abort(Failure reason) {
  if (closed_) return;
  // What the kernel still holds must not leave either: an abortive close sends a reset alone.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (wire_.is_open()) {
    ::setsockopt(wire_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  end(std::move(reason));
}

void Link::Impl::forget() { handlers_ = {}; }

void Link::Impl::end(Failure failure) {
  if (std::exchange(closed_, true)) return;
  end_reason_ = std::move(failure);
  asio::error_code ignored;
  wire_.close(ignored);
  plain_.close(ignored);
  disarm_deadline();
  tls_.reset();
  asio::post(gate_->loop, [self = shared_from_this()] {
    const auto on_closed = std::exchange(self->handlers_, {}).on_closed;
    if (on_closed) on_closed(*self->end_reason_);
  });
}

std::chrono::milliseconds Link::Impl::since_last_received() const {
  return last_received_ == Clock::time_point{} ? std::chrono::milliseconds(0)
                                               : since(last_received_);
}

}  // namespace oobm::uplink
