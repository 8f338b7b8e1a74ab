// A network socket is made in one place, in one order: permission, socket, interface, proof that it
// is tied there. What fails any of them does not exist.
#pragma once

#include <expected>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/permit.hpp"
#include "agent/uplink/target.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink {

// A non-blocking, close-on-exec socket bound to `target.interface` (SO_BINDTODEVICE, read back).
// `family`: AF_INET or AF_INET6. `type`: SOCK_STREAM (with TCP_NODELAY and TCP_USER_TIMEOUT) or
// SOCK_DGRAM. Errors: permit_refused, interface_missing, bind_failed, route_unreachable (no such
// address family), local_error. No privilege is needed from Linux 5.7 on.
std::expected<UniqueFd, Failure> make_bound_socket(Permit& permit, const Target& target, int family,
                                                   int type);

// The failure that a socket's errno stands for; `what` leads the detail ("connect to
// 192.0.2.1:8883").
Failure socket_failure(int error, std::string what);

}  // namespace oobm::uplink
