// A connection whose interface has gone looks alive until something must be sent, which on a quiet
// session may be a keep-alive later: PPP hangs up, the module vanishes, and the router would be out
// of reach for a quarter of an hour. The kernel says such things at once (rtnetlink(7)), and what
// it says wakes nobody while the network does not change.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "agent/uplink/failure.hpp"

namespace oobm::uplink {

// One end of a connection in the kernel's terms.
struct LocalEnd {
  int interface_index = 0;
  asio::ip::address address;
};

// Whether these messages of the kernel (RFC 3549 section 2.2) say that `end` is no more: its
// interface is gone or down, or has lost the address. Anything that cannot be read says nothing.
bool says_lost(std::span<const std::byte> messages, const LocalEnd& end);

// Watches from its making until `lost` is called, once, from the loop, or until destroyed. Loop
// thread only.
class InterfaceWatch {
 public:
  // `interface` carries `address` now; if it does not exist, or the kernel gives no such socket,
  // there is nothing to watch and `lost` is never called.
  InterfaceWatch(asio::io_context& loop, std::string interface, asio::ip::address address,
                 std::function<void(Failure)> lost);
  InterfaceWatch(const InterfaceWatch&) = delete;
  InterfaceWatch& operator=(const InterfaceWatch&) = delete;

 private:
  void wait();
  void look();

  std::string interface_;
  LocalEnd end_;
  std::function<void(Failure)> lost_;
  asio::posix::stream_descriptor kernel_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what waits for the kernel asks it
};

}  // namespace oobm::uplink
