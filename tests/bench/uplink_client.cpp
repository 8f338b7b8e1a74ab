// The agent's uplink as a program: gate and session as the daemon uses them, driven by lines on
// standard input. What it costs on the wire is measured from outside.
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/read_until.hpp>
#include <asio/streambuf.hpp>
#include <unistd.h>

#include "agent/uplink/session.hpp"
#include "agent/uplink/tls_ticket.hpp"
#include "tests/bench/client_program.hpp"

namespace oobm::bench {
namespace {

class Granted final : public uplink::Permit {
 public:
  std::expected<void, uplink::Refusal> may_connect(const uplink::Target&) override { return {}; }
};

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return std::move(text).str();
}

class Client {
 public:
  explicit Client(Arguments arguments)
      : arguments_(std::move(arguments)),
        gate_(
            loop_, permit_, [] { return std::time(nullptr); }, &tickets_),
        sessions_(loop_, gate_),
        commands_(loop_, ::dup(STDIN_FILENO)) {}

  void run() {
    next_command();
    loop_.run();
  }

 private:
  void next_command() {
    asio::async_read_until(commands_, line_, '\n',
                           [this](const asio::error_code& end, std::size_t) {
                             if (end) return loop_.stop();
                             std::string command;
                             std::istream stream(&line_);
                             std::getline(stream, command);
                             obey(command);
                             next_command();
                           });
  }

  void obey(const std::string& command) {
    if (command == "connect") {
      connect();
    } else if (command == "stop") {
      session_->stop();
    } else {
      session_->publish(arguments_["topic"], payload_of(command));
    }
  }

  void connect() {
    uplink::SessionHandlers handlers;
    handlers.on_ready = [](const uplink::ReadyInfo& ready) {
      const std::string tls = ready.link.tls_version + (ready.link.resumed ? " resumed" : " full");
      tell("ready", tls + (ready.session_present ? " kept" : " new"));
    };
    handlers.on_published = [](uplink::PublishToken) { tell("published"); };
    handlers.on_closed = [](const uplink::Failure& why) { tell("closed", to_string(why)); };
    session_ = sessions_.open(link(), session(), std::move(handlers));
  }

  uplink::LinkRequest link() const {
    uplink::LinkRequest request;
    request.target.instance = "na";
    request.target.host = arguments_["host"];
    request.target.port = static_cast<std::uint16_t>(arguments_.number("port"));
    request.target.interface = arguments_["interface"];
    request.target.static_addresses = {arguments_["address"]};
    request.tls.anchors_pem = text_of(arguments_["anchors"]);
    request.tls.certificate_file = arguments_["certificate"];
    request.tls.key_file = arguments_["key"];
    request.tls.versions = arguments_["tls"] == "1.2" ? uplink::TlsVersions::prefer_tls12
                                                      : uplink::TlsVersions::prefer_tls13;
    return request;
  }

  uplink::SessionOptions session() const {
    uplink::SessionOptions options;
    options.client_id = options.user_name = arguments_["client-id"];
    options.keepalive = std::chrono::seconds(arguments_.number("keepalive"));
    options.subscriptions = {arguments_["filter"]};
    return options;
  }

  Arguments arguments_;
  asio::io_context loop_{1};
  Granted permit_;
  uplink::TlsTickets tickets_;
  uplink::Gate gate_;
  uplink::Sessions sessions_;
  asio::posix::stream_descriptor commands_;
  asio::streambuf line_;
  std::unique_ptr<uplink::Session> session_;
};

}  // namespace
}  // namespace oobm::bench

int main(int argc, char** argv) {
  oobm::bench::Client(oobm::bench::Arguments(argc, argv)).run();
  return 0;
}
