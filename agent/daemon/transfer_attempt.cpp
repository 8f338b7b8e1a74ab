#include "agent/daemon/transfer_attempt.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/post.hpp>

namespace oobm::daemon {
namespace {

using std::chrono::seconds;
using transfer::Exit;
using transfer::Report;

struct ExitRow {
  Exit exit;
  TransferCode code;
};
constexpr std::array exit_rows{
    ExitRow{Exit::link_ended, TransferCode::connection_lost},
    ExitRow{Exit::stalled, TransferCode::stalled},
    ExitRow{Exit::time_over, TransferCode::time_over},
    ExitRow{Exit::too_large, TransferCode::too_large},
    ExitRow{Exit::not_http, TransferCode::not_http},
    ExitRow{Exit::wrong_range, TransferCode::range_ignored},
    ExitRow{Exit::no_space, TransferCode::no_space},
    ExitRow{Exit::write_failed, TransferCode::write_failed},
};

constexpr std::array<std::uint64_t, 5> redirects{301, 302, 303, 307, 308};
// "Try again later", besides all of 5xx (RFC 9110 section 15, RFC 6585, RFC 8470).
constexpr std::array<std::uint64_t, 3> later{408, 425, 429};

TransferCode code_of(const uplink::Failure& failure) {
  using uplink::Code;
  using uplink::Layer;
  if (failure.layer == Layer::permit) return TransferCode::not_in_service;
  // A handshake that merely took too long says nothing about trust.
  if (failure.layer == Layer::tls && failure.code != Code::tls_timeout)
    return TransferCode::link_not_trusted;
  return TransferCode::link_failed;
}

std::string http(std::uint64_t status) { return "HTTP " + std::to_string(status); }

}  // namespace

TransferAttempt::TransferAttempt(const TransferTools& tools, PartFile& part, std::uint64_t size,
                                 seconds time_limit, Handlers handlers)
    : tools_(tools),
      part_(part),
      size_(size),
      deadline_(std::chrono::steady_clock::now() + time_limit),
      handlers_(std::move(handlers)) {}

void TransferAttempt::start(const TransferUrl& url) {
  url_ = url;
  connect();
}

void TransferAttempt::connect() {
  status_ = total_ = 0;
  validator_.clear();
  location_.clear();
  detail_.clear();
  remembered_ = false;
  link_failure_.reset();
  auto request = tools_.route(url_);
  if (!request) return end_later(request.error());
  interface_ = request->target.interface;
  link_.emplace(tools_.gate.open(
      *std::move(request),
      {.on_ready = [this](const uplink::LinkInfo&,
                          uplink::UniqueFd plain) { linked(std::move(plain)); },
       .on_closed = [this](const uplink::Failure& failure) { link_closed(failure); }}));
}

bool TransferAttempt::has_file() const { return status_ == 200 || status_ == 206; }

std::uint64_t TransferAttempt::room() const {
  return std::max(part_.free_bytes(), tools_.limits.reserve_bytes) - tools_.limits.reserve_bytes;
}

void TransferAttempt::linked(uplink::UniqueFd plain) {
  if (part_.validator().empty() && part_.size() > 0)
    if (auto emptied = part_.start_over(); !emptied) return end(std::move(emptied));
  if (size_ == 0 && part_.size() + room() == 0)
    return end(std::unexpected(TransferFailure{TransferCode::no_space, {}}));
  const auto left =
      std::chrono::duration_cast<seconds>(deadline_ - std::chrono::steady_clock::now());
  const auto& limits = tools_.limits;
  const transfer::Job job{
      .host = host_field(url_),
      .target = url_.target,
      .user_agent = tools_.user_agent,
      .validator = part_.validator(),
      .offset = part_.size(),
      .max_bytes = size_ > 0 ? size_ : std::min(limits.max_bytes, part_.size() + room()),
      .bytes_per_s = limits.bytes_per_s,
      .min_bytes_per_s = limits.min_bytes_per_s,
      .stall_s = static_cast<std::uint32_t>(limits.stall.count()),
      .time_limit_s = static_cast<std::uint32_t>(std::max<seconds::rep>(left.count(), 1)),
      .progress_ms = static_cast<std::uint32_t>(limits.report_every.count())};
  auto helper = TransferHelper::start(
      tools_.loop.get_executor(), tools_.spawner, tools_.helper, job, std::move(plain),
      part_.descriptor(), [this](const Report& report) { told(report); },
      [this](std::optional<Exit> exit) { helper_ended(exit); });
  if (!helper) return end(std::unexpected(helper.error()));
  helper_ = *std::move(helper);
}

void TransferAttempt::link_closed(const uplink::Failure& failure) {
  link_failure_ = failure;
  // The helper may have bytes to write yet, and ends by itself.
  if (helper_) return;
  end(std::unexpected(failure_of(failure)));
}

// Why the gate may not, the way knows better; where there is one, the session has moved to it.
TransferFailure TransferAttempt::failure_of(const uplink::Failure& failure) const {
  auto code = code_of(failure);
  if (code == TransferCode::not_in_service) {
    const auto way = tools_.route(url_);
    if (!way) return way.error();
    if (way->target.interface != interface_) code = TransferCode::link_failed;
  }
  std::string detail(uplink::name(failure.code));
  if (!failure.detail.empty()) detail += ": " + failure.detail;
  return {code, std::move(detail)};
}

void TransferAttempt::told(const Report& report) {
  if (auto taken = take(report); !taken) end(std::move(taken));
}

TransferAttempt::Outcome TransferAttempt::take(const Report& report) {
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
    case Report::Kind::location:
      location_ = report.text;
      return {};
    case Report::Kind::got:
      handlers_.moved(report.number, total_);
      return remember();
    case Report::Kind::detail:
      detail_ = report.text;
      return {};
  }
  return {};
}

