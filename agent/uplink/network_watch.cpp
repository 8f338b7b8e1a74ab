#include "agent/uplink/network_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "agent/uplink/rtnetlink.hpp"

namespace oobm::uplink {
namespace {

constexpr std::uint32_t groups =
    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;

}  // namespace

NetworkWatch::NetworkWatch(asio::io_context& loop, std::function<void()> changed)
    : NetworkWatch(loop, open_rtnetlink(groups), {}, std::move(changed)) {}

NetworkWatch::NetworkWatch(asio::io_context& loop, int socket, NetworkWatchTiming timing,
                           std::function<void()> changed)
    : timing_(timing), changed_(std::move(changed)), kernel_(loop), settled_(loop) {
  if (socket < 0) return;
  kernel_.assign(socket);
  wait();
}

void NetworkWatch::wait() {
  kernel_.async_wait(asio::posix::descriptor_base::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const asio::error_code& error) {
                       if (!error && alive.lock()) hear();
                     });
}

// What the messages say does not matter: the helper looks anew. Neither does it that some found no
// room (ENOBUFS).
void NetworkWatch::hear() {
  std::array<std::byte, rtnetlink_read_bytes> buffer;
  for (;;) {
    const auto size = ::recv(kernel_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return wait();
    tell_later();
    if (size > 0 || (size < 0 && errno == ENOBUFS)) continue;
    return kernel_.close();
  }
}

void NetworkWatch::tell_later() {
  if (std::exchange(pending_, true)) return;
  auto when = Clock::now() + timing_.settle;
  if (told_) when = std::max(when, *told_ + timing_.least_pause);
  settled_.expires_at(when);
  settled_.async_wait([this, alive = std::weak_ptr(alive_)](const asio::error_code& error) {
    if (error || !alive.lock()) return;
    pending_ = false;
    told_ = Clock::now();
    changed_();
  });
}

}  // namespace oobm::uplink
