#include "tests/sim/broker.hpp"

#include <algorithm>
#include <utility>

namespace oobm::sim {

void Broker::publish_to_router(std::string payload, bool retained) {
  bus_.carry(Bus::Direction::to_router, [this, payload = std::move(payload), retained] {
    Packet packet{next_id_++, payload, false};
    if (retained) retained_ = Packet{0, payload, true};
    if (queue_.size() < most_queued) queue_.push_back(std::move(packet));
    send_more();
  });
}

void Broker::attach(Client& client, bool fresh_session) {
  client_ = &client;
  in_flight_ = 0;
  if (fresh_session) queue_.clear();
  if (retained_) client_->send({next_id_++, retained_->payload, true});
  send_more();
}

void Broker::detach(const Client& client) {
  if (client_ == &client) client_ = nullptr;
}

void Broker::received(std::string topic, std::string payload) {
  bus_.carry(Bus::Direction::to_alms, [this, topic = std::move(topic),
                                       payload = std::move(payload)] { hear_(topic, payload); });
}

void Broker::acknowledged(std::uint64_t packet) {
  const auto found = std::ranges::find(queue_, packet, &Packet::id);
  if (found == queue_.end()) return;
  const auto place = static_cast<std::size_t>(found - queue_.begin());
  queue_.erase(found);
  if (place < in_flight_) --in_flight_;
  send_more();
}

void Broker::forget_session() {
  queue_.clear();
  in_flight_ = 0;
}

void Broker::send_more() {
  while (client_ != nullptr && in_flight_ < std::min(queue_.size(), most_in_flight))
    client_->send(queue_[in_flight_++]);
}

}  // namespace oobm::sim
