// By what this router knows ALMS, and by what ALMS knows this router, for one connection at a time:
// anchors, revocation list, own certificate, preferred version of TLS, and the tickets of earlier
// sessions. Files are read anew for each connection, so that whoever replaces one need not restart
// anything.
#pragma once

#include <optional>
#include <string>

#include "agent/core/region.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/control_protocol.hpp"
#include "agent/daemon/identity_store.hpp"
#include "agent/daemon/ticket_memory.hpp"
#include "agent/uplink/gate.hpp"

namespace oobm::daemon {

// Whom a connection to `instance` may trust, and which version it asks for first, without what the
// router shows of itself. Files that cannot be read show as the connection's failure.
uplink::TlsSettings trust_settings(const InstanceConfig& instance, const Config& config,
                                   bool metered);

// Loop thread only.
class Credentials {
 public:
  // `config` outlives it; its folders must exist. `report` takes a sentence for log and technician.
  Credentials(const Config& config, std::string boot_id, TicketMemory::Now now,
              TicketMemory::Report report);

  uplink::TlsTickets& tickets() { return tickets_.tickets(); }
  // For the next connection to `instance`. Files that cannot be read show as its failure.
  uplink::TlsSettings settings(const InstanceConfig& instance, bool metered);
  // The session of that connection has become ready, or ended before or after.
  void ready(const uplink::LinkInfo& link);
  void closed(const uplink::Failure& failure);
  // The answer to a technician, one line of JSON (docs/cli.md); `serial` is empty while it is not
  // known.
  std::expected<std::string, ControlError> answer(const IdentityRequest& request,
                                                  std::string_view serial);
  // The daemon leaves in good order.
  void leave() { tickets_.leave(); }

 private:
  [[nodiscard]] std::string view() const;

  const Config& config_;
  TicketMemory::Report report_;
  TicketMemory tickets_;
  IdentityStore identity_;
  bool ready_ = false;                       // the session of the last connection became ready
  std::optional<uplink::LinkInfo> session_;  // how the last one that did was secured
  int full_ = 0;                             // such sessions in which certificates were shown
  int resumed_ = 0;                          // such sessions in which an earlier one went on
  bool outdated_said_ = false;
};

}  // namespace oobm::daemon
