// A server that does exactly what a test says, on a thread and a port of its own: TCP alone, or TLS
// first. It stands for everything that a well-behaved broker never does.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink::test {

class Peer {
 public:
  virtual ~Peer() = default;
  // Bytes read; empty at the end of the stream, on an error, or when the server is being stopped.
  virtual std::string read_some() = 0;
  virtual bool write(std::string_view bytes) = 0;
  // The connection's socket.
  virtual int descriptor() const = 0;

  // The kernel sends a reset when the script ends, in place of a FIN and of whatever is unsent.
  void reset();
  // Nothing more is sent, TLS's own last words included; the other direction stays open.
  void half_close();
  // From now on nothing of the other side arrives, nor is acknowledged: as if on a dead link.
  void black_hole();

  // Waits until the other side has closed or the test is over.
  void wait_for_end() {
    while (!read_some().empty()) {
    }
  }

 protected:
  bool abrupt_ = false;  // no last words of TLS
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;
  enum class Kind : std::uint8_t { tcp, tls };

  // Each connection runs `script`, one after the other; it is closed when the script returns.
  ScriptedServer(Kind kind, Script script);
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void run();
  void serve(UniqueFd connection);

  Kind kind_;
  Script script_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace oobm::uplink::test
