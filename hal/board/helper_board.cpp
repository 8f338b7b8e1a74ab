#include "hal/board/helper_board.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <asio/post.hpp>

#include "hal/board/board_answers.hpp"
#include "hal/board/direct_spawner.hpp"
#include "hal/board/helper_process.hpp"
#include "hal/board/key_values.hpp"
#include "hal/board/verbs.hpp"

namespace oobm::hal {
namespace {

constexpr int exit_unsupported = 3;  // the board has no such function (docs/board.md)
constexpr std::size_t max_complaint_chars = 160;

using Output = std::expected<KeyValues, Error>;

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, max_complaint_chars));
  std::ranges::replace_if(shown, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return shown;
}

std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto start = text.rfind('\n');
  return start == std::string_view::npos ? text : text.substr(start + 1);
}

std::unexpected<Error> fail(ErrorCode code, std::string_view verb, std::string_view what) {
  std::string text("board helper, ");
  return std::unexpected(Error{code, text.append(verb).append(": ").append(what)});
}

// The helper's own words, if it left any.
std::string reason(const HelperEnd& end) {
  if (const auto values = KeyValues::parse(end.output))
    if (const auto error = values->get("error")) return printable(*error);
  auto complaint = printable(last_line(end.complaint));
  if (!complaint.empty()) return complaint;
  return "it ended with exit status " + std::to_string(end.number);
}

Error not_started(const std::string& path, int error) {
  const bool missing = error == ENOENT || error == EACCES || error == ENOEXEC || error == ENOTDIR;
  return {missing ? ErrorCode::helper_missing : ErrorCode::helper_failed,
          "the board helper " + path + " cannot be run: " + std::strerror(error) +
              "; check its path, mode and first line"};
}

Output evaluate(const std::string& path, std::string_view verb, const HelperEnd& end) {
  switch (end.cause) {
    case HelperEnd::Cause::not_started:
      return std::unexpected(not_started(path, end.number));
    case HelperEnd::Cause::timed_out:
      return fail(ErrorCode::helper_timeout, verb, "it did not end in time and was killed");
    case HelperEnd::Cause::babbled:
      return fail(ErrorCode::helper_output, verb, "it printed more than is allowed and was killed");
    case HelperEnd::Cause::signalled:
      return fail(ErrorCode::helper_failed, verb,
                  "it was ended by signal " + std::to_string(end.number));
    case HelperEnd::Cause::exited:
      break;
  }
  if (end.number == exit_unsupported) return fail(ErrorCode::helper_unsupported, verb, reason(end));
  if (end.number != 0) return fail(ErrorCode::helper_failed, verb, reason(end));
  auto values = KeyValues::parse(end.output);
  if (!values)
    return fail(ErrorCode::helper_output, verb, "its output is refused: " + values.error());
  return *std::move(values);
}

}  // namespace

class HelperBoard::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::any_io_executor executor, HelperBoardOptions options)
      : executor_(std::move(executor)), options_(std::move(options)), direct_(executor_) {}

  void request(std::string verb, std::vector<std::string> arguments, core::Duration limit,
               std::move_only_function<void(Output)> done) {
    if (waiting_.size() >= max_waiting)
      return later(std::move(done),
                   fail(ErrorCode::helper_busy, verb, "too many requests are waiting already"));
    waiting_.push_back({std::move(verb), std::move(arguments), limit, std::move(done)});
    asio::post(executor_, [self = shared_from_this()] { self->next(); });
  }

  void later(std::move_only_function<void(Output)> done, Output output) {
    asio::post(executor_, [self = shared_from_this(), done = std::move(done),
                           output = std::move(output)]() mutable {
      if (!self->stopped_) done(std::move(output));
    });
  }

  void stop() {
    stopped_ = true;
    waiting_.clear();
    running_.reset();
    process_.reset();
  }

  [[nodiscard]] const HelperLimits& limits() const { return options_.limits; }

 private:
  struct Request {
    std::string verb;
    std::vector<std::string> arguments;
    core::Duration limit;
    std::move_only_function<void(Output)> done;
  };

  void next() {
    if (stopped_ || running_ || waiting_.empty()) return;
    running_ = std::move(waiting_.front());
    waiting_.pop_front();
    HelperRun run{
        board_helper_role, options_.path, {running_->verb}, environment(), running_->limit};
    std::ranges::copy(running_->arguments, std::back_inserter(run.arguments));
    auto& spawner = options_.spawner != nullptr ? *options_.spawner : direct_;
    auto process = HelperProcess::start(executor_, spawner, run, [this](const HelperEnd& end) {
      finish(evaluate(options_.path, running_->verb, end));
    });
    if (process)
      process_ = *std::move(process);
    else
      finish(std::unexpected(process.error()));
  }

  std::vector<std::string> environment() const {
    auto all = basic_helper_environment();
    all.insert(all.end(), options_.environment.begin(), options_.environment.end());
    return all;
  }

  void finish(Output output) {
    // The handler may destroy the board, and the finished process object is on the call stack.
    asio::post(executor_, [self = shared_from_this(), output = std::move(output)]() mutable {
      if (self->stopped_) return;
      self->process_.reset();
      auto done = std::move(self->running_->done);
      self->running_.reset();
      self->next();
      done(std::move(output));
    });
  }

  asio::any_io_executor executor_;
  HelperBoardOptions options_;
  DirectSpawner direct_;
  std::deque<Request> waiting_;
  std::optional<Request> running_;
  std::unique_ptr<HelperProcess> process_;
  bool stopped_ = false;
};

