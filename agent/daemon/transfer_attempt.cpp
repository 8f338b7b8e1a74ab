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

TransferCode code_of(const uplink::Failure& failure) {
  using uplink::Code;
  using uplink::Layer;
  if (failure.layer == Layer::permit) return TransferCode::not_in_service;
  // A handshake that merely took too long says nothing about trust, nor does a clock that is late.
  constexpr std::array passing{Code::tls_timeout, Code::tls_dates_unknown, Code::tls_not_yet_valid};
  if (failure.layer == Layer::tls && !std::ranges::contains(passing, failure.code))
    return TransferCode::link_not_trusted;
  return TransferCode::link_failed;
}

}  // namespace

TransferAttempt::TransferAttempt(const TransferTools& tools, const TransferLimits& limits,
                                 TransferExchange& exchange, seconds time_limit, Handlers handlers)
    : tools_(tools),
      limits_(limits),
      exchange_(exchange),
      deadline_(std::chrono::steady_clock::now() + time_limit),
      handlers_(std::move(handlers)) {}

void TransferAttempt::start(const TransferUrl& url) {
  url_ = url;
  connect();
}

void TransferAttempt::connect() {
  status_ = total_ = 0;
  location_.clear();
  detail_.clear();
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

void TransferAttempt::linked(uplink::UniqueFd plain) {
  auto job = exchange_.begin();
  if (!job) return end(std::unexpected(job.error()));
  const auto left =
      std::chrono::duration_cast<seconds>(deadline_ - std::chrono::steady_clock::now());
  job->host = host_field(url_);
  job->target = url_.target;
  job->user_agent = tools_.user_agent;
  job->bytes_per_s = limits_.bytes_per_s;
  job->min_bytes_per_s = limits_.min_bytes_per_s;
  job->stall_s = static_cast<std::uint32_t>(limits_.stall.count());
  job->time_limit_s = static_cast<std::uint32_t>(std::max<seconds::rep>(left.count(), 1));
  job->progress_ms = static_cast<std::uint32_t>(limits_.report_every.count());
  auto helper = TransferHelper::start(
      tools_.loop.get_executor(), tools_.spawner, tools_.helper, *job, std::move(plain),
      exchange_.file(), [this](const Report& report) { told(report); },
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
  using Kind = Report::Kind;
  if (report.kind == Kind::status) status_ = report.number;
  if (report.kind == Kind::total) total_ = report.number;
  if (report.kind == Kind::location) location_ = report.text;
  if (report.kind == Kind::detail) detail_ = report.text;
  if (report.kind == Kind::got) handlers_.moved(report.number, total_);
  return exchange_.take(report);
}

void TransferAttempt::helper_ended(std::optional<Exit> exit) {
  helper_.reset();
  link_.reset();
  const bool redirected =
      exit == Exit::finished && exchange_.follows(status_) && !location_.empty();
  if (redirected) return redirect();
  end(judge(exit));
}

TransferAttempt::Outcome TransferAttempt::judge(std::optional<Exit> exit) {
  if (exit == Exit::finished) return exchange_.judge(status_);
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

void TransferAttempt::redirect() {
  if (++redirects_ > limits_.redirects)
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
