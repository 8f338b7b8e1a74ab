#include "agent/daemon/transfer_exchange.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace oobm::daemon {
namespace {

using transfer::Report;

// RFC 9110 section 15.4. After 303 the next request is another one.
constexpr std::array<std::uint64_t, 4> redirects{301, 302, 307, 308};
constexpr std::uint64_t see_other = 303;
// "Try again later", besides all of 5xx (RFC 9110 section 15, RFC 6585, RFC 8470).
constexpr std::array<std::uint64_t, 3> later{408, 425, 429};
constexpr std::uint64_t content_too_large = 413;

std::unexpected<TransferFailure> fail(TransferCode code, std::string detail) {
  return std::unexpected(TransferFailure{code, std::move(detail)});
}

std::unexpected<TransferFailure> refused(std::uint64_t status) {
  const bool again = status >= 500 || std::ranges::contains(later, status);
  return fail(again ? TransferCode::server_unavailable : TransferCode::server_refuses,
              "HTTP " + std::to_string(status));
}

std::string bytes(std::uint64_t number) { return std::to_string(number) + " bytes"; }

}  // namespace

// ---- fetching

Fetching::Fetching(const TransferLimits& limits, PartFile& part, std::uint64_t size)
    : limits_(limits), part_(part), size_(size) {}

bool Fetching::has_file() const { return status_ == 200 || status_ == 206; }

std::uint64_t Fetching::room() const {
  return std::max(part_.free_bytes(), limits_.reserve_bytes) - limits_.reserve_bytes;
}

bool Fetching::follows(std::uint64_t status) const {
  return status == see_other || std::ranges::contains(redirects, status);
}

std::expected<transfer::Job, TransferFailure> Fetching::begin() {
  status_ = total_ = 0;
  validator_.clear();
  remembered_ = false;
  if (part_.validator().empty() && part_.size() > 0)
    if (auto emptied = part_.start_over(); !emptied) return std::unexpected(emptied.error());
  if (size_ == 0 && part_.size() + room() == 0) return fail(TransferCode::no_space, {});
  transfer::Job job;
  job.validator = part_.validator();
  job.offset = part_.size();
  job.max_bytes = size_ > 0 ? size_ : std::min(limits_.max_bytes, part_.size() + room());
  return job;
}

TransferExchange::Outcome Fetching::take(const Report& report) {
  switch (report.kind) {
    case Report::Kind::status:
      status_ = report.number;
      return {};
    case Report::Kind::from:
      resumed_ = report.number > 0;
      return {};
    case Report::Kind::total:
      return announce(report.number);
    case Report::Kind::validator:
      validator_ = report.text;
      return {};
    case Report::Kind::got:
      return remember();
    default:
      return {};
  }
}

TransferExchange::Outcome Fetching::announce(std::uint64_t total) {
  total_ = total;
  if (!has_file()) return {};
  if (size_ > 0 && total != size_) return fail(TransferCode::size_mismatch, bytes(total));
  if (total > limits_.max_bytes) return fail(TransferCode::too_large, bytes(total));
  const auto have = resumed_ ? part_.size() : 0;
  if (total - std::min(have, total) > room()) return fail(TransferCode::no_space, bytes(total));
  return {};
}

// Bytes of this version are in the file now.
TransferExchange::Outcome Fetching::remember() {
  if (!has_file() || std::exchange(remembered_, true)) return {};
  if (!resumed_) return part_.remember(validator_);
  if (validator_.empty() || validator_ == part_.validator()) return {};
  return fail(TransferCode::range_ignored, "of another version");
}

TransferExchange::Outcome Fetching::judge(std::uint64_t status) {
  status_ = status;
  if (has_file()) return {};
  if (status == 416) return judge_bad_range();
  return refused(status);
}

// Nothing lies beyond the bytes that we have: either they are all, or the file has become shorter.
TransferExchange::Outcome Fetching::judge_bad_range() {
  if (part_.size() > 0 && total_ == part_.size()) {
    resumed_ = true;
    return {};
  }
  return fail(TransferCode::range_ignored, "HTTP " + std::to_string(status_));
}

// ---- sending

Sending::Sending(int file, std::uint64_t size, std::string type)
    : file_(file), size_(size), type_(std::move(type)) {}

bool Sending::follows(std::uint64_t status) const {
  return std::ranges::contains(redirects, status);
}

std::expected<transfer::Job, TransferFailure> Sending::begin() {
  sent_ = 0;
  transfer::Job job;
  job.max_bytes = size_;
  job.put_type = type_;
  return job;
}

TransferExchange::Outcome Sending::take(const Report& report) {
  if (report.kind == Report::Kind::got) sent_ = report.number;
  return {};
}

TransferExchange::Outcome Sending::judge(std::uint64_t status) {
  if (status == content_too_large)
    return fail(TransferCode::too_large, "HTTP " + std::to_string(status));
  if (status < 200 || status >= 300) return refused(status);
  // The helper is believed in nothing that would make a success.
  if (sent_ != size_) return fail(TransferCode::connection_lost, bytes(sent_) + " were sent");
  return {};
}

}  // namespace oobm::daemon
