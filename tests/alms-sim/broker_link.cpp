#include "tests/alms-sim/broker_link.hpp"

#include <chrono>

namespace oobm::alms_sim {
namespace {

constexpr int qos_at_least_once = 1;
constexpr std::chrono::seconds keepalive{60};
constexpr std::chrono::seconds connect_timeout{5};
constexpr std::chrono::seconds goodbye_timeout{2};

mqtt::connect_options make_options(const BrokerOptions& options) {
  auto tls = mqtt::ssl_options_builder()
                 .trust_store(options.ca_file)
                 .key_store(options.certificate_file)
                 .private_key(options.key_file)
                 .enable_server_cert_auth(true)
                 .verify(true)
                 .finalize();
  return mqtt::connect_options_builder()
      .clean_session(false)
      .keep_alive_interval(keepalive)
      .connect_timeout(connect_timeout)
      .ssl(std::move(tls))
      .finalize();
}

}  // namespace

class BrokerLink::ConnectListener : public mqtt::iaction_listener {
 public:
  explicit ConnectListener(BrokerLink& link) : link_(link) {}
  void on_success(const mqtt::token&) override { link_.on_connected(); }
  void on_failure(const mqtt::token& token) override {
    link_.connecting_ = false;
    link_.handlers_.log("cannot connect to the broker: " + token.get_error_message());
  }

 private:
  BrokerLink& link_;
};

// The context of each publication is its uid, on the heap until the broker has answered.
class BrokerLink::PublishListener : public mqtt::iaction_listener {
 public:
  explicit PublishListener(BrokerLink& link) : link_(link) {}
  void on_success(const mqtt::token& token) override {
    if (const auto uid = take_uid(token); !uid->empty()) link_.handlers_.sent(*uid);
  }
  void on_failure(const mqtt::token& token) override { take_uid(token); }

 private:
  static std::unique_ptr<std::string> take_uid(const mqtt::token& token) {
    return std::unique_ptr<std::string>(static_cast<std::string*>(token.get_user_context()));
  }
  BrokerLink& link_;
};

BrokerLink::BrokerLink(const BrokerOptions& options, BrokerHandlers handlers)
    : handlers_(std::move(handlers)),
      client_("ssl://" + options.address, options.client_id),
      connect_options_(make_options(options)),
      connect_listener_(std::make_unique<ConnectListener>(*this)),
      publish_listener_(std::make_unique<PublishListener>(*this)) {
  client_.set_message_callback([this](const mqtt::const_message_ptr& message) {
    handlers_.message(message->get_topic(), message->to_string());
  });
  client_.set_connection_lost_handler(
      [this](const std::string&) { handlers_.log("lost the connection to the broker"); });
}

BrokerLink::~BrokerLink() { stop(); }

void BrokerLink::on_connected() {
  connecting_ = false;
  try {
    client_.subscribe("+/messages/json", qos_at_least_once);
    client_.subscribe("+/acks/json", qos_at_least_once);
    handlers_.connected();
  } catch (const mqtt::exception& error) {
    handlers_.log(std::string("cannot subscribe: ") + error.what());
  }
}

void BrokerLink::keep_connected() {
  if (client_.is_connected() || connecting_.exchange(true)) return;
  try {
    client_.connect(connect_options_, nullptr, *connect_listener_);
  } catch (const mqtt::exception& error) {
    connecting_ = false;
    handlers_.log(std::string("cannot connect to the broker: ") + error.what());
  }
}

void BrokerLink::publish(const Publication& publication) {
  if (!client_.is_connected()) return;
  auto uid = std::make_unique<std::string>(publication.uid);
  try {
    client_.publish(mqtt::make_message(publication.topic, publication.payload, qos_at_least_once,
                                       publication.retain),
                    uid.get(), *publish_listener_);
    static_cast<void>(uid.release());
  } catch (const mqtt::exception& error) {
    handlers_.log(std::string("cannot publish: ") + error.what());
  }
}

void BrokerLink::stop() {
  if (!client_.is_connected()) return;
  try {
    client_.disconnect()->wait_for(goodbye_timeout);
  } catch (const mqtt::exception& error) {
    handlers_.log(std::string("cannot say goodbye: ") + error.what());
  }
}

}  // namespace oobm::alms_sim
