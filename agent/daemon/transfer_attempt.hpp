// One attempt at a file: a link through the gate, the helper at its other end, and what became of
// both. Redirects on the same host belong to the attempt, each with a link of its own. What is
// asked of the server, and what its answer means, is said by the exchange.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>

#include "agent/daemon/transfer_exchange.hpp"
#include "agent/daemon/transfer_failure.hpp"
#include "agent/daemon/transfer_helper.hpp"
#include "agent/daemon/transfer_limits.hpp"
#include "agent/daemon/transfer_url.hpp"
#include "agent/uplink/gate.hpp"

namespace oobm::daemon {

// The way to a host: target, interface, trust. Errors: host_not_allowed, not_in_service,
// data_used_up, link_failed.
using TransferRoute =
    std::function<std::expected<uplink::LinkRequest, TransferFailure>(const TransferUrl&)>;

// What does not change from one attempt to the next.
struct TransferTools {
  asio::io_context& loop;
  uplink::Gate& gate;
  TransferRoute route;
  std::string helper;      // path of the program
  std::string user_agent;  // a product token
  TransferLimits limits;   // of what is fetched
  TransferLimits uploads = upload_limits();
  hal::Spawner* spawner = nullptr;  // of the program; null: it is started directly
};

// Lives on the loop's thread.
class TransferAttempt {
 public:
  struct Handlers {
    std::function<void(std::uint64_t bytes, std::uint64_t total)> moved;  // total 0: not known
    // Once: the response is complete and in the file, or why not. May destroy the attempt.
    std::function<void(std::expected<void, TransferFailure>)> ended;
  };

  // `tools`, `limits` and `exchange` outlive the attempt.
  TransferAttempt(const TransferTools& tools, const TransferLimits& limits,
                  TransferExchange& exchange, std::chrono::seconds time_limit, Handlers handlers);

  // `ended` follows, never from inside this call.
  void start(const TransferUrl& url);

 private:
  using Outcome = std::expected<void, TransferFailure>;

  void connect();
  void linked(uplink::UniqueFd plain);
  void link_closed(const uplink::Failure& failure);
  void told(const transfer::Report& report);
  Outcome take(const transfer::Report& report);
  void helper_ended(std::optional<transfer::Exit> exit);
  Outcome judge(std::optional<transfer::Exit> exit);
  void redirect();
  [[nodiscard]] TransferFailure failure_of(transfer::Exit exit) const;
  [[nodiscard]] TransferFailure failure_of(const uplink::Failure& failure) const;
  void end(Outcome outcome);
  void end_later(TransferFailure failure);

  const TransferTools& tools_;
  const TransferLimits& limits_;
  TransferExchange& exchange_;
  std::chrono::steady_clock::time_point deadline_;
  Handlers handlers_;
  TransferUrl url_;
  std::string interface_;  // of the link
  std::optional<uplink::Link> link_;
  std::unique_ptr<TransferHelper> helper_;
  std::optional<uplink::Failure> link_failure_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // Of the response that is being read.
  std::uint64_t status_ = 0;
  std::uint64_t total_ = 0;
  std::string location_;
  std::string detail_;
  int redirects_ = 0;
};

}  // namespace oobm::daemon
