#include "tests/unit/uplink/support/mosquitto.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

std::uint16_t free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

bool wait_for_port(std::uint16_t port) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

BrokerOptions Mosquitto::default_options() {
  auto& certificates = Certificates::get();
  BrokerOptions options;
  options.server = certificates.server();
  options.client_authority = certificates.authority();
  return options;
}

Mosquitto::Mosquitto(BrokerOptions options)
    : port_(options.port != 0 ? options.port : free_port()) {
  const auto& root = Certificates::get().folder();
  folder_ = root / ("mosquitto-" + std::to_string(port_));
  std::filesystem::create_directories(folder_);
  write_file(folder_ / "mosquitto.conf",
             "user root\npersistence false\nlog_type all\nset_tcp_nodelay true\nlistener " +
                 std::to_string(port_) + " 127.0.0.1\ncafile " + options.client_authority.string() +
                 "\ncertfile " + options.server.certificate.string() + "\nkeyfile " +
                 options.server.key.string() + "\nrequire_certificate true\nallow_anonymous " +
                 (options.anonymous ? "true" : "false") + "\n" + options.extra + "\n");
  std::vector<std::string> environment;
  if (!options.max_tls.empty()) {
    const auto file = folder_ / "openssl.cnf";
    write_file(file,
               "openssl_conf=conf\n[conf]\nssl_conf=ssl\n[ssl]\nsystem_default=all\n[all]\n"
               "MaxProtocol=" +
                   options.max_tls + "\n");
    environment.push_back("OPENSSL_CONF=" + file.string());
  }
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"mosquitto", "-c", (folder_ / "mosquitto.conf").string()},
      folder_ / "log", environment);
  if (!wait_for_port(port_)) throw std::runtime_error("mosquitto does not listen: " + log());
}

Mosquitto::~Mosquitto() = default;

std::string Mosquitto::log() const { return read_file(folder_ / "log"); }

std::vector<std::string> Mosquitto::client(const std::string& program) const {
  auto& certificates = Certificates::get();
  const auto files = certificates.client(program);
  return {program,
          "-h",
          "127.0.0.1",
          "-p",
          std::to_string(port_),
          "--cafile",
          certificates.authority().string(),
          "--cert",
          files.certificate.string(),
          "--key",
          files.key.string(),
          "--insecure",
          "-q",
          "1"};
}

int Mosquitto::publish(const std::string& topic, const std::string& payload, bool retained) const {
  auto arguments = client("mosquitto_pub");
  arguments.insert(arguments.end(), {"-t", topic, "-m", payload});
  if (retained) arguments.emplace_back("-r");
  return run(arguments, folder_ / "pub.log");
}

Process Mosquitto::subscribe(const std::string& topic, const std::filesystem::path& output) const {
  auto arguments = client("mosquitto_sub");
  arguments.insert(arguments.end(), {"-t", topic, "-C", "1", "-i", "watcher"});
  return Process(std::move(arguments), output);
}

}  // namespace oobm::uplink::test
