// Which way a file goes, and what follows from it: what is asked of the server, what its answer is
// worth, and which of its redirects keep the request what it is. The way there is the same for both
// (transfer_attempt.hpp). What a server announces is judged before its bytes are paid for: another
// size than ordered, or more than fits, ends the attempt at once.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "agent/daemon/transfer_failure.hpp"
#include "agent/daemon/transfer_file.hpp"
#include "agent/daemon/transfer_limits.hpp"
#include "agent/transfer/protocol.hpp"

namespace oobm::daemon {

class TransferExchange {
 public:
  using Outcome = std::expected<void, TransferFailure>;
  virtual ~TransferExchange() = default;

  // A request begins: what it asks for, without host, target, agent and limits of the way.
  virtual std::expected<transfer::Job, TransferFailure> begin() = 0;
  // The file, for the helper.
  [[nodiscard]] virtual int file() const = 0;
  // Of the response under way. A failure ends the attempt.
  virtual Outcome take(const transfer::Report& report) = 0;
  // Whether a redirect with this status asks for the same request elsewhere.
  [[nodiscard]] virtual bool follows(std::uint64_t status) const = 0;
  // The response is complete.
  virtual Outcome judge(std::uint64_t status) = 0;
  // The body went on with bytes of an earlier response.
  [[nodiscard]] virtual bool resumed() const { return false; }
};

// Into a file, whose bytes of an earlier attempt are gone on with.
class Fetching final : public TransferExchange {
 public:
  // References outlive it. `size`: of the order, 0 where it is not known.
  Fetching(const TransferLimits& limits, PartFile& part, std::uint64_t size);

  std::expected<transfer::Job, TransferFailure> begin() override;
  [[nodiscard]] int file() const override { return part_.descriptor(); }
  Outcome take(const transfer::Report& report) override;
  [[nodiscard]] bool follows(std::uint64_t status) const override;
  Outcome judge(std::uint64_t status) override;
  [[nodiscard]] bool resumed() const override { return resumed_; }

 private:
  [[nodiscard]] bool has_file() const;       // the response carries it, or the rest of it
  [[nodiscard]] std::uint64_t room() const;  // bytes that may still be written
  Outcome announce(std::uint64_t total);
  Outcome remember();
  Outcome judge_bad_range();

  const TransferLimits& limits_;
  PartFile& part_;
  std::uint64_t size_;
  bool resumed_ = false;

  // Of the response that is being read.
  std::uint64_t status_ = 0;
  std::uint64_t total_ = 0;
  std::string validator_;
  bool remembered_ = false;
};

// Out of a file, always from its first byte on: a PUT puts the whole (RFC 9110 section 9.3.4).
class Sending final : public TransferExchange {
 public:
  // `file` stays the caller's, and readable. `type`: media type.
  Sending(int file, std::uint64_t size, std::string type);

  std::expected<transfer::Job, TransferFailure> begin() override;
  [[nodiscard]] int file() const override { return file_; }
  Outcome take(const transfer::Report& report) override;
  // Not 303, which asks for another request.
  [[nodiscard]] bool follows(std::uint64_t status) const override;
  Outcome judge(std::uint64_t status) override;

 private:
  int file_;
  std::uint64_t size_;
  std::string type_;
  std::uint64_t sent_ = 0;
};

}  // namespace oobm::daemon
