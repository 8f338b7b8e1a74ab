// A real broker on a port of its own: TLS, client certificates required.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/uplink/support/certificates.hpp"
#include "tests/unit/uplink/support/process.hpp"

namespace oobm::uplink::test {

std::uint16_t free_port();
// True once something listens on 127.0.0.1:port; false after 20 s.
bool wait_for_port(std::uint16_t port);

struct BrokerOptions {
  CertificateFiles server;
  std::filesystem::path client_authority;  // which client certificates it accepts
  std::string max_tls;                     // "TLSv1.2", or empty for the newest
  std::string extra;                       // further lines of mosquitto.conf
  bool anonymous = true;
  std::uint16_t port = 0;  // 0: a free one
};

class Mosquitto {
 public:
  explicit Mosquitto(BrokerOptions options);
  Mosquitto() : Mosquitto(default_options()) {}
  ~Mosquitto();

  static BrokerOptions default_options();
  std::uint16_t port() const { return port_; }
  std::string log() const;
  void stop() { process_->end(); }

  // Publishes with mosquitto_pub, an independent client.
  int publish(const std::string& topic, const std::string& payload, bool retained = false) const;

  // Waits for one message with mosquitto_sub; its payload goes to `output`, once subscribed.
  Process subscribe(const std::string& topic, const std::filesystem::path& output) const;

 private:
  std::vector<std::string> client(const std::string& program) const;

  std::uint16_t port_;
  std::filesystem::path folder_;
  std::unique_ptr<Process> process_;
};

}  // namespace oobm::uplink::test
