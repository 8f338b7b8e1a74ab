// The support bundle on its way to ALMS: a task names the address, this router makes the bundle,
// the same that a technician takes away by hand, and the transfer brings it there over the uplink
// of the session. The answer says why when it did not arrive. What was not answered when the daemon
// ended is answered INTERRUPTED by the core: the address is not kept, since it may hold a secret.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <asio/io_context.hpp>

#include "agent/core/event.hpp"
#include "agent/daemon/records.hpp"
#include "agent/daemon/transfer_desk.hpp"

namespace oobm::daemon {

// By this name the transfers list it.
inline constexpr const char* bundle_file = "support-bundle.json";
static_assert(max_bundle_bytes <= max_upload_bytes);

// Lives on the loop's thread.
class BundleDesk {
 public:
  struct Links {
    std::function<std::string()> bundle;                    // as JSON
    std::function<void(const core::TaskFinished&)> answer;  // never called from inside a call
  };

  // References outlive the desk.
  BundleDesk(asio::io_context& loop, TransferDesk& transfers, Links links);

  void send(const std::string& uid, const core::SendSupportBundle& order);

 private:
  void answer(core::Ack ack);

  asio::io_context& loop_;
  TransferDesk& transfers_;
  Links links_;
  std::shared_ptr<int> life_ = std::make_shared<int>();
};

// What answers the task.
core::Ack bundle_answer(const std::string& uid, const TransferView& ended);
core::Ack bundle_answer(const std::string& uid, const TransferFailure& refused);

}  // namespace oobm::daemon
