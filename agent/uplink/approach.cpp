#include "agent/uplink/approach.hpp"

#include <array>
#include <cerrno>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <sys/socket.h>

#include "agent/uplink/addresses.hpp"
#include "agent/uplink/bound_socket.hpp"
#include "agent/uplink/limits.hpp"
#include "agent/uplink/resolver.hpp"

namespace oobm::uplink {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

int pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

bool prefers_v6(const Addresses& remembered) {
  return remembered.empty() || remembered.front().is_v6();
}

AddressQueue::Order order_for(const Target& target) {
  return target.static_addresses.empty() ? AddressQueue::Order::families_in_turn
                                         : AddressQueue::Order::as_given;
}

// What no other address mends.
bool is_final(const Failure& why) {
  return why.layer == Layer::permit || why.layer == Layer::interface;
}

}  // namespace

class Approach::Impl : public std::enable_shared_from_this<Approach::Impl> {
 public:
  Impl(asio::io_context& loop, Permit& permit, const Target& target, const Timeouts& timeouts,
       Meter meter)
      : loop_(loop),
        permit_(permit),
        target_(target),
        timeouts_(timeouts),
        remembered_(remembered_addresses(target)),
        v6_first_(prefers_v6(remembered_)),
        queue_(order_for(target), v6_first_),
        resolver_(loop, permit, target, meter),
        dns_limit_(loop),
        patience_(loop),
        resolution_(loop),
        pace_(loop) {}

  void start(Done done) {
    done_ = std::move(done);
    started_ = Clock::now();
    const auto known = known_addresses(target_);
    if (!known) return finish(std::unexpected(known.error()));
    if (!known->empty()) {
      queue_.add(*known);
      return attempt();
    }
    unanswered_ = 2;
    after(dns_limit_, timeouts_.dns, &Impl::on_dns_limit);
    if (!remembered_.empty()) after(patience_, timeouts_.remembered_after, &Impl::on_patience);
    resolver_.start([this](Family family, std::expected<Addresses, Failure> answer) {
      on_answer(family, std::move(answer));
    });
  }

  void close() {
    done_ = nullptr;
    for (auto* timer : {&dns_limit_, &patience_, &resolution_, &pace_}) timer->cancel();
    for (const auto& attempt : std::exchange(attempts_, {})) abandon(*attempt);
  }

 private:
  struct Attempt {
    Attempt(asio::io_context& loop, const tcp::endpoint& to)
        : remote(to), socket(loop), limit(loop) {}
    tcp::endpoint remote;
    asio::posix::stream_descriptor socket;
    asio::steady_timer limit;
    Clock::time_point begun = Clock::now();
  };
  using Attempts = std::list<std::shared_ptr<Attempt>>;

  // What waits for an attempt keeps it alive until told.
  static void abandon(Attempt& attempt) {
    asio::error_code ignored;
    attempt.socket.close(ignored);
    attempt.limit.cancel();
  }

  void after(asio::steady_timer& timer, std::chrono::milliseconds time, void (Impl::*call)()) {
    timer.expires_after(time);
    timer.async_wait([weak = weak_from_this(), call](const asio::error_code& error) {
      const auto me = weak.lock();
      if (!error && me && me->done_) (me.get()->*call)();
    });
  }

  // ---- addresses

  void on_answer(Family family, std::expected<Addresses, Failure> answer) {
    if (!done_ || unanswered_ == 0) return;
    --unanswered_;
    if (answer) {
      resolved_ = true;
      queue_.add(*answer);
    } else if (is_final(answer.error())) {
      return finish(std::unexpected(std::move(answer.error())));
    } else {
      note_dns_failure(std::move(answer.error()));
    }
    const bool awaited = family == (v6_first_ ? Family::v6 : Family::v4);
    if (unanswered_ == 0) return all_answered();
    if (!answer) return;
    if (awaited || racing_) return attempt();
    after(resolution_, resolution_delay, &Impl::attempt);
  }

  // A family without addresses says less than one that could not be asked.
  void note_dns_failure(Failure why) {
    if (!dns_failure_ || dns_failure_->code == Code::dns_no_such_name)
      dns_failure_ = std::move(why);
  }

  void all_answered() {
    dns_limit_.cancel();
    patience_.cancel();
    if (!resolved_) queue_.add(remembered_);
    attempt();
  }

  void on_dns_limit() {
    if (unanswered_ == 0) return;
    unanswered_ = 0;
    note_dns_failure(failure(Code::dns_timeout, target_.host));
    all_answered();
  }

  void on_patience() {
    queue_.add(remembered_);
    attempt();
  }

  // ---- attempts

  // Something has changed: the next address is tried unless the pace says that its time has not
  // come.
  void attempt() {
    racing_ = true;
    if (attempts_.empty() || !pacing_) next_attempt();
  }

  void on_pace() {
    pacing_ = false;
    next_attempt();
  }

