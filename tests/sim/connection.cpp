#include "tests/sim/connection.hpp"

#include <algorithm>
#include <utility>

#include "agent/core/keepalive.hpp"

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
constexpr core::Duration connect_least = 800ms;
constexpr core::Duration connect_most = 6s;
constexpr core::Duration connect_limit = 75s;  // then TCP gives up
constexpr core::Duration oobm_latency_most = 900ms;
constexpr core::Duration wan_latency_most = 60ms;
constexpr core::Duration latency_least = 5ms;
constexpr core::Duration keepalive{core::default_keepalive};
constexpr core::Duration ping_answer_limit = 30s;

core::LinkFault fault(std::string code) {
  return {.reason = core::Reason::uplink_failed, .code = std::move(code), .sentence = {}};
}

}  // namespace

template <class Action>
void Connection::later(core::Duration pause, Action action) {
  place_.time.after(pause, [alive = std::weak_ptr(alive_), action = std::move(action)]() mutable {
    if (!alive.expired()) action();
  });
}

template <class Action>
void Connection::travel(core::BootTime& latest, Action action) {
  const auto most = uplink_ == core::Uplink::oobm ? oobm_latency_most : wan_latency_most;
  const auto now = place_.time.now();
  latest = std::max(latest, now + place_.chance.between(latency_least, most));
  later(latest - now, [this, action = std::move(action)]() mutable {
    if (place_.ways.passes(uplink_)) action();
  });
}

Connection::Connection(Place place, core::Uplink uplink, bool fresh_session, Handlers handlers)
    : place_(place),
      uplink_(uplink),
      fresh_session_(fresh_session),
      handlers_(std::move(handlers)) {
  const bool answers = place_.weather.alms_reachable && place_.ways.passes(uplink_);
  if (!answers)
    later(connect_limit, [this] { close(fault("TCP_TIMEOUT")); });
  else
    later(place_.chance.between(connect_least, connect_most), [this] { open(); });
}

Connection::~Connection() { place_.broker.detach(*this); }

void Connection::open() {
  if (!place_.ways.passes(uplink_)) return close(fault("TCP_TIMEOUT"));
  if (place_.weather.login_refused) return close(fault("MQTT_NOT_AUTHORIZED"));
  ready_ = true;
  // A broker that kept the session sends at once, maybe before the router is ready.
  place_.broker.attach(*this, fresh_session_);
  later(0ms, [this] { handlers_.ready(); });
  later(keepalive, [this] { ping(); });
}

void Connection::ping() {
  if (place_.weather.alms_reachable && place_.ways.passes(uplink_))
    return later(keepalive, [this] { ping(); });
  later(ping_answer_limit, [this] {
    if (place_.weather.alms_reachable && place_.ways.passes(uplink_)) return ping();
    close(fault("KEEPALIVE_LOST"));
  });
}

void Connection::publish(std::string topic, std::string payload, std::uint64_t token) {
  if (!ready_ || !place_.weather.alms_reachable) return;
  travel(latest_up_,
         [this, topic = std::move(topic), payload = std::move(payload), token]() mutable {
           place_.broker.received(std::move(topic), std::move(payload));
           travel(latest_down_, [this, token] { handlers_.published(token); });
         });
}

void Connection::puback(std::uint64_t packet) {
  travel(latest_up_, [this, packet] { place_.broker.acknowledged(packet); });
}

void Connection::send(const Packet& packet) {
  if (!place_.weather.alms_reachable) return;
  travel(latest_down_, [this, packet] { handlers_.message(packet); });
}

void Connection::disconnect() {
  later(50ms, [this] { close(fault("")); });
}

void Connection::cut(core::LinkFault fault) {
  later(0ms, [this, fault = std::move(fault)] { close(fault); });
}

void Connection::close(core::LinkFault fault) {
  alive_.reset();
  place_.broker.detach(*this);
  // The last act: the handler may destroy this connection.
  const auto closed = std::move(handlers_.closed);
  closed(std::move(fault));
}

}  // namespace oobm::sim
