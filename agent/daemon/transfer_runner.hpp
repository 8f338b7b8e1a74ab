// Files move one at a time, since they share one slow link, and one more may wait. A file is worth
// what was paid for it: one that is fetched goes on where it broke off, after a pause that grows
// while nothing gets better, and the attempts have an end. What arrives under the final name is
// exactly what was ordered: size and SHA-256 are checked first. One that is sent begins anew each
// time, and therefore has few attempts.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/steady_timer.hpp>

#include "agent/core/random.hpp"
#include "agent/daemon/memory_file.hpp"
#include "agent/daemon/transfer_attempt.hpp"
#include "agent/daemon/transfer_check.hpp"

namespace oobm::daemon {

inline constexpr std::size_t max_waiting_transfers = 1;
inline constexpr std::size_t kept_transfer_results = 4;

struct TransferView {
  enum class State : std::uint8_t { waiting, connecting, moving, pausing, checking, done, failed };
  std::uint64_t id = 0;
  std::string name;
  bool sent = false;  // to the server, not fetched from it
  State state = State::waiting;
  std::uint64_t bytes = 0;
  std::uint64_t total = 0;  // 0: not known
  int attempts = 0;
  std::string code;      // why it failed, or why it pauses
  std::string sentence;  // the same in words
};
std::string_view to_text(TransferView::State state);

struct TransferOrder {
  std::string url;
  std::string sha256;      // hexadecimal
  std::string name;        // under which the file is kept
  std::uint64_t size = 0;  // bytes; 0: not known
  // A signed text is proved by its signature, which whoever ordered it checks: no SHA-256.
  bool proves_itself = false;
  std::uint64_t most_bytes = 0;  // 0: as for any file
  // What is to be sent, of this media type; null: the file is to be fetched. At least one byte.
  std::shared_ptr<const MemoryFile> content{};
  std::string content_type{};
  // Called from the loop when it has ended, unless submit() refused it.
  std::function<void(const TransferView&)> ended{};
};

struct TransferSetup {
  std::string folder;  // of finished files and the one that is under way
  std::string boot;    // tells one start of the router from another
};

// Lives on the loop's thread.
class TransferRunner {
 public:
  // For the event log: "transfer_started", ..., and words.
  using Note = std::function<void(std::string event, std::string text)>;

  // What `tools` refers to, and `random`, outlive the runner.
  TransferRunner(TransferTools tools, TransferSetup setup, core::Random& random, Note note);
  ~TransferRunner();
  TransferRunner(const TransferRunner&) = delete;
  TransferRunner& operator=(const TransferRunner&) = delete;

  // The number under which it is shown. Errors: what can be refused at once.
  std::expected<std::uint64_t, TransferFailure> submit(const TransferOrder& order);

  // Ends what is under way, and what waits, with this failure. False: there was nothing.
  bool end_all(const TransferFailure& failure);

  // Under way, waiting, and the last that have ended, newest last.
  [[nodiscard]] std::vector<TransferView> views() const;

 private:
  struct Job;
  using Outcome = std::expected<void, TransferFailure>;

  [[nodiscard]] Outcome refusal(const TransferOrder& order) const;
  void start(std::unique_ptr<Job> job);
  Outcome prepare();
  [[nodiscard]] std::uint64_t kept_bytes() const;  // which need not be moved again
  void attempt();
  void moved(std::uint64_t bytes, std::uint64_t total);
  void attempt_ended(const Outcome& outcome);
  void check();
  void checked(const std::expected<Sha256, TransferFailure>& hash);
  void fail(const TransferFailure& failure);
  void pause(const TransferFailure& failure);
  [[nodiscard]] std::chrono::milliseconds pause_length();
  void finish(const Outcome& outcome);
  void say(const char* event, const std::string& words);

  TransferTools tools_;
  TransferSetup setup_;
  core::Random& random_;
  Note note_;
  std::uint64_t last_id_ = 0;
  std::unique_ptr<Job> job_;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::deque<TransferView> ended_;
  asio::steady_timer pause_;
  asio::steady_timer deadline_;
  // A timer that was cancelled may have a call on its way already; the number tells.
  std::uint64_t turn_ = 0;
};

}  // namespace oobm::daemon