namespace {

// Turns the helper's keys into the verb's result.
template <class T>
std::move_only_function<void(Output)> typed(
    std::string_view verb, std::expected<T, std::string> (*convert)(const KeyValues&),
    Board::Handler<T> done) {
  return [verb, convert, done = std::move(done)](Output output) mutable {
    if (!output) return done(std::unexpected(output.error()));
    auto result = convert(*output);
    if (result) return done(*std::move(result));
    done(fail(ErrorCode::helper_output, verb, "its output is refused: " + result.error()));
  };
}

std::move_only_function<void(Output)> untyped(Board::Handler<void> done) {
  return [done = std::move(done)](Output output) mutable {
    if (output) return done({});
    done(std::unexpected(output.error()));
  };
}

}  // namespace

std::vector<std::string> basic_helper_environment() {
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
}

HelperBoard::HelperBoard(asio::any_io_executor executor, HelperBoardOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {}

HelperBoard::~HelperBoard() { impl_->stop(); }

void HelperBoard::identity(Handler<BoardIdentity> done) {
  impl_->request("identity", {}, impl_->limits().identity,
                 typed<BoardIdentity>("identity", board_identity, std::move(done)));
}

void HelperBoard::bearer_up(BearerRequest request, Handler<BearerStatus> done) {
  auto finish = typed<BearerStatus>("bearer-up", bearer_up_result, std::move(done));
  if (!is_apn(request.apn))
    return impl_->later(std::move(finish),
                        fail(ErrorCode::helper_failed, "bearer-up",
                             "the APN may hold letters, digits, '.' and '-' only, at most 100"));
  std::vector<std::string> arguments;
  if (!request.apn.empty()) arguments.push_back("apn=" + request.apn);
  impl_->request("bearer-up", std::move(arguments), impl_->limits().bearer_up, std::move(finish));
}

void HelperBoard::bearer_down(Handler<void> done) {
  impl_->request("bearer-down", {}, impl_->limits().bearer_down, untyped(std::move(done)));
}

void HelperBoard::bearer_status(Handler<BearerStatus> done) {
  impl_->request("bearer-status", {}, impl_->limits().bearer_status,
                 typed<BearerStatus>("bearer-status", hal::bearer_status, std::move(done)));
}

void HelperBoard::wan_status(Handler<WanStatus> done) {
  impl_->request("wan-status", {}, impl_->limits().wan_status,
                 typed<WanStatus>("wan-status", hal::wan_status, std::move(done)));
}

void HelperBoard::led(Led state, Handler<void> done) {
  impl_->request("led", {std::string(to_string(state))}, impl_->limits().led,
                 untyped(std::move(done)));
}

void HelperBoard::reboot(Handler<void> done) {
  impl_->request("reboot", {}, impl_->limits().reboot, untyped(std::move(done)));
}

void HelperBoard::modem_power_cycle(Handler<void> done) {
  impl_->request("modem-power-cycle", {}, impl_->limits().modem_power_cycle,
                 untyped(std::move(done)));
}

void HelperBoard::install(std::string file, std::string version, Handler<void> done) {
  impl_->request("install", {std::move(file), std::move(version)}, impl_->limits().install,
                 untyped(std::move(done)));
}

void HelperBoard::install_status(Handler<InstallStatus> done) {
  impl_->request("install-status", {}, impl_->limits().install_status,
                 typed<InstallStatus>("install-status", hal::install_status, std::move(done)));
}

void HelperBoard::install_commit(std::string version, Handler<void> done) {
  impl_->request("install-commit", {std::move(version)}, impl_->limits().install_commit,
                 untyped(std::move(done)));
}

}  // namespace oobm::hal
