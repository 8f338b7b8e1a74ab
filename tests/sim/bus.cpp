#include "tests/sim/bus.hpp"

#include <algorithm>
#include <utility>

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
constexpr core::Duration least_delay = 20ms;
constexpr core::Duration usual_delay = 400ms;
constexpr core::Duration out_of_order = 10min;
constexpr unsigned duplicated_percent = 30;
constexpr unsigned reordered_percent = 30;

}  // namespace

void Bus::carry(Direction direction, const Delivery& delivery) {
  put(direction, delivery);
  if (!weather_.bus_duplicates || !chance_.percent(duplicated_percent)) return;
  ++duplicates_;
  put(direction, delivery);
}

void Bus::put(Direction direction, const Delivery& delivery) {
  auto when = time_.now() + chance_.between(least_delay, usual_delay);
  if (weather_.bus_delay.count() > 0) {
    ++delayed_;
    when = when + chance_.between(core::Duration(0), weather_.bus_delay);
  }
  auto& latest = latest_[static_cast<std::size_t>(direction)];
  if (weather_.bus_reorders && chance_.percent(reordered_percent)) {
    ++reordered_;
    when = when + chance_.between(core::Duration(0), out_of_order);
  } else {
    latest = when = std::max(when, latest);
  }
  on_its_way_.emplace(when, delivery);
  time_.at(when, [this] { deliver_due(time_.now()); });
}

void Bus::hurry() {
  latest_ = {};
  if (!on_its_way_.empty()) deliver_due(on_its_way_.rbegin()->first);
}

void Bus::deliver_due(core::BootTime until) {
  while (!on_its_way_.empty() && on_its_way_.begin()->first <= until) {
    const auto due = on_its_way_.extract(on_its_way_.begin());
    due.mapped()();
  }
}

}  // namespace oobm::sim
