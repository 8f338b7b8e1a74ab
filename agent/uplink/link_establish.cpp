// How a link comes to stand: resolve, connect, TLS, and the hand-over of the plain end.
#include <array>
#include <cerrno>
#include <optional>
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

}  // namespace

asio::awaitable<Link::Impl::Outcome> Link::Impl::establish() {
  // A target that cannot be reached for a reason of our own is not worth a socket.
  auto identity = TlsIdentity::load(request_.tls);
  if (!identity) co_return std::unexpected(std::move(identity.error()));
  identity_ = std::move(*identity);
  auto secured = co_await connect_and_secure();
  while (!secured && !closed_ && change_offer(secured.error())) {
    request_.target.static_addresses = {remote_.address().to_string()};
    secured = co_await connect_and_secure();
  }
  if (!secured) co_return secured;
  co_return hand_over();
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::connect_and_secure() {
  tls_.reset();
  if (auto connected = co_await connect(); !connected) co_return connected;
  if (auto opened = open_channel(); !opened) co_return opened;
  co_return co_await secure();
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::connect() {
  spend_on(Use::dns);
  std::optional<std::expected<Approach::Reached, Failure>> outcome;
  Approach approach(gate_->loop, gate_->permit, request_.target, request_.timeouts, meter_);
  // The timer is the event to wait for: the outcome cancels it, and so does the end of the link.
  disarm_deadline();
  deadline_.expires_at(Clock::time_point::max());
  approach_ = &approach;
  approach.start([&](std::expected<Approach::Reached, Failure> reached) {
    outcome = std::move(reached);
    deadline_.cancel();
  });
  while (!outcome && !closed_) co_await deadline_.async_wait(tuple_awaitable);
  approach_ = nullptr;
  // Both may have come in the same turn of the loop: a link that was ended sends nothing more.
  if (!outcome || closed_) co_return std::unexpected(failure(Code::stopped));
  if (!*outcome) co_return std::unexpected(std::move(outcome->error()));
  take(**outcome);
  co_return Outcome{};
}

void Link::Impl::take(Approach::Reached& reached) {
  asio::error_code ignored;
  wire_.close(ignored);
  wire_.assign(reached.socket.release());
  spending_.headers_seen = {};
  remote_ = reached.remote;
  info_.remote_address = endpoint_text(reached.remote);
  info_.remembered = info_.remembered || reached.remembered;
  if (reached.dns_time > std::chrono::milliseconds(0)) info_.dns_time = reached.dns_time;
  info_.tcp_time = reached.tcp_time;
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
  begin_to_carry();
  last_received_ = Clock::now();
  if (handlers_.on_ready) {
    // A copy: the handler may destroy the link, and itself with it.
    const auto on_ready = handlers_.on_ready;
    on_ready(info_, std::move(theirs));
  }
  return {};
}

}  // namespace oobm::uplink
