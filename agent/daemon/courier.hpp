// The courier carries messages between the core and ALMS: it opens the session that the core asked
// for, gives messages their wire form, and holds each PUBACK back until the core says that the task
// is stored. It decides nothing; what happens comes back as events.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include "agent/core/effect.hpp"
#include "agent/core/event.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/credentials.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/daemon/link_memory.hpp"
#include "agent/uplink/gate.hpp"
#include "agent/uplink/session.hpp"

namespace oobm::daemon {

// The interface that carries a session, with the name servers that belong to it.
struct Way {
  core::Uplink uplink = core::Uplink::oobm;
  std::string interface;
  std::vector<std::string> dns_servers;
  std::string apn{};  // empty: not known
  int mtu = 0;        // bytes; 0: not known
};

// What the end of a session tells of its way. Lost: nobody answered, or somebody did who knows the
// connection no longer.
core::SessionLife lived(std::chrono::seconds keepalive, const uplink::SessionLife& life,
                        const uplink::Failure& end, bool bearer_stood);

// Lives on the loop's thread. One session at a time.
class Courier {
 public:
  // `feed` is called from the loop, never from inside a call of this class. `permit` answers the
  // gate. References outlive the courier.
  Courier(asio::io_context& loop, const Config& config, const Directory& directory,
          LinkMemory& memory, Credentials& credentials, uplink::Permit& permit,
          uplink::TrustedTime trusted_time, std::function<void(core::Event)> feed);

  // Everything that leaves, leaves through this one.
  uplink::Gate& gate() { return gate_; }

  // Every call ends in SessionClosed, after SessionReady or without.
  void connect(const core::Connect& order, const core::Serial& serial, const Way& way);
  // In good order. SessionClosed follows.
  void disconnect();
  // The radio has lost its network: if the session dies, then not for its silence.
  void radio_lost() { radio_lost_ = true; }
  void publish(const core::Publish& effect);
  // The task is stored: its PUBACK may leave, once every task of its message is.
  void release(const std::string& uid);

  // What has passed this interface through the gate since it was last asked, by use.
  uplink::TrafficByUse take_by_use(const std::string& interface);

 private:
  struct Delivery {
    uplink::Puback puback;
    std::size_t open = 0;  // tasks not stored yet
  };

  void refuse(std::string code, std::string sentence);
  void ready(const uplink::ReadyInfo& info, core::Uplink uplink);
  void received(const uplink::Message& message, uplink::Puback puback);
  void closed(const uplink::Failure& failure);
  void learn_from(const uplink::SessionLife& life, const uplink::Failure& end);

  asio::io_context& loop_;
  const Config& config_;
  const Directory& directory_;
  Credentials& credentials_;
  LinkMemory& memory_;
  std::function<void(core::Event)> feed_;
  uplink::Gate gate_;
  uplink::Sessions sessions_;
  std::unique_ptr<uplink::Session> session_;
  bool refusing_ = false;  // a SessionClosed is on its way
  std::string instance_;
  std::optional<core::Serial> serial_;
  Way way_;  // of the session
  core::Keepalive keepalive_;
  bool radio_lost_ = false;                                           // in the session
  std::map<uplink::PublishToken, std::uint64_t> durable_;             // token -> outbox id
  std::multimap<std::string, std::shared_ptr<Delivery>> deliveries_;  // by task uid
};

}  // namespace oobm::daemon
