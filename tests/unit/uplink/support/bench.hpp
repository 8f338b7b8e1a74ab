// One loop, one gate, one permission: what every test of a connection needs.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "agent/uplink/gate.hpp"
#include "agent/uplink/session.hpp"
#include "agent/uplink/tls_ticket.hpp"
#include "tests/unit/uplink/support/certificates.hpp"

namespace oobm::uplink::test {

class CountingPermit final : public Permit {
 public:
  std::expected<void, Refusal> may_connect(const Target& target) override {
    ++asked;
    last_host = target.host;
    if (refusal) return std::unexpected(*refusal);
    return {};
  }
  std::expected<void, Refusal> may_spend(const Target& /*target*/, Use use) override {
    if (withheld.contains(use)) return std::unexpected(Refusal{"DATA_ALLOWANCE", "Used up."});
    return {};
  }
  int asked = 0;
  std::set<Use> withheld;
  std::string last_host;
  std::optional<Refusal> refusal;
};

// Generous: a machine under load may take long, and a test that holds is not slowed by it.
inline constexpr std::chrono::seconds patience{30};

class Bench {
 public:
  Bench()
      : gate(loop, permit, [this] { return trusted_time; }, &tickets), work_(loop.get_executor()) {}

  // Runs the loop until `done` holds. False when patience has run out.
  bool run_until(const std::function<bool()>& done, std::chrono::seconds limit = patience) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  // A request that a server with the default certificates accepts.
  static LinkRequest request(std::uint16_t port) {
    auto& certificates = Certificates::get();
    LinkRequest request;
    request.target.instance = "na";
    request.target.host = broker_host;
    request.target.port = port;
    request.target.interface = "lo";
    request.target.static_addresses = {"127.0.0.1"};
    request.tls.anchors_pem = certificates.anchors();
    const auto client = certificates.client();
    request.tls.certificate_file = client.certificate;
    request.tls.key_file = client.key;
    return request;
  }

  // Opens a link and runs the loop until it is ready or has failed.
  struct LinkOutcome {
    std::optional<LinkInfo> info;
    std::optional<Failure> closed;
    UniqueFd plain;
    std::optional<Link> link;
  };
  std::unique_ptr<LinkOutcome> open_link(LinkRequest request) {
    auto outcome = std::make_unique<LinkOutcome>();
    LinkHandlers handlers;
    handlers.on_ready = [&out = *outcome](LinkInfo info, UniqueFd plain) {
      out.info = std::move(info);
      out.plain = std::move(plain);
    };
    handlers.on_closed = [&out = *outcome](Failure reason) { out.closed = std::move(reason); };
    outcome->link.emplace(gate.open(std::move(request), std::move(handlers)));
    run_until([&] { return outcome->info || outcome->closed; });
    return outcome;
  }
  // The code with which a link ends that never gets ready; local_error when it does get ready.
  Failure link_failure(LinkRequest request) {
    const auto outcome = open_link(std::move(request));
    return outcome->closed.value_or(failure(Code::local_error, "the link is ready"));
  }

  asio::io_context loop{1};
  CountingPermit permit;
  std::optional<std::int64_t> trusted_time = std::time(nullptr);
  TlsTickets tickets;
  Gate gate;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
};

// What a session has reported.
class Recorder {
 public:
  SessionHandlers handlers() {
    SessionHandlers h;
    h.on_ready = [this](ReadyInfo info) { ready = std::move(info); };
    h.on_message = [this](Message message, Puback puback) {
      messages.push_back(std::move(message));
      if (hold) {
        held = std::move(puback);
      } else {
        puback.release();
      }
    };
    h.on_published = [this](PublishToken token) { published.push_back(token); };
    h.on_closed = [this](Failure reason) {
      ++closed_count;
      closed = std::move(reason);
    };
    return h;
  }
  bool settled() const { return ready || closed; }

  std::optional<ReadyInfo> ready;
  std::vector<Message> messages;
  bool hold = false;
  Puback held;
  std::vector<PublishToken> published;
  std::optional<Failure> closed;
  int closed_count = 0;
};

inline SessionOptions session_options(std::string client_id = "XR80-0001") {
  SessionOptions options;
  options.client_id = client_id;
  options.user_name = client_id;
  options.subscriptions = {client_id + "/tasks/json"};
  return options;
}

// What this process has open, as "NUMBER -> WHAT"; another thread may close one meanwhile.
inline std::vector<std::string> open_descriptors() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto what = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone) all.push_back(entry.path().filename().string() + " -> " + what.string());
  }
  return all;
}

}  // namespace oobm::uplink::test
