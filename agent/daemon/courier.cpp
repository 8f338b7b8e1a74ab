#include "agent/daemon/courier.hpp"

#include <utility>
#include <variant>

#include <asio/post.hpp>

#include "agent/alms/decode.hpp"
#include "agent/alms/encode.hpp"
#include "agent/alms/topics.hpp"
#include "agent/daemon/system.hpp"

namespace oobm::daemon {
namespace {

constexpr std::size_t max_secret_bytes = 255;  // AirVantage: password of at most 255 characters

std::optional<std::string> read_password(const std::string& path) {
  if (path.empty()) return std::nullopt;
  const auto text = read_head(path, max_secret_bytes);
  return text.substr(0, text.find('\n'));
}

core::LinkFault link_fault(const uplink::Failure& failure) {
  std::string sentence(uplink::sentence(failure.code));
  if (!failure.detail.empty()) sentence += " (" + failure.detail + ")";
  const bool oversized = failure.code == uplink::Code::mqtt_packet_too_large;
  return {.reason = oversized ? core::Reason::oversized_packet : core::Reason::uplink_failed,
          .code = std::string(uplink::name(failure.code)),
          .sentence = std::move(sentence)};
}

// What a message's bytes are spent on.
struct UseOf {
  uplink::Use operator()(const core::Ack&) const { return uplink::Use::tasks; }
  uplink::Use operator()(const core::ReadAnswer&) const { return uplink::Use::tasks; }
  uplink::Use operator()(const core::Heartbeat&) const { return uplink::Use::heartbeat; }
  uplink::Use operator()(const core::Telemetry&) const { return uplink::Use::telemetry; }
  uplink::Use operator()(const auto&) const { return uplink::Use::lifecycle; }
};

// "10.64.0.2" of "10.64.0.2:40312", "2001:db8::7" of "[2001:db8::7]:40312".
std::string without_port(const std::string& endpoint) {
  auto text = endpoint.substr(0, endpoint.rfind(':'));
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

core::SessionLife lived(std::chrono::seconds keepalive, const uplink::SessionLife& life,
                        const uplink::Failure& end, bool bearer_stood) {
  using enum uplink::Code;
  const auto silent = std::chrono::floor<std::chrono::seconds>(life.silent_for);
  // A NAT that forgot answers what is said, at a keepalive's time; a reset that nobody asked for is
  // a server that restarts, and its whole fleet must not take it for silence.
  const bool forgotten = end.code == tcp_reset && silent >= core::silence_that_counts(keepalive);
  return {.interval = keepalive,
          .silences = life.silences,
          .silent_at_end = silent,
          .lost = end.code == keepalive_lost || end.code == tcp_timeout || forgotten,
          .bearer_stood = bearer_stood};
}

Courier::Courier(asio::io_context& loop, const Config& config, const Directory& directory,
                 LinkMemory& memory, Credentials& credentials, uplink::Permit& permit,
                 uplink::TrustedTime trusted_time, std::function<void(core::Event)> feed)
    : loop_(loop),
      config_(config),
      directory_(directory),
      credentials_(credentials),
      memory_(memory),
      feed_(std::move(feed)),
      gate_(loop, permit, std::move(trusted_time), &credentials.tickets()),
      sessions_(loop, gate_) {}

void Courier::refuse(std::string code, std::string sentence) {
  if (std::exchange(refusing_, true)) return;
  asio::post(loop_, [this, fault = core::LinkFault{core::Reason::uplink_failed, std::move(code),
                                                   std::move(sentence)}] {
    refusing_ = false;
    feed_(core::SessionClosed{fault});
  });
}

void Courier::connect(const core::Connect& order, const core::Serial& serial, const Way& way) {
  const auto& instance = order.instance;
  if (const auto why = directory_.why_unusable(instance))
    return refuse(incomplete_instance_code, *why);
  const auto& endpoint = *directory_.find(instance)->mqtt;
  instance_ = instance;
  serial_ = serial;
  way_ = way;
  radio_lost_ = false;
  keepalive_ = config_.keepalive_adapts ? memory_.keepalive(way.uplink, way.apn, config_.keepalive)
                                        : core::Keepalive{.interval = config_.keepalive};
  durable_.clear();
  deliveries_.clear();
  uplink::LinkRequest request{
      .target = {.instance = instance,
                 .host = endpoint.host,
                 .port = endpoint.port,
                 .interface = way.interface,
                 .dns_servers = way.dns_servers,
                 .static_addresses = endpoint.addresses,
                 .remembered_addresses = memory_.addresses(endpoint.host, way.uplink),
                 .mtu = way.mtu},
      .tls = credentials_.settings(*directory_.find(instance), way.uplink == core::Uplink::oobm)};
  uplink::SessionOptions options{
      .client_id = serial.str(),
      .user_name = serial.str(),
      .password = read_password(config_.identity.password_file),
      .keepalive = keepalive_.interval,
      .silence = core::silence_that_counts(keepalive_.interval),
      .will = uplink::Will{alms::topic_name(serial, alms::Topic::messages), alms::last_will()},
      .clean_session = order.fresh_session,
      .subscriptions = {alms::topic_name(serial, alms::Topic::tasks)}};
  uplink::SessionHandlers handlers{
      .on_ready = [this,
                   uplink = way.uplink](const uplink::ReadyInfo& info) { ready(info, uplink); },
      .on_message = [this](const uplink::Message& message,
                           uplink::Puback puback) { received(message, std::move(puback)); },
      .on_published =
          [this](uplink::PublishToken token) {
            const auto durable = durable_.find(token);
            if (durable == durable_.end()) return;
            const auto id = durable->second;
            durable_.erase(durable);
            feed_(core::Published{id});
          },
      .on_closed = [this](const uplink::Failure& failure) { closed(failure); }};
  session_ = sessions_.open(std::move(request), std::move(options), std::move(handlers));
}

void Courier::ready(const uplink::ReadyInfo& info, core::Uplink uplink) {
  const auto& endpoint = *directory_.find(instance_)->mqtt;
  if (endpoint.addresses.empty())
    memory_.reached(endpoint.host, uplink, without_port(info.link.remote_address));
  credentials_.ready(info.link);
  feed_(core::SessionReady{.uplink = uplink,
                           .interface = info.link.interface,
                           .address = without_port(info.link.local_address),
                           .dates_ok = info.link.dates_ok});
}

void Courier::received(const uplink::Message& message, uplink::Puback puback) {
  const auto verify = [this](std::string_view jws) { return directory_.verify(instance_, jws); };
  auto tasks = alms::decode_tasks(message.payload, verify);
  auto delivery = std::make_shared<Delivery>(Delivery{std::move(puback), 0});
  for (const auto& task : tasks) {
    if (!task) continue;
    ++delivery->open;
    deliveries_.emplace(task->uid, delivery);
  }
  if (delivery->open == 0) delivery->puback.release();
  for (auto& task : tasks) {
    if (task)
      feed_(core::TaskArrived{*std::move(task), message.retained});
    else
      feed_(core::Unreadable{task.error()});
  }
}

void Courier::release(const std::string& uid) {
  const auto found = deliveries_.find(uid);
  if (found == deliveries_.end()) return;
  const auto delivery = found->second;
  deliveries_.erase(found);
  if (--delivery->open == 0) delivery->puback.release();
}

void Courier::publish(const core::Publish& effect) {
  if (!session_ || !serial_) return;
  auto encoded = alms::encode(effect.outgoing);
  if (encoded.payload.empty()) return;
  const auto token =
      session_->publish(alms::topic_name(*serial_, encoded.topic), std::move(encoded.payload),
                        std::visit(UseOf{}, effect.outgoing.message));
  if (effect.id == 0) return;
  // What is durable must not be passed over: the next session sends it again, in order.
  if (token)
    durable_.emplace(*token, effect.id);
  else
    session_->cut(token.error());
}

void Courier::disconnect() {
  if (session_)
    session_->stop();
  else
    refuse({}, {});
}

void Courier::closed(const uplink::Failure& failure) {
  credentials_.closed(failure);
  deliveries_.clear();
  durable_.clear();
  if (session_) learn_from(session_->life(), failure);
  session_.reset();
  feed_(core::SessionClosed{link_fault(failure)});
}

void Courier::learn_from(const uplink::SessionLife& life, const uplink::Failure& end) {
  if (!life.was_ready || !config_.keepalive_adapts) return;
  const bool bearer_stood = way_.uplink == core::Uplink::main_wan || !radio_lost_;
  memory_.learn(way_.uplink, way_.apn,
                core::learn(keepalive_, lived(keepalive_.interval, life, end, bearer_stood)));
}

uplink::TrafficByUse Courier::take_by_use(const std::string& interface) {
  return gate_.take_by_use(interface);
}

}  // namespace oobm::daemon
