#include "agent/uplink/paho_connect_wrap.hpp"

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace oobm::uplink {
namespace {

constexpr in_addr_t sentinel_address = 0x7FFFFFFE;  // 127.255.255.254

// Descriptors that wait for their connect(), by ticket number.
struct Armed {
  std::mutex mutex;
  std::map<std::uint16_t, UniqueFd> ends;
  std::uint16_t last = 0;
};

// Never destroyed: a library thread may still call connect() while the program ends.
Armed& armed() {
  static auto* instance = new Armed;
  return *instance;
}

std::uint16_t arm(UniqueFd end) {
  Armed& all = armed();
  const std::lock_guard lock(all.mutex);
  do {
    ++all.last;
  } while (all.last == 0 || all.ends.contains(all.last));
  all.ends.emplace(all.last, std::move(end));
  return all.last;
}

UniqueFd take(std::uint16_t number) {
  Armed& all = armed();
  const std::lock_guard lock(all.mutex);
  auto node = all.ends.extract(number);
  return node.empty() ? UniqueFd() : std::move(node.mapped());
}

std::optional<std::uint16_t> ticket_in(const sockaddr* address, socklen_t length) {
  sockaddr_in v4{};
  if (address == nullptr || length < sizeof v4 || address->sa_family != AF_INET) return {};
  std::memcpy(&v4, address, sizeof v4);
  if (ntohl(v4.sin_addr.s_addr) != sentinel_address) return {};
  return ntohs(v4.sin_port);
}

void widen_send_buffer(int fd) {
  // SO_SNDBUFFORCE needs a capability that the daemon may have dropped; SO_SNDBUF is capped.
  const int wanted = paho_send_buffer_bytes;
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
  }
}

// Replaces `fd` by the descriptor that waits for `number`.
int answer_connect(int fd, std::uint16_t number) {
  const UniqueFd end = take(number);
  if (!end) {
    errno = ECONNREFUSED;
    return -1;
  }
  return ::dup3(end.get(), fd, O_CLOEXEC) < 0 ? -1 : 0;
}

}  // namespace

ConnectTicket::ConnectTicket(UniqueFd end) : number_(0) {
  widen_send_buffer(end.get());
  number_ = arm(std::move(end));
}

ConnectTicket::~ConnectTicket() { take(number_); }

std::string ConnectTicket::uri() const {
  return "tcp://127.255.255.254:" + std::to_string(number_);
}

}  // namespace oobm::uplink

// The linker's names: --wrap=connect sends every call of connect() to __wrap_connect and offers the
// C library's own as __real_connect.
extern "C" {
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the linker's name
int __real_connect(int fd, const sockaddr* address, socklen_t length);

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the linker's name
int __wrap_connect(int fd, const sockaddr* address, socklen_t length) {
  if (const auto number = oobm::uplink::ticket_in(address, length)) {
    return oobm::uplink::answer_connect(fd, *number);
  }
  return __real_connect(fd, address, length);
}
}
