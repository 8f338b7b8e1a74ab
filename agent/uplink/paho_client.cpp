#include "agent/uplink/paho_client.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <mqtt/async_client.h>

namespace oobm::uplink {
namespace {

constexpr std::chrono::milliseconds log_out_patience{1'000};
constexpr std::chrono::seconds end_patience{2};
constexpr int qos_at_least_once = 1;
constexpr int first_refused_qos = 0x80;  // SUBACK return code (MQTT 3.1.1 section 3.9.3)

mqtt::connect_options connect_options(const SessionOptions& options) {
  mqtt::connect_options connect(MQTTVERSION_3_1_1);
  connect.set_clean_session(options.clean_session);
  connect.set_keep_alive_interval(options.keepalive);
  connect.set_automatic_reconnect(false);
  connect.set_max_inflight(static_cast<int>(publish_window_messages));
  // Longer than the session's own limit, which knows the cause.
  connect.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(options.login_timeout) +
                              std::chrono::seconds(10));
  if (!options.user_name.empty()) connect.set_user_name(options.user_name);
  if (options.password) connect.set_password(*options.password);
  if (options.will) {
    connect.set_will(
        mqtt::will_options(options.will->topic, options.will->payload, qos_at_least_once, false));
  }
  return connect;
}

Message to_message(const mqtt::message& from) {
  Message message;
  message.topic = from.get_topic();
  message.payload = from.get_payload_str();
  message.retained = from.is_retained();
  message.duplicate = from.is_duplicate();
  message.qos = from.get_qos();
  return message;
}

// Keeps the library initialised from the first session to the end of the process. With its last
// client the library frees its log, of which its threads may then write one more line: into 122 KiB
// allocated anew, which its next initialisation forgets (Log_pretrace in Paho C 1.3.14).
// Never connected, it has neither thread nor socket. May throw what the library throws.
void keep_library() {
  static const mqtt::async_client keeper("tcp://localhost", "keeper", mqtt::NO_PERSISTENCE);
}

}  // namespace

class PahoClient::Impl final : public mqtt::callback, public mqtt::iaction_listener {
 public:
  Impl(std::string uri, SessionOptions options, std::shared_ptr<PahoEvents> events)
      : uri_(std::move(uri)), options_(std::move(options)), events_(std::move(events)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  // The library must have seen the end of a connection before it loses its client: a packet that
  // one of its threads has just read would belong to nobody, and leak
  // (https://github.com/eclipse-paho/paho.mqtt.c/issues/1669 tells of worse).
  ~Impl() override {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, end_patience, [this] { return !connected_; });
  }

  void log_in() {
    attempt(&PahoEvents::login_failed, [this] {
      keep_library();
      client_ =
          std::make_unique<mqtt::async_client>(uri_, options_.client_id, mqtt::NO_PERSISTENCE);
      client_->set_callback(*this);
      set_connected(true);
      client_->connect(connect_options(options_), nullptr, *this);
    });
  }

  void subscribe(const std::vector<std::string>& filters) {
    attempt(&PahoEvents::operation_failed, [&] {
      const mqtt::iasync_client::qos_collection qos(filters.size(), qos_at_least_once);
      client_->subscribe(mqtt::string_collection::create(filters), qos, nullptr, *this);
    });
  }

  void publish(const std::string& topic, const std::string& payload, PublishToken token) {
    attempt(&PahoEvents::operation_failed, [&] {
      client_->publish(topic, payload.data(), payload.size(), qos_at_least_once, false,
                       as_context(token), *this);
    });
  }

  void log_out() {
    attempt(&PahoEvents::operation_failed, [this] {
      client_->disconnect(static_cast<int>(log_out_patience.count()), nullptr, *this);
    });
  }

 private:
  using Failed = void (PahoEvents::*)(std::string);

  static void* as_context(PublishToken token) { return reinterpret_cast<void*>(token); }

  template <typename Call>
  void attempt(Failed failed, Call call) {
    try {
      call();
    } catch (const std::exception& thrown) {
      if (failed == &PahoEvents::login_failed) set_connected(false);
      ((*events_).*failed)(thrown.what());
    }
  }

  void set_connected(bool connected) {
    const std::lock_guard lock(mutex_);
    connected_ = connected;
    if (!connected) ended_.notify_all();
  }

  void on_success(const mqtt::token& token) override {
    switch (token.get_type()) {
      case mqtt::token::CONNECT:
        events_->logged_in(token.get_connect_response().is_session_present());
        break;
      case mqtt::token::SUBSCRIBE:
        events_->subscribed(all_granted(token));
        break;
      case mqtt::token::PUBLISH:
        events_->published(reinterpret_cast<PublishToken>(token.get_user_context()));
        break;
      case mqtt::token::DISCONNECT:
        set_connected(false);
        break;
      default:
        break;
    }
  }

  void on_failure(const mqtt::token& token) override {
    const std::string why = token.get_error_message();
    switch (token.get_type()) {
      case mqtt::token::CONNECT:
        set_connected(false);
        events_->login_failed(why);
        break;
      case mqtt::token::DISCONNECT:
        set_connected(false);
        break;
      case mqtt::token::SUBSCRIBE:
        // The library also fails what a lost connection has left unanswered: no refusal.
        if (token.get_return_code() < first_refused_qos) return events_->operation_failed(why);
        events_->subscribed(false);
        break;
      default:
        break;  // the end of the connection says it
    }
  }

  static bool all_granted(const mqtt::token& token) {
    const auto response = token.get_subscribe_response();
    return std::ranges::all_of(response.get_reason_codes(),
                               [](auto code) { return code < first_refused_qos; });
  }

  void message_arrived(mqtt::const_message_ptr message) override {
    events_->arrived(to_message(*message));
  }

  void connection_lost(const std::string& why) override {
    set_connected(false);
    events_->connection_lost(why);
  }

  std::string uri_;
  SessionOptions options_;
  std::shared_ptr<PahoEvents> events_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool connected_ = false;                      // or about to be, as the library sees it
  std::unique_ptr<mqtt::async_client> client_;  // last: it calls back until it is gone
};

PahoClient::PahoClient(const std::string& uri, const SessionOptions& options,
                       std::shared_ptr<PahoEvents> events)
    : impl_(std::make_unique<Impl>(uri, options, std::move(events))) {}
PahoClient::~PahoClient() = default;

void PahoClient::log_in() { impl_->log_in(); }
void PahoClient::subscribe(const std::vector<std::string>& filters) { impl_->subscribe(filters); }
void PahoClient::publish(const std::string& topic, const std::string& payload, PublishToken token) {
  impl_->publish(topic, payload, token);
}
void PahoClient::log_out() { impl_->log_out(); }

}  // namespace oobm::uplink
