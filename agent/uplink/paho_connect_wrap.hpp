// The MQTT library insists on making its own TCP connection and cannot be handed a socket. It is
// therefore sent to an address that exists nowhere, and its connect() to that address is answered
// with one end of a socket pair whose other end the gate holds: no port, no listener, nothing that
// another process could reach. Every other address passes through untouched.
//
// The linker redirects connect() for the whole program (--wrap=connect, carried by the build target
// of this library); the MQTT library must be linked statically for that.
#pragma once

#include <cstdint>
#include <string>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink {

// Wanted for the library's end of the pair, since it retries a blocked write only once a second;
// the kernel may grant less (net.core.wmem_max), never less than the publish window needs.
inline constexpr int paho_send_buffer_bytes = 1024 * 1024;

// An address to which exactly one connect() will be answered, with `end`. Destroying it takes the
// descriptor back; a connect() to a spent address is refused (ECONNREFUSED), never sent on.
// Any thread.
class ConnectTicket {
 public:
  explicit ConnectTicket(UniqueFd end);
  ~ConnectTicket();
  ConnectTicket(const ConnectTicket&) = delete;
  ConnectTicket& operator=(const ConnectTicket&) = delete;

  // "tcp://127.255.255.254:<number>"
  std::string uri() const;
  std::uint16_t number() const { return number_; }

 private:
  std::uint16_t number_;
};

}  // namespace oobm::uplink
