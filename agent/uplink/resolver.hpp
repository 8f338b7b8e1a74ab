// A name is asked of the bearer's own name servers, over the bearer's own interface, and of nobody
// else: the system's resolver answers by way of the main uplink, fails exactly when out-of-band
// access is needed, and tells a third party whom the router talks to.
#pragma once

#include <expected>
#include <functional>
#include <memory>

#include <asio/io_context.hpp>

#include "agent/uplink/addresses.hpp"
#include "agent/uplink/failure.hpp"
#include "agent/uplink/meter.hpp"
#include "agent/uplink/permit.hpp"
#include "agent/uplink/target.hpp"

namespace oobm::uplink {

// One look-up of target.host: A and AAAA together, DNS only (no search list, no aliases, no hosts
// file, no cache). Loop thread only; destroying it ends the look-up without a call.
class Resolver {
 public:
  using Done = std::function<void(std::expected<Addresses, Failure>)>;

  // `loop`, `permit`, `target` and what `meter` counts into must outlive the resolver.
  Resolver(asio::io_context& loop, Permit& permit, const Target& target, Meter meter);
  ~Resolver();

  // Calls `done` once, possibly before it returns, with addresses in the order to try. Errors:
  // those of layer dns, and whatever kept a socket from being made (permit_refused,
  // interface_missing, bind_failed).
  void start(Done done);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::uplink
