// A name is asked of the bearer's own name servers, over the bearer's own interface, and of nobody
// else: the system's resolver answers by way of the main uplink, fails exactly when out-of-band
// access is needed, and tells a third party whom the router talks to.
#pragma once

#include <cstdint>
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

enum class Family : std::uint8_t { v4, v6 };

// One look-up of target.host: A and AAAA are asked together, as far as the interface has an address
// of that family, and answered apart (RFC 8305 section 3). DNS alone, RFC 1035: no search list, no
// aliases, no hosts file, no cache, and nothing of what the environment or the system's
// configuration says about names. Loop thread only; destroying it ends the look-up without a call.
class Resolver {
 public:
  using Answered = std::function<void(Family, std::expected<Addresses, Failure>)>;

  // `loop`, `permit`, `target` and what `meter` counts into must outlive the resolver.
  Resolver(asio::io_context& loop, Permit& permit, const Target& target, Meter meter);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls `answered` once for each family, possibly before it returns, with at least one address.
  // `answered` MUST NOT destroy the resolver. Errors: those of layer dns, and whatever kept a
  // socket from being made (permit_refused, interface_missing, bind_failed).
  void start(Answered answered);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::uplink
