// Where the technician's orders for files meet the state of the service: which file servers this
// router's ALMS instance names, over which uplink its session stands, and whether files may be
// moved now. A file server is proved by the instance's trust anchors; it is not shown this router's
// certificate, which would tell it the serial number.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include <asio/io_context.hpp>

#include "agent/daemon/config.hpp"
#include "agent/daemon/control_protocol.hpp"
#include "agent/daemon/courier.hpp"
#include "agent/daemon/directory.hpp"
#include "agent/daemon/transfer_runner.hpp"

namespace oobm::daemon {

// By which way, and for which instance, a file may be fetched now.
struct TransferWay {
  std::string instance;
  Way way;
};

// Lives on the loop's thread.
class TransferDesk {
 public:
  // Errors: not_in_service, data_used_up, link_failed.
  using FindWay = std::function<std::expected<TransferWay, TransferFailure>()>;

  // References and `spawner` outlive the desk. `version`: of the agent, for the field User-Agent.
  TransferDesk(asio::io_context& loop, uplink::Gate& gate, core::Random& random,
               const Config& config, const Directory& directory, const std::string& version,
               hal::Spawner* spawner, FindWay find_way, TransferRunner::Note note);

  // What this router orders itself. Errors: what can be refused at once.
  std::expected<std::uint64_t, TransferFailure> submit(const TransferOrder& order) {
    return runner_.submit(order);
  }
  // Where a file that is complete lies.
  [[nodiscard]] std::string path(const std::string& name) const;
  // The number of the transfer that was begun, or waits.
  std::expected<std::uint64_t, ControlError> fetch(const FetchRequest& request);
  // Ends what is under way or waits when `cancel`; then all transfers as a JSON array.
  std::string list(bool cancel);
  // The state of the service may have changed: what may not be moved any more ends at once.
  void observe();
  // The daemon leaves; the same order goes on where it was after its next start.
  void stop();

 private:
  std::expected<uplink::LinkRequest, TransferFailure> route(const TransferUrl& url) const;

  const Config& config_;
  const Directory& directory_;
  FindWay find_way_;
  TransferRunner runner_;
};

}  // namespace oobm::daemon
