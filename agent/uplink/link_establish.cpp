// How a link comes to stand: resolve, connect, TLS, and the hand-over of the plain end.
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <asio/as_tuple.hpp>
#include <asio/use_awaitable.hpp>
#include <sys/socket.h>

#include "agent/uplink/bound_socket.hpp"
#include "agent/uplink/limits.hpp"
#include "agent/uplink/link.hpp"

namespace oobm::uplink {
namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

int pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

}  // namespace

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
    watch_interface(local.address());
  }
  info_.tls_version = tls_->version();
  info_.cipher_suite = tls_->cipher_suite();
  info_.date_problem = tls_->judge().date_problem();
  info_.dates_ok = !info_.date_problem;
  info_.server_not_after = tls_->judge().server_not_after();
}

void Link::Impl::watch_interface(const asio::ip::address& local) {
  watch_.emplace(gate_->loop, request_.target.interface, local,
                 [this](Failure failure) { abort(std::move(failure)); });
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

}  // namespace oobm::uplink
