#include "agent/uplink/interface_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "agent/uplink/rtnetlink.hpp"

namespace oobm::uplink {
namespace {

constexpr std::size_t aligned(std::size_t length) { return (length + 3U) & ~std::size_t{3}; }

// The structure that `bytes` begin with; nothing when they are too short.
template <class T>
std::optional<T> head(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::span<const std::byte> beyond(std::span<const std::byte> bytes, std::size_t length) {
  return bytes.subspan(std::min(aligned(length), bytes.size()));
}

bool link_lost(std::uint16_t type, std::span<const std::byte> body, const LocalEnd& end) {
  const auto link = head<ifinfomsg>(body);
  if (!link || link->ifi_index != end.interface_index) return false;
  return type == RTM_DELLINK || (link->ifi_flags & IFF_UP) == 0;
}

bool same_address(std::span<const std::byte> payload, const asio::ip::address& address) {
  const auto equals = [payload](const auto& bytes) {
    return payload.size() == bytes.size() &&
           std::memcmp(payload.data(), bytes.data(), bytes.size()) == 0;
  };
  return address.is_v4() ? equals(address.to_v4().to_bytes()) : equals(address.to_v6().to_bytes());
}

// On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL ours; IPv6 has IFA_ADDRESS
// alone (linux/if_addr.h).
bool address_lost(std::span<const std::byte> body, const LocalEnd& end) {
  const auto about = head<ifaddrmsg>(body);
  if (!about || static_cast<int>(about->ifa_index) != end.interface_index) return false;
  const auto wanted = about->ifa_family == AF_INET ? IFA_LOCAL : IFA_ADDRESS;
  auto rest = beyond(body, sizeof(ifaddrmsg));
  while (const auto attribute = head<rtattr>(rest)) {
    if (attribute->rta_len < sizeof(rtattr) || attribute->rta_len > rest.size()) return false;
    const auto payload = rest.first(attribute->rta_len).subspan(sizeof(rtattr));
    if (attribute->rta_type == wanted && same_address(payload, end.address)) return true;
    rest = beyond(rest, attribute->rta_len);
  }
  return false;
}

constexpr std::uint32_t groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

}  // namespace

bool says_lost(std::span<const std::byte> messages, const LocalEnd& end) {
  while (const auto message = head<nlmsghdr>(messages)) {
    if (message->nlmsg_len < sizeof(nlmsghdr) || message->nlmsg_len > messages.size()) return false;
    const auto body = messages.first(message->nlmsg_len).subspan(sizeof(nlmsghdr));
    const auto type = message->nlmsg_type;
    if ((type == RTM_DELLINK || type == RTM_NEWLINK) && link_lost(type, body, end)) return true;
    if (type == RTM_DELADDR && address_lost(body, end)) return true;
    messages = beyond(messages, message->nlmsg_len);
  }
  return false;
}

InterfaceWatch::InterfaceWatch(asio::io_context& loop, std::string interface,
                               asio::ip::address address, std::function<void(Failure)> lost)
    : interface_(std::move(interface)),
      end_{static_cast<int>(::if_nametoindex(interface_.c_str())), std::move(address)},
      lost_(std::move(lost)),
      kernel_(loop) {
  const int fd = end_.interface_index > 0 ? open_rtnetlink(groups) : -1;
  if (fd < 0) return;
  kernel_.assign(fd);
  wait();
}

void InterfaceWatch::wait() {
  kernel_.async_wait(asio::posix::descriptor_base::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const asio::error_code& error) {
                       if (!error && alive.lock()) look();
                     });
}

void InterfaceWatch::look() {
  std::array<std::byte, rtnetlink_read_bytes> buffer;
  for (;;) {
    const auto size = ::recv(kernel_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    bool lost =
        size > 0 && says_lost(std::span(buffer).first(static_cast<std::size_t>(size)), end_);
    // Messages that found no room are lost: whether the interface is the same can still be asked.
    if (size < 0 && errno == ENOBUFS)
      lost = static_cast<int>(::if_nametoindex(interface_.c_str())) != end_.interface_index;
    else if (size <= 0)
      return wait();
    if (!lost) continue;
    kernel_.close();
    // The handler may destroy the watch, and itself with it.
    const auto tell = std::exchange(lost_, {});
    return tell(failure(Code::interface_missing, interface_ + " went down while in use"));
  }
}

}  // namespace oobm::uplink
