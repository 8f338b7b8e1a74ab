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

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Link::Impl::Impl(std::shared_ptr<GateContext> gate,
                 std::shared_ptr<InterfaceTraffic> interface_traffic, LinkRequest request,
                 LinkHandlers handlers)
    : gate_(std::move(gate)),
      interface_traffic_(std::move(interface_traffic)),
      meter_(traffic_, *interface_traffic_, spending_),
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

void Link::Impl::note_received() {
  const auto now = Clock::now();
  const auto limit = request_.silence;
  if (limit > limit.zero() && now - last_received_ >= limit) ++silences_;
  last_received_ = now;
}

asio::awaitable<bool> Link::Impl::accept_inbound(std::span<const std::uint8_t> bytes) {
  note_received();
  count_inbound(bytes);
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
  count_outbound(bytes);
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
  spread_outbound();
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
  count_the_rest();
  asio::error_code ignored;
  if (approach_ != nullptr) approach_->cancel();
  wire_.close(ignored);
  plain_.close(ignored);
  watch_.reset();
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
