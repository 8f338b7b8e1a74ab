// A runner of transfers with a real gate, a real helper and a server that a test scripts: what
// every test of a whole transfer needs.
#pragma once

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <mbedtls/sha256.h>

#include "agent/daemon/transfer_runner.hpp"
#include "tests/unit/daemon/temp_folder.hpp"
#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::daemon::test {

using uplink::test::Peer;
using uplink::test::ScriptedServer;

inline std::string sha256_of(const std::string& text) {
  Sha256 hash{};
  mbedtls_sha256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), 0);
  std::string hex;
  for (const auto byte : hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

// Bytes of which no two pieces are the same.
inline std::string content(std::size_t bytes, unsigned seed = 1) {
  std::string text(bytes, '\0');
  std::uint32_t state = seed;
  for (char& c : text) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return text;
}

struct Request {
  std::string head;
  [[nodiscard]] std::string field(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  [[nodiscard]] std::size_t offset() const {
    const auto range = field("Range");
    return range.starts_with("bytes=") ? std::stoul(range.substr(6)) : 0;
  }
};

// What a server does with a file and a request for it.
inline std::string whole(const std::string& file, const std::string& etag = "\"v1\"") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(file.size()) +
         (etag.empty() ? "" : "\r\nETag: " + etag) + "\r\n\r\n" + file;
}
inline std::string rest(const std::string& file, std::size_t from,
                        const std::string& etag = "\"v1\"") {
  return "HTTP/1.1 206 Partial Content\r\nContent-Length: " + std::to_string(file.size() - from) +
         "\r\nContent-Range: bytes " + std::to_string(from) + "-" +
         std::to_string(file.size() - 1) + "/" + std::to_string(file.size()) + "\r\nETag: " + etag +
         "\r\n\r\n" + file.substr(from);
}
inline std::string proper(const std::string& file, const Request& request) {
  const bool same = request.field("If-Range") == "\"v1\"";
  return same ? rest(file, request.offset()) : whole(file);
}
inline std::string redirect(const std::string& location) {
  return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n";
}

// However long; false when the other side has gone.
inline bool send(Peer& peer, std::string_view bytes) {
  constexpr std::size_t record = 8192;
  while (!bytes.empty()) {
    if (!peer.write(bytes.substr(0, record))) return false;
    bytes.remove_prefix(std::min(bytes.size(), record));
  }
  return true;
}

// Answers the connection with this number, from 0 on.
using Answer = std::function<void(Peer&, const Request&, int connection)>;

class FileServer {
 public:
  explicit FileServer(Answer answer)
      : answer_(std::move(answer)),
        server_(ScriptedServer::Kind::tls, [this](Peer& peer) { serve(peer); }) {}

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::vector<Request> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void serve(Peer& peer) {
    Request request;
    while (request.head.find("\r\n\r\n") == std::string::npos) {
      const auto more = peer.read_some();
      if (more.empty()) return;
      request.head += more;
    }
    int number = 0;
    {
      const std::scoped_lock lock(mutex_);
      number = static_cast<int>(requests_.size());
      requests_.push_back(request);
    }
    answer_(peer, request, number);
  }

  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  ScriptedServer server_;
};

// Gives the same answer to every request, whole, then closes.
inline Answer always(const std::string& reply) {
  return [reply](Peer& peer, const Request&, int) { send(peer, reply); };
}

class FixedRandom final : public core::Random {
 public:
  std::uint64_t next() override { return 1; }
};

class TransferBench {
 public:
  TransferBench() {
    limits.first_pause = limits.longest_pause = std::chrono::milliseconds(2);
    limits.fruitless_attempts = 3;
    limits.report_every = std::chrono::milliseconds(1);
    limits.reserve_bytes = 0;
    limits.stall = std::chrono::seconds(20);
    uploads.first_pause = uploads.longest_pause = std::chrono::milliseconds(2);
    uploads.fruitless_attempts = 3;
    uploads.report_every = std::chrono::milliseconds(1);
    uploads.stall = std::chrono::seconds(20);
  }

  void serve(Answer answer) { server = std::make_unique<FileServer>(std::move(answer)); }

  void make_runner() {
    runner.reset();
    runner = std::make_unique<TransferRunner>(
        TransferTools{.loop = uplink.loop,
                      .gate = uplink.gate,
                      .route = [this](const TransferUrl& url) { return route(url); },
                      .helper = helper,
                      .user_agent = "oobm/test",
                      .limits = limits,
                      .uploads = uploads},
        TransferSetup{.folder = folder, .boot = boot}, random,
        [this](const std::string& event, const std::string& text) {
          notes.push_back(event + " " + text);
        });
  }

  [[nodiscard]] std::string url(const std::string& target = "/image") const {
    return "https://" + std::string(uplink::test::broker_host) + target;
  }
  [[nodiscard]] TransferOrder order(const std::string& file, std::uint64_t size = 0) const {
    return {.url = url(), .sha256 = sha256_of(file), .name = "image.bin", .size = size};
  }

  // Submits and runs to the end; the code with which it ended.
  std::string run(const TransferOrder& wanted) {
    if (!runner) make_runner();
    const auto id = runner->submit(wanted);
    if (!id) return std::string(row(id.error().code).name);
    return run_to_end(*id);
  }
  std::string run_to_end(std::uint64_t id) {
    const auto ended = [&] { return !view(id).code.empty() && !is_open(view(id).state); };
    return uplink.run_until(ended) ? view(id).code : "patience is over";
  }
  static bool is_open(TransferView::State state) {
    return state != TransferView::State::done && state != TransferView::State::failed;
  }
  [[nodiscard]] TransferView view(std::uint64_t id) const {
    for (const auto& each : runner->views())
      if (each.id == id) return each;
    return {};
  }
  bool run_until_moved(std::uint64_t id, std::uint64_t bytes) {
    return uplink.run_until([&] { return view(id).bytes >= bytes; });
  }

  [[nodiscard]] std::string kept(const std::string& name = "image.bin") const {
    std::ifstream file(folder + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Not compared as text: a hundred thousand bytes are no message.
  [[nodiscard]] bool keeps(const std::string& file, const std::string& name = "image.bin") const {
    return kept(name) == file;
  }
  [[nodiscard]] bool part_exists() const { return std::filesystem::exists(folder + "/.part"); }

  uplink::test::Bench uplink;
  TempFolder temp;
  std::string folder = temp / "files";
  std::string boot = "boot-1";
  std::string helper = OOBM_TRANSFER_HELPER;
  std::string anchors = uplink::test::Certificates::get().anchors();
  TransferLimits limits;
  TransferLimits uploads = upload_limits();
  std::unique_ptr<FileServer> server;
  FixedRandom random;
  std::vector<std::string> notes;
  std::unique_ptr<TransferRunner> runner;

 private:
  std::expected<uplink::LinkRequest, TransferFailure> route(const TransferUrl& to) const {
    if (to.host != uplink::test::broker_host)
      return std::unexpected(TransferFailure{TransferCode::host_not_allowed, {}});
    auto request = uplink::test::Bench::request(server->port());
    request.carries = uplink::Carries::opaque;
    request.target.purpose = uplink::Purpose::transfer;
    request.tls.anchors_pem = anchors;
    return request;
  }
};

}  // namespace oobm::daemon::test
