// A network socket is made in one place, in one order: permission, socket, interface, proof that it
// is tied there. What fails any of them does not exist.
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/permit.hpp"
#include "agent/uplink/target.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink {

// A non-blocking, close-on-exec socket bound to `target.interface` (SO_BINDTODEVICE, read back).
// `family`: AF_INET or AF_INET6. `type`: SOCK_STREAM or SOCK_DGRAM. Errors: permit_refused,
// interface_missing, bind_failed, route_unreachable (no such address family), local_error. No
// privilege is needed from Linux 5.7 on.
std::expected<UniqueFd, Failure> make_bound_socket(Permit& permit, const Target& target, int family,
                                                   int type);

// The longest segment that fits a bearer with this MTU, in bytes; `mtu` 0: default_mtu.
int segment_size(int mtu, int family);

// For a stream that make_bound_socket() made, before it connects: TCP_NODELAY (a small record must
// not wait for the acknowledgement of the one before), TCP_USER_TIMEOUT of `unacknowledged`, and
// TCP_MAXSEG of segment_size(), since the messages that would tell of a smaller MTU on the way are
// often dropped (RFC 2923). TCP's own keepalive stays off: MQTT has one, and two wake the radio
// twice. Errors: local_error.
std::expected<void, Failure> set_tcp_options(int fd, int family, int mtu,
                                             std::chrono::milliseconds unacknowledged);

// The failure that a socket's errno stands for; `what` leads the detail ("connect to
// 192.0.2.1:8883").
Failure socket_failure(int error, std::string what);

}  // namespace oobm::uplink
