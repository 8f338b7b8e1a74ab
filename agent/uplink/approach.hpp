// How a server is reached: its name becomes addresses, addresses become attempts, and the first
// attempt that connects wins (RFC 8305, Happy Eyeballs version 2). A family that leads nowhere, or
// one server of several that is down, then costs seconds and not the whole of a time limit, and a
// name server that is down costs a router nothing that has reached this host before.
//
// Permission is asked before each socket of each attempt. A refusal, or an interface that is gone,
// ends the approach: no other address mends it.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/gate.hpp"
#include "agent/uplink/meter.hpp"
#include "agent/uplink/permit.hpp"
#include "agent/uplink/target.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink {

// Loop thread only; destroying it closes every attempt that is under way, without a call.
class Approach {
 public:
  struct Reached {
    UniqueFd socket;  // connected
    asio::ip::tcp::endpoint remote;
    bool remembered = false;                // a remembered address, which DNS had not given by then
    std::chrono::milliseconds dns_time{0};  // until there was an address to try
    std::chrono::milliseconds tcp_time{0};  // of the attempt that won
  };
  using Done = std::function<void(std::expected<Reached, Failure>)>;

  // What is passed by reference, and what `meter` counts into, must outlive the approach.
  Approach(asio::io_context& loop, Permit& permit, const Target& target, const Timeouts& timeouts,
           Meter meter);
  ~Approach();
  Approach(const Approach&) = delete;
  Approach& operator=(const Approach&) = delete;

  // Calls `done` once, possibly before it returns; `done` MUST NOT destroy the approach. Errors:
  // where no address was found, DNS's; else of the address that came furthest: a server that
  // refuses says more than a missing route.
  void start(Done done);

  // Closes every attempt that is under way; `done` is not called. Anywhere, `done` included.
  void cancel();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::uplink
