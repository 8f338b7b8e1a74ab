#include "tests/net/impairer/flows.hpp"

#include <algorithm>

namespace oobm::netbench {
namespace {

bool begins(const Packet& packet, Direction direction) {
  if (direction == Direction::down) return false;
  return !packet.tcp() || (packet.flags & (tcp_syn | tcp_ack)) == tcp_syn;
}

}  // namespace

Flow* Flows::find(const Packet& packet, Direction direction, Clock::time_point now,
                  std::chrono::milliseconds idle) {
  const bool up = direction == Direction::up;
  const auto key = up ? Key{packet.protocol, packet.source, packet.source_port, packet.destination,
                            packet.destination_port}
                      : Key{packet.protocol, packet.destination, packet.destination_port,
                            packet.source, packet.source_port};
  const bool forgets = idle.count() > 0;
  auto found = flows_.find(key);
  const bool stale = found != flows_.end() && forgets && now - found->second.last_seen > idle;
  const bool anew = found != flows_.end() && found->second.ended && begins(packet, direction);
  if (stale || anew) {
    flows_.erase(found);
    found = flows_.end();
  }
  if (found == flows_.end()) {
    if (forgets && !begins(packet, direction)) return nullptr;
    make_room();
    found = flows_.emplace(key, Flow{}).first;
  }
  found->second.last_seen = now;
  ++found->second.packets;
  return &found->second;
}

void Flows::make_room() {
  if (flows_.size() < most) return;
  flows_.erase(std::ranges::min_element(flows_, {},
                                        [](const auto& entry) { return entry.second.last_seen; }));
}

}  // namespace oobm::netbench