  void next_attempt() {
    pacing_ = false;
    pace_.cancel();
    while (const auto address = queue_.next()) {
      if (dns_time_ == std::chrono::milliseconds(0)) dns_time_ = since(started_);
      const auto begun = begin({*address, target_.port});
      if (!done_) return;
      if (begun) {
        pacing_ = true;
        return after(pace_, timeouts_.attempt_delay, &Impl::on_pace);
      }
      if (is_final(begun.error())) return finish(std::unexpected(begun.error()));
      note(begun.error());
    }
    if (attempts_.empty() && unanswered_ == 0) finish(std::unexpected(cause()));
  }

  std::expected<void, Failure> begin(const tcp::endpoint& remote) {
    const int family = remote.address().is_v6() ? AF_INET6 : AF_INET;
    auto made = make_bound_socket(permit_, target_, family, SOCK_STREAM);
    if (!made) return std::unexpected(std::move(made.error()));
    if (auto set = set_tcp_options(made->get(), family, target_.mtu, timeouts_.unacknowledged);
        !set)
      return set;
    const auto size = static_cast<socklen_t>(remote.size());
    if (::connect(made->get(), remote.data(), size) != 0 && errno != EINPROGRESS)
      return std::unexpected(socket_failure(errno, endpoint_text(remote)));
    auto attempt = std::make_shared<Attempt>(loop_, remote);
    asio::error_code refused;
    attempt->socket.assign(made->get(), refused);
    if (refused) return std::unexpected(failure(Code::local_error, refused.message()));
    made->release();
    attempts_.push_back(attempt);
    watch(attempt);
    return {};
  }

  void watch(const std::shared_ptr<Attempt>& attempt) {
    const auto settle = [weak = weak_from_this(), attempt](bool late) {
      return [weak, attempt, late](const asio::error_code& error) {
        const auto me = weak.lock();
        if (!error && me && me->done_) me->settle(attempt, late);
      };
    };
    attempt->socket.async_wait(asio::posix::descriptor_base::wait_write, settle(false));
    attempt->limit.expires_after(timeouts_.tcp);
    attempt->limit.async_wait(settle(true));
  }

  void settle(const std::shared_ptr<Attempt>& attempt, bool late) {
    if (attempts_.remove(attempt) == 0) return;
    const std::string remote = endpoint_text(attempt->remote);
    const int error = late ? ETIMEDOUT : pending_error(attempt->socket.native_handle());
    if (error == 0) return win(*attempt);
    abandon(*attempt);
    note(late ? failure(Code::tcp_timeout, remote) : socket_failure(error, remote));
    next_attempt();
  }

  void win(Attempt& attempt) {
    attempt.limit.cancel();
    Reached reached;
    reached.remote = attempt.remote;
    reached.remembered = !resolved_ && !dns_was_spared();
    reached.dns_time = dns_was_spared() ? std::chrono::milliseconds(0) : dns_time_;
    reached.tcp_time = since(attempt.begun);
    reached.socket.reset(attempt.socket.release());
    finish(std::move(reached));
  }

  bool dns_was_spared() const { return unanswered_ == 0 && !resolved_ && !dns_failure_; }

  // ---- the end

  void note(Failure why) {
    const bool further = !tried_ || tried_->layer == Layer::route || why.layer != Layer::route;
    if (further) tried_ = std::move(why);
  }

  Failure cause() const {
    if (dns_failure_ && !resolved_) {
      Failure first = *dns_failure_;
      if (tried_) first.detail += "; remembered address: " + to_string(*tried_);
      return first;
    }
    return tried_.value_or(failure(Code::dns_no_such_name, target_.host));
  }

  void finish(std::expected<Reached, Failure> outcome) {
    const auto done = std::exchange(done_, nullptr);
    close();
    if (done) done(std::move(outcome));
  }

  asio::io_context& loop_;
  Permit& permit_;
  const Target& target_;
  const Timeouts& timeouts_;
  Addresses remembered_;
  bool v6_first_;
  AddressQueue queue_;
  Resolver resolver_;
  asio::steady_timer dns_limit_;
  asio::steady_timer patience_;
  asio::steady_timer resolution_;
  asio::steady_timer pace_;
  Clock::time_point started_{};
  std::chrono::milliseconds dns_time_{0};
  int unanswered_ = 0;     // families of which DNS has said nothing yet
  bool resolved_ = false;  // DNS gave an address
  bool racing_ = false;
  bool pacing_ = false;
  std::optional<Failure> dns_failure_;
  std::optional<Failure> tried_;
  Attempts attempts_;
  Done done_;
};

Approach::Approach(asio::io_context& loop, Permit& permit, const Target& target,
                   const Timeouts& timeouts, Meter meter)
    : impl_(std::make_shared<Impl>(loop, permit, target, timeouts, meter)) {}

Approach::~Approach() { impl_->close(); }

void Approach::cancel() { impl_->close(); }

void Approach::start(Done done) { impl_->start(std::move(done)); }

}  // namespace oobm::uplink
