// What each byte of an MQTT stream is spent on. A packet says what it is by its type, but for a
// PUBLISH and its PUBACK: those are for what their sender said they are, and come in the order in
// which it said so (MQTT 3.1.1 section 4.6: acknowledgements come in the order of the messages).
//
// Pure: bytes in, shares out; constant memory but for the queue; any split of the stream gives the
// same sums. It judges nothing: a stream that makes no sense ends elsewhere.
// MQTT 3.1.1 sections 2.2 (fixed header) and 2.2.3 (remaining length).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>

#include "agent/uplink/traffic.hpp"

namespace oobm::uplink {

// Messages whose kind was told and that have not passed yet; what is beyond counts as a task.
inline constexpr std::size_t max_expected_uses = 256;

class UseFollower {
 public:
  enum class Way : std::uint8_t { outbound, inbound };
  explicit UseFollower(Way way) : way_(way) {}

  // The next message that we publish, and in the other direction its PUBACK, is for this.
  void expect(Use use);

  // Divides the bytes among the packets that they belong to, in their order.
  void feed(std::span<const std::uint8_t> bytes,
            const std::function<void(Use use, std::size_t bytes)>& share);

 private:
  Use use_of(std::uint8_t type);
  void take_length(std::uint8_t byte);

  enum class Expect : std::uint8_t { first_byte, length, body };
  Way way_;
  Expect expect_ = Expect::first_byte;
  Use use_ = Use::upkeep;
  std::uint32_t remaining_ = 0;
  unsigned shift_ = 0;
  std::deque<Use> expected_;
};

}  // namespace oobm::uplink
