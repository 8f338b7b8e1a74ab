#include "tests/net/impairer/impairer.hpp"

#include <algorithm>
#include <utility>

namespace oobm::netbench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }

Direction opposite(Direction direction) {
  return direction == Direction::up ? Direction::down : Direction::up;
}

std::string pair(const std::array<std::uint64_t, 2>& values) {
  return "[" + std::to_string(values[0]) + "," + std::to_string(values[1]) + "]";
}

}  // namespace

std::string to_json(const Counts& c) {
  return R"({"taken":)" + pair(c.taken) + R"(,"taken_bytes":)" + pair(c.taken_bytes) +
         R"(,"delivered":)" + pair(c.delivered) + R"(,"delivered_bytes":)" +
         pair(c.delivered_bytes) + R"(,"lost":)" + std::to_string(c.lost) + R"(,"swallowed":)" +
         std::to_string(c.swallowed) + R"(,"duplicated":)" + std::to_string(c.duplicated) +
         R"(,"reordered":)" + std::to_string(c.reordered) + R"(,"forgotten":)" +
         std::to_string(c.forgotten) + R"(,"resets":)" + std::to_string(c.resets) +
         R"(,"overflowed":)" + std::to_string(c.overflowed) + R"(,"unreadable":)" +
         std::to_string(c.unreadable) + "}";
}

// Not std::bernoulli_distribution, whose numbers are each library's own: a seed must tell the same
// story everywhere.
bool Impairer::chance(double percent) {
  constexpr double range = 1ULL << 32U;
  return percent > 0 && static_cast<double>(random_() >> 32U) < percent / 100 * range;
}

void Impairer::take(Direction direction, BytesView bytes, Clock::time_point now) {
  ++counts_.taken[index(direction)];
  counts_.taken_bytes[index(direction)] += bytes.size();
  const auto packet = parse(bytes);
  if (!packet) {
    ++counts_.unreadable;
    return;
  }
  const bool deaf = settings.deaf_port != 0 && packet->destination_port == settings.deaf_port;
  if (settings.black_hole || deaf) {
    ++counts_.swallowed;
    return;
  }
  if (!passes_flows(direction, *packet, now)) return;
  if (chance(settings.loss)) {
    ++counts_.lost;
    return;
  }
  send(direction, Bytes(bytes.begin(), bytes.end()), now);
  if (chance(settings.duplicate)) {
    ++counts_.duplicated;
    send(direction, Bytes(bytes.begin(), bytes.end()), now);
  }
}

bool Impairer::passes_flows(Direction direction, const Packet& packet, Clock::time_point now) {
  auto* flow = flows_.find(packet, direction, now, settings.nat_idle);
  if (flow == nullptr) {
    ++counts_.forgotten;
    const bool answer = settings.nat_resets && packet.tcp() && (packet.flags & tcp_rst) == 0;
    if (answer && direction == Direction::up) {
      ++counts_.resets;
      send(opposite(direction), reset_back(packet), now);
    }
    return false;
  }
  if (!packet.tcp()) return true;
  if (!flow->ended && flow->packets == settings.reset_at) {
    flow->ended = true;
    reset_both(direction, packet, now);
    return false;
  }
  return !flow->ended;
}

void Impairer::reset_both(Direction direction, const Packet& packet, Clock::time_point now) {
  counts_.resets += 2;
  send(direction, reset_onwards(packet), now);
  send(opposite(direction), reset_back(packet), now);
}

void Impairer::send(Direction direction, Bytes bytes, Clock::time_point now) {
  auto& lane = lanes_[index(direction)];
  if (lane.waiting >= queue_packets) {
    ++counts_.overflowed;
    return;
  }
  const bool overtakes = chance(settings.reorder);
  if (overtakes) ++counts_.reordered;
  const auto when = overtakes ? now : due(lane, bytes.size(), now);
  ++lane.waiting;
  waiting_.insert({when, ++numbers_, direction, std::move(bytes)});
}

Clock::time_point Impairer::due(Lane& lane, std::size_t bytes, Clock::time_point now) {
  auto sent = now;
  if (settings.rate > 0) {
    constexpr std::uint64_t second = 1'000'000'000;
    const nanoseconds takes{static_cast<std::int64_t>(bytes * 8 * second / settings.rate)};
    sent = lane.free_at = std::max(now, lane.free_at) + takes;
  }
  auto delay = settings.delay;
  if (settings.jitter.count() > 0) {
    const auto span = static_cast<std::uint64_t>(2 * settings.jitter.count() + 1);
    delay += milliseconds(static_cast<std::int64_t>(random_() % span)) - settings.jitter;
  }
  lane.last_due = std::max(lane.last_due, sent + std::max(delay, milliseconds(0)));
  return lane.last_due;
}

void Impairer::deliver(Clock::time_point now, const Out& out) {
  while (!waiting_.empty() && waiting_.begin()->due <= now) {
    const auto node = waiting_.extract(waiting_.begin());
    const auto& packet = node.value();
    --lanes_[index(packet.direction)].waiting;
    ++counts_.delivered[index(packet.direction)];
    counts_.delivered_bytes[index(packet.direction)] += packet.bytes.size();
    out(packet.direction, packet.bytes);
  }
}

std::optional<Clock::time_point> Impairer::next() const {
  if (waiting_.empty()) return {};
  return waiting_.begin()->due;
}

}  // namespace oobm::netbench
