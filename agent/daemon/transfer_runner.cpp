#include "agent/daemon/transfer_runner.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <unistd.h>

namespace oobm::daemon {
namespace {

using Clock = std::chrono::steady_clock;
using State = TransferView::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> state_names{"waiting",  "connecting", "moving", "pausing",
                                                      "checking", "done",       "failed"};

std::string amount(const TransferView& view) {
  std::string text = std::to_string(view.bytes);
  if (view.total > 0) text += " of " + std::to_string(view.total);
  return text + " bytes";
}

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

std::string_view to_text(State state) { return state_names[static_cast<std::size_t>(state)]; }

struct TransferRunner::Job {
  TransferLimits limits;  // of its way, and of the order
  TransferOrder order;
  TransferUrl url;
  Sha256 sha256{};
  TransferView view;
  Clock::time_point end;
  Clock::time_point noted;
  std::optional<PartFile> part;  // of what is fetched
  std::unique_ptr<TransferExchange> exchange;
  std::unique_ptr<TransferAttempt> attempt;
  std::unique_ptr<TransferCheck> check;
  std::uint64_t furthest = 0;  // bytes that the file has had at most
  int fruitless = 0;           // attempts in a row that brought it no further
  bool mixed = false;          // bytes of more than one response
  bool started_over = false;   // because of that
};

TransferRunner::TransferRunner(TransferTools tools, TransferSetup setup, core::Random& random,
                               Note note)
    : tools_(std::move(tools)),
      setup_(std::move(setup)),
      random_(random),
      note_(std::move(note)),
      pause_(tools_.loop),
      deadline_(tools_.loop) {}

TransferRunner::~TransferRunner() = default;

TransferRunner::Outcome TransferRunner::refusal(const TransferOrder& order) const {
  const auto refuse = [](TransferCode code) { return std::unexpected(TransferFailure{code, {}}); };
  if (!is_file_name(order.name)) return refuse(TransferCode::name_invalid);
  const bool by_hash = !order.proves_itself && !order.content;
  if (const auto hash = parse_sha256(order.sha256); !hash && by_hash)
    return std::unexpected(hash.error());
  const auto url = parse_transfer_url(order.url);
  if (!url) return std::unexpected(url.error());
  const bool too_large = order.content ? order.content->size() > tools_.uploads.max_bytes
                                       : order.size > tools_.limits.max_bytes;
  if (too_large) return refuse(TransferCode::too_large);
  if (::access(tools_.helper.c_str(), X_OK) != 0) return refuse(TransferCode::not_installed);
  if (const auto way = tools_.route(*url); !way) return std::unexpected(way.error());
  if (job_ && waiting_.size() >= max_waiting_transfers) return refuse(TransferCode::busy);
  return {};
}

std::expected<std::uint64_t, TransferFailure> TransferRunner::submit(const TransferOrder& order) {
  if (auto good = refusal(order); !good) return std::unexpected(good.error());
  auto job = std::make_unique<Job>(order.content ? tools_.uploads : tools_.limits);
  if (order.most_bytes > 0) job->limits.max_bytes = order.most_bytes;
  job->order = order;
  job->url = *parse_transfer_url(order.url);
  if (const auto hash = parse_sha256(order.sha256)) job->sha256 = *hash;
  job->view.id = ++last_id_;
  job->view.name = order.name;
  job->view.sent = order.content != nullptr;
  job->view.total = order.content ? order.content->size() : order.size;
  if (job_)
    waiting_.push_back(std::move(job));
  else
    start(std::move(job));
  return last_id_;
}

void TransferRunner::start(std::unique_ptr<Job> job) {
  job_ = std::move(job);
  job_->view.state = State::connecting;
  job_->end = Clock::now() + job_->limits.time;
  job_->noted = Clock::now();
  deadline_.expires_at(job_->end);
  deadline_.async_wait([this, id = job_->view.id](const std::error_code& error) {
    if (!error && job_ && job_->view.id == id)
      finish(std::unexpected(TransferFailure{TransferCode::time_over, {}}));
  });
  say("transfer_started", (job_->view.sent ? "to " : "from ") + job_->url.host);
  // Later, so that whoever submits has the number before anything can end.
  pause_.expires_after(milliseconds(0));
  pause_.async_wait([this, turn = ++turn_](const std::error_code& error) {
    if (error || turn != turn_) return;
    if (const auto ready = prepare(); !ready) return finish(ready);
    attempt();
  });
}

TransferRunner::Outcome TransferRunner::prepare() {
  if (const auto& content = job_->order.content) {
    job_->exchange =
        std::make_unique<Sending>(content->descriptor(), content->size(), job_->order.content_type);
    return {};
  }
  auto part = PartFile::open(
      setup_.folder, {job_->order.url, lowered(job_->order.sha256), job_->order.size}, setup_.boot);
  if (!part) return std::unexpected(part.error());
  job_->part.emplace(*std::move(part));
  job_->exchange = std::make_unique<Fetching>(job_->limits, *job_->part, job_->order.size);
  const auto have = job_->part->size();
  job_->furthest = job_->view.bytes = have;
  job_->mixed = have > 0;
  const auto need = job_->order.size - std::min(have, job_->order.size);
  if (need > 0 && job_->part->free_bytes() < need + job_->limits.reserve_bytes)
    return std::unexpected(TransferFailure{TransferCode::no_space, {}});
  return {};
}

std::uint64_t TransferRunner::kept_bytes() const { return job_->part ? job_->part->size() : 0; }

void TransferRunner::attempt() {
  auto& job = *job_;
  // A restart between the last byte and the check.
  if (job.order.size > 0 && kept_bytes() == job.order.size) return check();
  job.view.state = State::connecting;
  ++job.view.attempts;
  const auto left = std::chrono::duration_cast<seconds>(job.end - Clock::now());
  job.attempt = std::make_unique<TransferAttempt>(
      tools_, job.limits, *job.exchange, left,
      TransferAttempt::Handlers{
          .moved = [this](std::uint64_t bytes, std::uint64_t total) { moved(bytes, total); },
          .ended = [this](const Outcome& outcome) { attempt_ended(outcome); }});
  job.attempt->start(job.url);
}

void TransferRunner::moved(std::uint64_t bytes, std::uint64_t total) {
  auto& job = *job_;
  job.view.state = State::moving;
  job.view.bytes = bytes;
  if (total > 0) job.view.total = total;
  if (Clock::now() - job.noted < job.limits.note_every) return;
  job.noted = Clock::now();
  say("transfer_progress", amount(job.view));
}

void TransferRunner::attempt_ended(const Outcome& outcome) {
  auto& job = *job_;
  job.mixed = job.mixed || job.exchange->resumed();
  job.attempt.reset();
  if (!outcome) {
    job.view.bytes = kept_bytes();
    return fail(outcome.error());
  }
  if (job.view.sent) return finish({});
  check();
}

void TransferRunner::check() {
  auto& job = *job_;
  job.view.state = State::checking;
  job.view.bytes = job.part->size();
  if (job.order.size > 0 && job.view.bytes != job.order.size)
    return fail({TransferCode::size_mismatch, std::to_string(job.view.bytes) + " bytes"});
  job.check = std::make_unique<TransferCheck>(
      tools_.loop, job.part->descriptor(),
      [this](const std::expected<Sha256, TransferFailure>& hash) { checked(hash); });
}

void TransferRunner::checked(const std::expected<Sha256, TransferFailure>& hash) {
  auto& job = *job_;
  job.check.reset();
  if (!hash) return fail(hash.error());
  if (!job.order.proves_itself && *hash != job.sha256)
    return fail({TransferCode::hash_mismatch, {}});
  finish(job.part->finish(job.order.name));
}

void TransferRunner::fail(const TransferFailure& failure) {
  auto& job = *job_;
  const bool proved_wrong =
      failure.code == TransferCode::hash_mismatch || failure.code == TransferCode::size_mismatch;
  // The pieces may have been of two versions, so they are no proof against the file.
  const bool once_more = proved_wrong && job.mixed && !std::exchange(job.started_over, true);
  if (!once_more && row(failure.code).retry == Retry::no) return finish(std::unexpected(failure));
  if (once_more) job.furthest = 0;
  const auto have = once_more ? 0 : kept_bytes();
  job.fruitless = have > job.furthest ? 0 : job.fruitless + 1;
  job.furthest = std::max(job.furthest, have);
  const auto& limits = job.limits;
  if (job.fruitless >= limits.fruitless_attempts || job.view.attempts >= limits.attempts)
    return finish(std::unexpected(failure));
  if (job.part && row(failure.code).part == Part::removed) {
    job.mixed = false;
    if (const auto emptied = job.part->start_over(); !emptied) return finish(emptied);
  }
  pause(failure);
}

// Full jitter: routers that lost one server do not come back to it together.
milliseconds TransferRunner::pause_length() {
  const auto& limits = job_->limits;
  auto most = limits.first_pause;
  for (int i = 1; i < job_->fruitless && most < limits.longest_pause; ++i) most *= 2;
  most = std::min(most, limits.longest_pause);
  const auto range = static_cast<std::uint64_t>(most.count()) + 1;
  return milliseconds(static_cast<milliseconds::rep>(random_.next() % range));
}

void TransferRunner::pause(const TransferFailure& failure) {
  auto& view = job_->view;
  view.state = State::pausing;
  view.code = row(failure.code).name;
  view.sentence = to_text(failure);
  const auto length = pause_length();
  say("transfer_paused", to_text(failure) + "; again in " +
                             std::to_string((length.count() + 999) / 1000) + " s, " + amount(view));
  pause_.expires_after(length);
  pause_.async_wait([this, turn = ++turn_](const std::error_code& error) {
    if (!error && turn == turn_) attempt();
  });
}

bool TransferRunner::end_all(const TransferFailure& failure) {
  const bool any = job_ != nullptr;
  // What waits has fetched nothing: it ends first, so that it is not begun.
  while (!waiting_.empty()) {
    const auto job = std::move(waiting_.front());
    waiting_.pop_front();
    auto& view = job->view;
    view.state = State::failed;
    view.code = row(failure.code).name;
    view.sentence = to_text(failure);
    ended_.push_back(view);
    if (job->order.ended) job->order.ended(view);
  }
  if (any) finish(std::unexpected(failure));
  return any;
}

void TransferRunner::finish(const Outcome& outcome) {
  ++turn_;
  pause_.cancel();
  deadline_.cancel();
  // Whatever runs has called us and still stands on the stack: it goes with the job, at the end.
  const auto job = std::exchange(job_, nullptr);
  auto view = job->view;
  view.state = outcome ? State::done : State::failed;
  view.code = outcome ? "OK" : std::string(row(outcome.error().code).name);
  const auto* good = view.sent ? "The server has taken the file." : "The file is complete.";
  view.sentence = outcome ? good : to_text(outcome.error());
  if (job->part) view.bytes = job->part->size();
  job->attempt.reset();
  if (!outcome && job->part && row(outcome.error().code).part == Part::removed) job->part->remove();
  ended_.push_back(view);
  while (ended_.size() > kept_transfer_results) ended_.pop_front();
  note_(outcome ? "transfer_done" : "transfer_failed",
        view.name + ": " + (outcome ? amount(view) : view.sentence));
  // Before the owner hears of it: what he orders next has its turn after what waits already.
  if (!waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(next));
  }
  if (job->order.ended) job->order.ended(view);
}

void TransferRunner::say(const char* event, const std::string& words) {
  note_(event, job_->view.name + ": " + words);
}

std::vector<TransferView> TransferRunner::views() const {
  std::vector<TransferView> all(ended_.begin(), ended_.end());
  if (job_) all.push_back(job_->view);
  for (const auto& job : waiting_) all.push_back(job->view);
  return all;
}

}  // namespace oobm::daemon
