// What the gate is told when it asks whether bytes may leave: the core's rules, for the one way
// that is chosen at the time. A session and the files beside it share that way. Where the session
// has moved to another uplink, a file that is still on its way over the first one ends there, and
// its next attempt follows the session; a file never keeps a metered link busy for a router that is
// served elsewhere.
#pragma once

#include <expected>
#include <functional>

#include "agent/core/agent.hpp"
#include "agent/daemon/courier.hpp"
#include "agent/daemon/transfer_desk.hpp"
#include "agent/uplink/permit.hpp"

namespace oobm::daemon {

class GatePermit final : public uplink::Permit {
 public:
  // Whose members change under it; all outlive it.
  struct Ways {
    const Way& oobm;
    const Way& main_wan;
    const core::Uplink& chosen;  // of the session that stands, or of the connection asked for last
  };

  // `file_moves` is called, on the loop's thread, each time that a file wants to go on.
  GatePermit(const core::Agent& agent, Ways ways, std::function<void()> file_moves);

  // By which way a file may be fetched now. Errors: not_in_service, data_used_up, link_failed
  // (there is no session).
  [[nodiscard]] std::expected<TransferWay, TransferFailure> transfer_way() const;

  std::expected<void, uplink::Refusal> may_connect(const uplink::Target& target) override;
  std::expected<void, uplink::Refusal> may_spend(const uplink::Target& target,
                                                 uplink::Use use) override;

 private:
  using Answer = std::expected<void, uplink::Refusal>;

  [[nodiscard]] const Way& chosen() const;
  [[nodiscard]] Answer may_use(const uplink::Target& target) const;
  [[nodiscard]] Answer spending(const uplink::Target& target, core::Use use) const;

  const core::Agent& agent_;
  Ways ways_;
  std::function<void()> file_moves_;
};

}  // namespace oobm::daemon