TransferAttempt::Outcome TransferAttempt::announce(std::uint64_t total) {
  total_ = total;
  if (!has_file()) return {};
  const auto told = std::to_string(total) + " bytes";
  if (size_ > 0 && total != size_)
    return std::unexpected(TransferFailure{TransferCode::size_mismatch, told});
  if (total > tools_.limits.max_bytes)
    return std::unexpected(TransferFailure{TransferCode::too_large, told});
  const auto have = resumed_ ? part_.size() : 0;
  if (total - std::min(have, total) > room())
    return std::unexpected(TransferFailure{TransferCode::no_space, told});
  return {};
}

// Bytes of this version are in the file now.
TransferAttempt::Outcome TransferAttempt::remember() {
  if (!has_file() || std::exchange(remembered_, true)) return {};
  if (!resumed_) return part_.remember(validator_);
  if (validator_.empty() || validator_ == part_.validator()) return {};
  return std::unexpected(TransferFailure{TransferCode::range_ignored, "of another version"});
}

void TransferAttempt::helper_ended(std::optional<Exit> exit) {
  helper_.reset();
  link_.reset();
  const bool redirected =
      exit == Exit::finished && std::ranges::contains(redirects, status_) && !location_.empty();
  if (redirected) return redirect();
  end(judge(exit));
}

TransferAttempt::Outcome TransferAttempt::judge(std::optional<Exit> exit) {
  if (exit == Exit::finished) return judge_response();
  if (!exit)
    return std::unexpected(
        TransferFailure{TransferCode::helper_failed, "it was killed or babbled"});
  return std::unexpected(failure_of(*exit));
}

TransferFailure TransferAttempt::failure_of(Exit exit) const {
  const auto* known = std::ranges::find(exit_rows, exit, &ExitRow::exit);
  const auto code = known == exit_rows.end() ? TransferCode::helper_failed : known->code;
  // Why the link ended is better known at its other end.
  const bool by_link = code == TransferCode::connection_lost && link_failure_;
  return {code, by_link ? std::string(uplink::name(link_failure_->code)) : detail_};
}

TransferAttempt::Outcome TransferAttempt::judge_response() {
  if (has_file()) return {};
  if (status_ == 416) return judge_bad_range();
  const bool again = status_ >= 500 || std::ranges::contains(later, status_);
  return std::unexpected(TransferFailure{
      again ? TransferCode::server_unavailable : TransferCode::server_refuses, http(status_)});
}

// Nothing lies beyond the bytes that we have: either they are all, or the file has become shorter.
TransferAttempt::Outcome TransferAttempt::judge_bad_range() {
  if (part_.size() > 0 && total_ == part_.size()) {
    resumed_ = true;
    return {};
  }
  return std::unexpected(TransferFailure{TransferCode::range_ignored, http(status_)});
}

void TransferAttempt::redirect() {
  if (++redirects_ > tools_.limits.redirects)
    return end(std::unexpected(TransferFailure{TransferCode::too_many_redirects, {}}));
  auto next = follow_redirect(url_, location_);
  if (!next) return end(std::unexpected(next.error()));
  url_ = *std::move(next);
  connect();
}

void TransferAttempt::end(Outcome outcome) {
  helper_.reset();
  link_.reset();
  const auto ended = std::exchange(handlers_.ended, nullptr);
  if (ended) ended(std::move(outcome));
}

void TransferAttempt::end_later(TransferFailure failure) {
  asio::post(tools_.loop, [this, alive = std::weak_ptr(alive_), failure = std::move(failure)] {
    if (alive.lock()) end(std::unexpected(failure));
  });
}

}  // namespace oobm::daemon
