// One link that does to packets what its settings say. It reads no clock and no device: packets and
// the time come in, packets come out when their time has come, and the same seed with the same
// input gives the same output.
//
// Within one direction packets stay in order, however large the jitter, except those that `reorder`
// picks: they overtake all that waits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "tests/net/impairer/flows.hpp"
#include "tests/net/impairer/packet.hpp"
#include "tests/net/impairer/settings.hpp"

namespace oobm::netbench {

// What happened to packets since the start.
struct Counts {
  std::array<std::uint64_t, 2> taken{};  // by Direction
  std::array<std::uint64_t, 2> taken_bytes{};
  std::array<std::uint64_t, 2> delivered{};
  std::array<std::uint64_t, 2> delivered_bytes{};
  std::uint64_t lost = 0;
  std::uint64_t swallowed = 0;  // by the black hole, or sent to the deaf port
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t forgotten = 0;   // belonged to no flow that the NAT remembers
  std::uint64_t resets = 0;      // forged
  std::uint64_t overflowed = 0;  // the queue was full
  std::uint64_t unreadable = 0;  // no IPv4 packet
};
// As a JSON object.
std::string to_json(const Counts& counts);

class Impairer {
 public:
  using Out = std::function<void(Direction, BytesView)>;
  // Packets under way in each direction; what comes on top is dropped, as a router would.
  static constexpr std::size_t queue_packets = 500;

  explicit Impairer(std::uint64_t seed) : random_(seed) {}

  Settings settings;

  void take(Direction direction, BytesView bytes, Clock::time_point now);
  // Hands out all that is due.
  void deliver(Clock::time_point now, const Out& out);
  // When something is next due.
  [[nodiscard]] std::optional<Clock::time_point> next() const;
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  struct Waiting {
    Clock::time_point due;
    std::uint64_t number = 0;
    Direction direction = Direction::up;
    Bytes bytes;
    bool operator<(const Waiting& other) const {
      return std::tie(due, number) < std::tie(other.due, other.number);
    }
  };
  struct Lane {
    Clock::time_point free_at;   // its transmitter has sent all before
    Clock::time_point last_due;  // of what stays in order
    std::size_t waiting = 0;
  };

  bool chance(double percent);
  // Whether the packet goes on; a NAT or a peer that resets may end it here.
  bool passes_flows(Direction direction, const Packet& packet, Clock::time_point now);
  void reset_both(Direction direction, const Packet& packet, Clock::time_point now);
  void send(Direction direction, Bytes bytes, Clock::time_point now);
  Clock::time_point due(Lane& lane, std::size_t bytes, Clock::time_point now);

  std::mt19937_64 random_;
  Flows flows_;
  Counts counts_;
  std::array<Lane, 2> lanes_;
  std::uint64_t numbers_ = 0;
  std::set<Waiting> waiting_;
};

}  // namespace oobm::netbench
