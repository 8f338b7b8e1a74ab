// One attempt at a file: a link through the gate, the helper at its other end, and what the
// server's answer means. Redirects on the same host belong to the attempt, each with a link of its
// own. What the server announces is judged before its bytes are paid for: another size than
// ordered, or more than fits, ends the attempt at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>

#include "agent/daemon/transfer_failure.hpp"
#include "agent/daemon/transfer_file.hpp"
#include "agent/daemon/transfer_helper.hpp"
#include "agent/daemon/transfer_url.hpp"
#include "agent/uplink/gate.hpp"

namespace oobm::daemon {

struct TransferLimits {
  std::uint64_t max_bytes = 256ULL * 1024 * 1024;
  std::uint64_t reserve_bytes = 8ULL * 1024 * 1024;  // of free space that a file must leave
  std::uint64_t bytes_per_s = 0;                     // ceiling of the rate; 0: none
  std::uint32_t min_bytes_per_s = 32;                // slower than this for `stall` is a stall
  std::chrono::seconds stall{90};
  std::chrono::seconds time{std::chrono::hours(12)};  // for all attempts together
  int attempts = 100;                                 // in all
  int fruitless_attempts = 8;  // in a row that brought the file no further than it was
  int redirects = 3;           // of one attempt
  std::chrono::milliseconds first_pause{5'000};
  std::chrono::milliseconds longest_pause{300'000};
  std::chrono::milliseconds report_every{1'000};  // for who looks at the status
  std::chrono::milliseconds note_every{60'000};   // in the event log
};

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
  TransferLimits limits;
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

  // `tools` and `part` outlive the attempt. `size`: of the order, 0 where it is not known.
  TransferAttempt(const TransferTools& tools, PartFile& part, std::uint64_t size,
                  std::chrono::seconds time_limit, Handlers handlers);

  // `ended` follows, never from inside this call.
  void start(const TransferUrl& url);

  // The body went on with bytes of an earlier response.
  [[nodiscard]] bool resumed() const { return resumed_; }

 private:
  using Outcome = std::expected<void, TransferFailure>;

  [[nodiscard]] bool has_file() const;       // the response carries it, or the rest of it
  [[nodiscard]] std::uint64_t room() const;  // bytes that may still be written
  void connect();
  void linked(uplink::UniqueFd plain);
  void link_closed(const uplink::Failure& failure);
  void told(const transfer::Report& report);
  Outcome take(const transfer::Report& report);
  Outcome announce(std::uint64_t total);
  Outcome remember();
  void helper_ended(std::optional<transfer::Exit> exit);
  Outcome judge(std::optional<transfer::Exit> exit);
  Outcome judge_response();
  Outcome judge_bad_range();
  void redirect();
  [[nodiscard]] TransferFailure failure_of(transfer::Exit exit) const;
  [[nodiscard]] TransferFailure failure_of(const uplink::Failure& failure) const;
  void end(Outcome outcome);
  void end_later(TransferFailure failure);

  const TransferTools& tools_;
  PartFile& part_;
  std::uint64_t size_;
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
  std::string validator_;
  std::string location_;
  std::string detail_;
  bool remembered_ = false;
  bool resumed_ = false;
  int redirects_ = 0;
};

}  // namespace oobm::daemon
