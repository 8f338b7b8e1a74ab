#include "agent/uplink/bound_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "agent/uplink/interface_families.hpp"
#include "agent/uplink/limits.hpp"

namespace oobm::uplink {
namespace {

std::string errno_text(int error) { return std::generic_category().message(error); }

std::expected<void, Failure> bind_to_interface(int fd, const std::string& interface) {
  if (interface.empty() || interface.size() >= IFNAMSIZ) {
    return std::unexpected(
        failure(Code::interface_missing, "\"" + interface + "\" cannot be an interface name"));
  }
  const auto length = static_cast<socklen_t>(interface.size() + 1);
  if (::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), length) != 0) {
    const Code code = errno == ENODEV ? Code::interface_missing : Code::bind_failed;
    return std::unexpected(failure(code, interface + ": " + errno_text(errno)));
  }
  return {};
}

std::expected<void, Failure> verify_bound(int fd, const std::string& interface) {
  std::array<char, IFNAMSIZ> bound{};
  auto length = static_cast<socklen_t>(bound.size());
  if (::getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, bound.data(), &length) != 0 ||
      std::string_view(bound.data()) != interface) {
    return std::unexpected(failure(Code::bind_failed, "bound to \"" + std::string(bound.data()) +
                                                          "\" in place of " + interface));
  }
  return {};
}

// On an interface without an address of its own the kernel would send with another one's: the main
// WAN's, by which the answer would then come.
bool has_address(const std::string& interface, int family) {
  const auto families = interface_families(interface);
  return family == AF_INET6 ? families.v6 : families.v4;
}

bool set(int fd, int level, int option, int value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

std::expected<UniqueFd, Failure> make_bound_socket(Permit& permit, const Target& target, int family,
                                                   int type) {
  if (const auto allowed = permit.may_connect(target); !allowed) {
    const Refusal& refusal = allowed.error();
    return std::unexpected(failure(Code::permit_refused, refusal.code + ": " + refusal.sentence));
  }
  UniqueFd fd(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(socket_failure(errno, "socket"));
  auto bound = bind_to_interface(fd.get(), target.interface).and_then([&] {
    return verify_bound(fd.get(), target.interface);
  });
  if (!bound) return std::unexpected(std::move(bound.error()));
  if (!has_address(target.interface, family)) {
    return std::unexpected(
        failure(Code::route_unreachable, target.interface + ": it has no address"));
  }
  return fd;
}

int segment_size(int mtu, int family) {
  const int link = std::clamp(mtu == 0 ? default_mtu : mtu, least_mtu, most_mtu);
  return link - (family == AF_INET6 ? headers_v6 : headers_v4);
}

std::expected<void, Failure> set_tcp_options(int fd, int family, int mtu,
                                             std::chrono::milliseconds unacknowledged) {
  if (set(fd, IPPROTO_TCP, TCP_NODELAY, 1) && set(fd, SOL_SOCKET, SO_KEEPALIVE, 0) &&
      set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(unacknowledged.count())) &&
      set(fd, IPPROTO_TCP, TCP_MAXSEG, segment_size(mtu, family))) {
    return {};
  }
  return std::unexpected(failure(Code::local_error, "TCP options: " + errno_text(errno)));
}

Failure socket_failure(int error, std::string what) {
  struct Row {
    int error;
    Code code;
  };
  static constexpr std::array rows = std::to_array<Row>({
      {ECONNREFUSED, Code::tcp_refused},
      {ETIMEDOUT, Code::tcp_timeout},
      {ECONNRESET, Code::tcp_reset},
      {ECONNABORTED, Code::tcp_reset},
      {EPIPE, Code::tcp_reset},
      {ENETUNREACH, Code::route_unreachable},
      {EHOSTUNREACH, Code::route_unreachable},
      {ENETDOWN, Code::route_unreachable},
      {EADDRNOTAVAIL, Code::route_unreachable},
      {EAFNOSUPPORT, Code::route_unreachable},
      {ENODEV, Code::interface_missing},
      {ENXIO, Code::interface_missing},
  });
  Code code = Code::local_error;
  for (const Row& row : rows) {
    if (row.error == error) code = row.code;
  }
  return failure(code, std::move(what) + ": " + errno_text(error));
}

}  // namespace oobm::uplink
