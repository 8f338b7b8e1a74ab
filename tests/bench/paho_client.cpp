// The MQTT library as everybody else uses it, with TLS by its own OpenSSL: what the agent's uplink
// is compared with. It is asked for the same as uplink_client.cpp, in the same order.
#include <iostream>

#include <mqtt/async_client.h>

#include "tests/bench/client_program.hpp"

namespace oobm::bench {
namespace {

constexpr int at_least_once = 1;

mqtt::ssl_options tls(const Arguments& arguments) {
  mqtt::ssl_options options;
  options.set_trust_store(arguments["anchors"]);
  options.set_key_store(arguments["certificate"]);
  options.set_private_key(arguments["key"]);
  options.set_enable_server_cert_auth(true);
  options.set_verify(true);
  if (arguments["tls"] == "1.2") options.set_ssl_version(MQTT_SSL_VERSION_TLS_1_2);
  return options;
}

mqtt::connect_options login(const Arguments& arguments) {
  mqtt::connect_options options(MQTTVERSION_3_1_1);
  options.set_clean_session(false);
  options.set_keep_alive_interval(arguments.number("keepalive"));
  options.set_user_name(arguments["client-id"]);
  options.set_ssl(tls(arguments));
  return options;
}

void obey(mqtt::async_client& client, const Arguments& arguments, const std::string& command) {
  if (command == "connect") {
    const auto token = client.connect(login(arguments));
    const bool kept = token->get_connect_response().is_session_present();
    client.subscribe(arguments["filter"], at_least_once)->wait();
    tell("ready", kept ? "kept" : "new");
  } else if (command == "stop") {
    client.disconnect()->wait();
    tell("closed");
  } else {
    client.publish(arguments["topic"], payload_of(command), at_least_once, false)->wait();
    tell("published");
  }
}

}  // namespace
}  // namespace oobm::bench

int main(int argc, char** argv) {
  using namespace oobm::bench;
  const Arguments arguments(argc, argv);
  mqtt::async_client client("ssl://" + arguments["host"] + ":" + arguments["port"],
                            arguments["client-id"], mqtt::NO_PERSISTENCE);
  try {
    for (std::string command; std::getline(std::cin, command);) obey(client, arguments, command);
  } catch (const std::exception& thrown) {
    tell("closed", thrown.what());
    return 1;
  }
  return 0;
}
