#include "agent/uplink/session.hpp"

#include <array>
#include <utility>

#include <asio/post.hpp>

#include "agent/uplink/session_impl.hpp"

namespace oobm::uplink {

Session::Impl::Impl(std::shared_ptr<Sessions::Impl> library, SessionOptions options,
                    SessionHandlers handlers)
    : library_(std::move(library)),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      timer_(library_->loop()) {}

void Session::Impl::start(LinkRequest request) {
  request.carries = Carries::mqtt;
  request.silence = options_.silence;
  bridge_ = std::make_shared<PahoBridge>(library_->loop(), weak_from_this());
  LinkHandlers handlers;
  handlers.on_ready = [weak = weak_from_this()](LinkInfo info, UniqueFd plain) {
    if (const auto me = weak.lock()) me->on_link_ready(std::move(info), std::move(plain));
  };
  handlers.on_closed = [weak = weak_from_this()](const Failure&) {
    if (const auto me = weak.lock()) me->on_link_closed();
  };
  link_.emplace(library_->gate().open(std::move(request), std::move(handlers)));
}

void Session::Impl::on_link_ready(LinkInfo info, UniqueFd plain) {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::waiting;
  info_ = std::move(info);
  plain_ = std::move(plain);
  link_ready_at_ = Clock::now();
  limit(options_.login_timeout);
  library_->request_library(shared_from_this());
}

void Session::Impl::start_mqtt() {
  phase_ = Phase::logging_in;
  ticket_ = std::make_unique<ConnectTicket>(std::move(plain_));
  client_ = std::make_shared<PahoClient>(ticket_->uri(), options_, bridge_);
  call_library([](PahoClient& client) { client.log_in(); });
}

void Session::Impl::on_logged_in(bool session_present) {
  if (phase_ != Phase::logging_in) return;
  session_present_ = session_present;
  if (options_.subscriptions.empty()) return become_ready();
  phase_ = Phase::subscribing;
  call_library(
      [filters = options_.subscriptions](PahoClient& client) { client.subscribe(filters); });
  // Kept messages come before the SUBACK and wait for the caller, who may wait for ready.
  if (session_present) become_ready();
}

void Session::Impl::on_subscribed(bool all_granted) {
  if (phase_ != Phase::subscribing && phase_ != Phase::ready) return;
  if (!all_granted) return finish(failure(Code::mqtt_subscribe_refused));
  if (phase_ == Phase::subscribing) become_ready();
}

void Session::Impl::become_ready() {
  phase_ = Phase::ready;
  was_ready_ = true;
  timer_.cancel();
  ReadyInfo ready;
  ready.session_present = session_present_;
  ready.link = info_;
  ready.login_time =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - link_ready_at_);
  ready.traffic = traffic();
  // A copy, here and below: the handler may destroy the session, and itself with it.
  if (const auto on_ready = handlers_.on_ready) on_ready(std::move(ready));
  send_more();
}

std::expected<PublishToken, Failure> Session::Impl::publish(std::string topic, std::string payload,
                                                            Use use) {
  if (phase_ == Phase::closed || phase_ == Phase::leaving) {
    return std::unexpected(failure(Code::session_closed, topic));
  }
  if (auto refused = link_->refusal(use)) return std::unexpected(*std::move(refused));
  auto token = window_.add(std::move(topic), std::move(payload), use);
  send_more();
  return token;
}

void Session::Impl::send_more() {
  while (phase_ == Phase::ready) {
    auto next = window_.next();
    if (!next) return;
    link_->expect(next->use);
    call_library([message = std::move(*next)](PahoClient& client) {
      client.publish(message.topic, message.payload, message.token);
    });
  }
}

void Session::Impl::on_published(PublishToken token) {
  if (phase_ == Phase::closed || !window_.confirm(token)) return;
  send_more();
  if (const auto on_published = handlers_.on_published) on_published(token);
}

