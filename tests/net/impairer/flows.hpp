// The connections that pass a link, as a carrier's NAT knows them: a flow begins with a packet of
// the router, is kept alive by packets either way, and is forgotten when it has been idle for too
// long. What belongs to no flow has nowhere to go.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>

#include "tests/net/impairer/packet.hpp"

namespace oobm::netbench {

using Clock = std::chrono::steady_clock;

enum class Direction : std::uint8_t { up, down };  // from the router, to the router

struct Flow {
  Clock::time_point last_seen;
  std::uint32_t packets = 0;
  bool ended = false;  // by a forged reset: nothing more of it passes
};

class Flows {
 public:
  static constexpr std::size_t most = 4'096;  // beyond it the longest idle one is forgotten

  // The flow that the packet belongs to, begun where it may begin one; nullptr where it belongs to
  // none. `idle` zero: no flow is ever forgotten, and every packet may begin one.
  Flow* find(const Packet& packet, Direction direction, Clock::time_point now,
             std::chrono::milliseconds idle);

 private:
  using Key = std::tuple<std::uint8_t, std::uint32_t, std::uint16_t, std::uint32_t, std::uint16_t>;
  void make_room();

  std::map<Key, Flow> flows_;
};

}  // namespace oobm::netbench