void Session::Impl::on_arrived(Message message, ArrivalNumber number) {
  if (phase_ == Phase::closed) return;
  const bool acknowledged = message.qos > 0;
  Puback puback([weak = weak_from_this(), bridge = bridge_, number, acknowledged](bool stored) {
    if (stored || !acknowledged) return bridge->release(number);
    if (const auto me = weak.lock()) {
      me->finish(failure(Code::cut, "an inbound message was not stored"));
    }
  });
  const auto on_message = handlers_.on_message;
  if (!on_message) return puback.release();
  on_message(std::move(message), std::move(puback));
}

void Session::Impl::stop() {
  if (phase_ == Phase::closed || phase_ == Phase::leaving) return;
  const bool logged_in = phase_ == Phase::ready || phase_ == Phase::subscribing;
  if (!logged_in) return finish(failure(Code::stopped));
  phase_ = Phase::leaving;
  limit(options_.stop_limit);
  call_library([](PahoClient& client) { client.log_out(); });
}

std::optional<Failure> Session::Impl::login_refusal() const {
  // MQTT 3.1.1 table 3.1; 4 and 5 do not tell a wrong password from an unknown router.
  static constexpr std::array codes = std::to_array<Code>(
      {Code::mqtt_version_refused, Code::mqtt_identifier_rejected, Code::mqtt_server_unavailable,
       Code::mqtt_bad_credentials, Code::mqtt_bad_credentials});
  const auto code = link_->connack_code();
  if (!code || *code == 0) return {};
  if (*code > codes.size()) return failure(Code::mqtt_protocol, "CONNACK " + std::to_string(*code));
  return failure(codes[*code - 1U], "CONNACK " + std::to_string(*code));
}

Failure Session::Impl::library_failure(const std::string& why) const {
  if (auto refusal = login_refusal()) return *std::move(refusal);
  // The library only sees that its end was closed; the link knows why.
  const auto reason = link_->end_reason();
  if (reason && reason->code != Code::stopped) return *reason;
  if (phase_ >= Phase::subscribing && link_->since_last_received() >= options_.keepalive) {
    return failure(Code::keepalive_lost, info_.remote_address);
  }
  return failure(Code::mqtt_protocol, why);
}

void Session::Impl::on_library_gave_up(const std::string& why) {
  finish(phase_ == Phase::leaving ? failure(Code::stopped) : library_failure(why));
}

void Session::Impl::on_link_closed() { on_library_gave_up("the MQTT client has closed"); }

void Session::Impl::finish(Failure reason) {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  timer_.cancel();
  if (link_) link_->abort(reason);
  bridge_->release_all();  // the link is gone: what the library acknowledges now goes nowhere
  ticket_.reset();
  plain_.reset();
  if (client_) library_->bury(std::exchange(client_, nullptr));
  asio::post(library_->loop(), [me = shared_from_this(), reason = std::move(reason)] {
    const auto on_closed = std::exchange(me->handlers_, {}).on_closed;
    if (on_closed) on_closed(reason);
  });
}

void Session::Impl::limit(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
    const auto me = weak.lock();
    if (!error && me) me->on_limit();
  });
}

void Session::Impl::on_limit() {
  switch (phase_) {
    case Phase::waiting:
      return finish(failure(Code::mqtt_timeout, "another session has not ended yet"));
    case Phase::logging_in:
    case Phase::subscribing:
      return finish(failure(Code::mqtt_timeout, info_.remote_address));
    case Phase::leaving:
      return finish(failure(Code::stopped));
    default:
      return;  // it fired in the same turn of the loop in which its phase ended
  }
}

void Session::Impl::call_library(std::function<void(PahoClient&)> call) {
  library_->on_library_thread([client = client_, call = std::move(call)] { call(*client); });
}

Session::Session(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Session::~Session() {
  impl_->forget();
  impl_->finish(failure(Code::cut));
}

std::expected<PublishToken, Failure> Session::publish(std::string topic, std::string payload,
                                                      Use use) {
  return impl_->publish(std::move(topic), std::move(payload), use);
}
void Session::stop() { impl_->stop(); }
void Session::cut(Failure reason) { impl_->finish(std::move(reason)); }
Traffic Session::traffic() const { return impl_->traffic(); }
SessionLife Session::life() const { return impl_->life(); }

}  // namespace oobm::uplink
