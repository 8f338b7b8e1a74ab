// The real server over a real socket in the file system; clients are plain and blocking, the server
// runs on a thread of its own.

#include "agent/daemon/control_socket.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Peer {
 public:
  explicit Peer(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  Peer(Peer&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  ~Peer() {
    if (socket_ >= 0) ::close(socket_);
  }
  [[nodiscard]] bool connected() const { return connected_; }
  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // The next line; "(closed)" when the server has hung up.
  std::string line() {
    for (;;) {
      if (const auto end = inbox_.find('\n'); end != std::string::npos) {
        std::string text = inbox_.substr(0, end);
        inbox_.erase(0, end + 1);
        return text;
      }
      char part[512];
      const auto got = ::recv(socket_, part, sizeof(part), 0);
      if (got <= 0) return got == 0 || errno == ECONNRESET ? "(closed)" : "(silent)";
      inbox_.append(part, static_cast<std::size_t>(got));
    }
  }
  std::string ask(const std::string& request) {
    send(request + "\n");
    return line();
  }

 private:
  int socket_;
  bool connected_ = false;
  std::string inbox_;
};

class Server {
 public:
  explicit Server(std::string path, std::chrono::milliseconds idle = 30s)
      : socket_(io_, std::move(path), handlers(), events_, idle) {}
  ~Server() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { socket_.stop(); });
    work_.reset();
    thread_.join();
  }
  std::expected<void, std::string> start() {
    auto started = socket_.start();
    if (started) thread_ = std::jthread([this] { io_.run(); });
    return started;
  }
  // On the loop's thread, waited for.
  template <class F>
  auto on_loop(F call) {
    std::packaged_task<decltype(call())()> task(std::move(call));
    auto result = task.get_future();
    asio::post(io_, std::ref(task));
    return result.get();
  }
  void add_event(std::string text) {
    on_loop([&] { events_.add({.event = "e", .text = std::move(text)}); });
  }
  std::size_t clients() {
    return on_loop([this] { return socket_.clients(); });
  }
  void wait_for_clients(std::size_t count) {
    for (int i = 0; i < 500 && clients() != count; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(clients(), count);
  }
  std::atomic<bool> refuse_sync = false;

  // Ends the request for an AT command that waits longest.
  void answer_at(std::expected<AtReply, ControlError> answer) {
    on_loop([&] {
      ASSERT_FALSE(at_answers_.empty());
      auto answer_one = std::move(at_answers_.front());
      at_answers_.erase(at_answers_.begin());
      answer_one(std::move(answer));
    });
  }
  void wait_for_at(std::size_t count) {
    const auto waiting = [this] { return on_loop([this] { return at_answers_.size(); }); };
    for (int i = 0; i < 500 && waiting() != count; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(waiting(), count);
  }
  std::vector<AtRequest> at_requests() {
    return on_loop([this] { return at_requests_; });
  }

 private:
  ControlHandlers handlers() {
    return {
        .status = [] { return std::string(R"({"schema":1})"); },
        .sync = [this]() -> std::expected<core::BootTime, ControlError> {
          if (refuse_sync) return std::unexpected(ControlError{"REGION_MISMATCH", "Blocked."});
          return core::BootTime{core::Duration(42)};
        },
        .at =
            [this](const AtRequest& request, ControlHandlers::AtAnswer answer) {
              at_requests_.push_back(request);
              at_answers_.push_back(std::move(answer));
            },
        .identity = [](const IdentityRequest& request) -> std::expected<std::string, ControlError> {
          if (request.certificate.empty()) return std::string(R"({"request_open":false})");
          return std::unexpected(ControlError{"IDENTITY_REFUSED", "No."});
        },
        .version = "0.1.0"};
  }
  std::vector<AtRequest> at_requests_;
  std::vector<ControlHandlers::AtAnswer> at_answers_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  EventLog events_;
  ControlSocket socket_;
  std::jthread thread_;
};

struct ControlSocketTest : testing::Test {
  TempFolder folder;
  std::string path = folder / "control.sock";
};

TEST_F(ControlSocketTest, a_missing_folder_is_an_error_that_says_what_to_check) {
  Server server(folder / "none/control.sock");
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error(), HasSubstr("none/control.sock: No such file or directory. Check"));
}

TEST_F(ControlSocketTest, too_long_a_path_is_an_error) {
  Server server("/" + std::string(200, 'x'));
  EXPECT_THAT(server.start().error(), HasSubstr("has 201 bytes; allowed are 1 to 107"));
}

TEST_F(ControlSocketTest, a_file_that_is_no_socket_is_not_removed) {
  (void)folder.file("control.sock", "precious");
  Server server(path);
  EXPECT_THAT(server.start().error(), HasSubstr("exists and is no socket"));
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(ControlSocketTest, an_at_command_whose_asker_has_gone_harms_nobody) {
  Server server(path);
  ASSERT_TRUE(server.start());
  {
    Peer peer(path);
    ASSERT_TRUE(peer.send("{\"cmd\":\"at\",\"command\":\"AT+CSQ\"}\n"));
    server.wait_for_at(1);
  }
  server.answer_at(AtReply{.ok = true, .result = "OK", .lines = {}});
  server.wait_for_clients(0);
  EXPECT_EQ(Peer(path).ask(R"({"cmd":"version"})"), R"({"ok":true,"version":"0.1.0"})");
}

TEST_F(ControlSocketTest, an_at_command_may_take_longer_than_a_client_may_idle) {
  Server server(path, 100ms);
  ASSERT_TRUE(server.start());
  Peer peer(path);
  ASSERT_TRUE(peer.send("{\"cmd\":\"at\",\"command\":\"AT+CSQ\",\"force\":true}\n"));
  server.wait_for_at(1);
  std::this_thread::sleep_for(300ms);
  server.answer_at(AtReply{.ok = true, .result = "OK", .lines = {"+CSQ: 20,99"}});
  EXPECT_EQ(peer.line(),
            R"({"answer":{"lines":["+CSQ: 20,99"],"ok":true,"result":"OK"},"ok":true})");
  ASSERT_EQ(server.at_requests().size(), 1U);
  EXPECT_EQ(server.at_requests().front().command, "AT+CSQ");
  EXPECT_TRUE(server.at_requests().front().force);
}

TEST_F(ControlSocketTest, an_at_command_that_is_refused_carries_its_code) {
  Server server(path);
  ASSERT_TRUE(server.start());
  Peer peer(path);
  ASSERT_TRUE(peer.send("{\"cmd\":\"at\",\"command\":\"AT+CFUN=0\"}\n"));
  server.wait_for_at(1);
  server.answer_at(std::unexpected(ControlError{"COMMAND_REFUSED", "no"}));
  EXPECT_EQ(peer.line(), R"({"code":"COMMAND_REFUSED","error":"no","ok":false})");
  EXPECT_EQ(peer.ask(R"({"cmd":"version"})"), R"({"ok":true,"version":"0.1.0"})");
}

TEST_F(ControlSocketTest, a_living_daemons_socket_is_not_taken) {
  Server first(path);
  ASSERT_TRUE(first.start());
  Server second(path);
  EXPECT_THAT(second.start().error(), HasSubstr("another oobmd answers on"));
  EXPECT_EQ(Peer(path).ask(R"({"cmd":"version"})"), R"({"ok":true,"version":"0.1.0"})");
}

TEST_F(ControlSocketTest, a_dead_daemons_socket_is_replaced) {
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(dead);
  Server server(path);
  EXPECT_TRUE(server.start());
  EXPECT_TRUE(Peer(path).connected());
}

TEST_F(ControlSocketTest, an_endless_line_is_refused_and_ends_the_connection) {
  Server server(path);
  ASSERT_TRUE(server.start());
  Peer peer(path);
  peer.send(std::string(max_control_line_bytes + 1, 'x'));
  EXPECT_THAT(peer.line(), HasSubstr("LINE_TOO_LONG"));
  EXPECT_EQ(peer.line(), "(closed)");
}

TEST_F(ControlSocketTest, a_bad_request_is_answered_and_the_next_one_served) {
  Server server(path);
  ASSERT_TRUE(server.start());
  Peer peer(path);
  EXPECT_THAT(peer.ask("rubbish"), HasSubstr("BAD_REQUEST"));
  EXPECT_THAT(peer.ask(R"({"cmd":"dance"})"), HasSubstr("UNKNOWN_COMMAND"));
  EXPECT_EQ(peer.ask(R"({"cmd":"status"})"), R"({"ok":true,"status":{"schema":1}})");
}

TEST_F(ControlSocketTest, a_refused_sync_says_why) {
  Server server(path);
  ASSERT_TRUE(server.start());
  server.refuse_sync = true;
  EXPECT_EQ(Peer(path).ask(R"({"cmd":"sync"})"),
            R"({"code":"REGION_MISMATCH","error":"Blocked.","ok":false})");
  server.refuse_sync = false;
  EXPECT_EQ(Peer(path).ask(R"({"cmd":"sync"})"), R"({"at_ms":42,"ok":true})");
}

TEST_F(ControlSocketTest, one_client_too_many_is_told_so_and_a_place_that_frees_is_given) {
  Server server(path);
  ASSERT_TRUE(server.start());
  std::vector<Peer> peers;
  for (std::size_t i = 0; i < max_control_clients; ++i) peers.emplace_back(path);
  server.wait_for_clients(max_control_clients);
  Peer late(path);
  EXPECT_THAT(late.line(), HasSubstr("TOO_MANY_CLIENTS"));
  EXPECT_EQ(late.line(), "(closed)");
  peers.pop_back();
  server.wait_for_clients(max_control_clients - 1);
  EXPECT_THAT(Peer(path).ask(R"({"cmd":"version"})"), HasSubstr("0.1.0"));
}

TEST_F(ControlSocketTest, a_silent_client_is_dropped_and_a_follower_is_not) {
  Server server(path, 100ms);
  ASSERT_TRUE(server.start());
  Peer silent(path);
  Peer follower(path);
  EXPECT_THAT(follower.ask(R"({"cmd":"events","follow":true})"), HasSubstr("\"ok\":true"));
  EXPECT_EQ(silent.line(), "(closed)");
  std::this_thread::sleep_for(200ms);
  server.add_event("still here");
  EXPECT_THAT(follower.line(), HasSubstr("still here"));
}

TEST_F(ControlSocketTest, a_follower_that_never_reads_is_dropped_and_costs_the_others_nothing) {
  Server server(path, 300ms);
  ASSERT_TRUE(server.start());
  Peer stuck(path);
  stuck.send("{\"cmd\":\"events\",\"follow\":true}\n");
  Peer reader(path);
  EXPECT_THAT(reader.ask(R"({"cmd":"events","follow":true})"), HasSubstr("\"ok\":true"));
  server.wait_for_clients(2);
  // More than the socket's buffer holds.
  for (int i = 0; i < 2000; ++i) {
    server.add_event(std::string(500, 'x'));
    ASSERT_THAT(reader.line(), HasSubstr("\"event\""));
  }
  server.wait_for_clients(1);
  server.add_event("after");
  EXPECT_THAT(reader.line(), HasSubstr("after"));
}

TEST_F(ControlSocketTest, a_follower_that_leaves_frees_its_place) {
  Server server(path);
  ASSERT_TRUE(server.start());
  {
    Peer follower(path);
    EXPECT_THAT(follower.ask(R"({"cmd":"events","follow":true})"), HasSubstr("\"ok\":true"));
    server.wait_for_clients(1);
  }
  server.wait_for_clients(0);
}

TEST_F(ControlSocketTest, stopping_ends_followers_and_removes_the_file) {
  auto server = std::make_unique<Server>(path);
  ASSERT_TRUE(server->start());
  Peer follower(path);
  EXPECT_THAT(follower.ask(R"({"cmd":"events","follow":true})"), HasSubstr("\"ok\":true"));
  server.reset();
  EXPECT_EQ(follower.line(), "(closed)");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ControlSocketTest, past_events_come_in_order_and_end) {
  Server server(path);
  ASSERT_TRUE(server.start());
  for (int i = 1; i <= 300; ++i) server.add_event(std::to_string(i));
  Peer peer(path);
  EXPECT_EQ(peer.ask(R"({"cmd":"events"})"), R"({"dropped":44,"ok":true})");
  for (int i = 45; i <= 300; ++i)
    ASSERT_THAT(peer.line(), HasSubstr("\"seq\":" + std::to_string(i) + ","));
  EXPECT_EQ(peer.line(), R"({"end":true})");
  EXPECT_THAT(peer.ask(R"({"cmd":"events","last":1})"), HasSubstr("\"ok\":true"));
  EXPECT_THAT(peer.line(), HasSubstr("\"seq\":300,"));
  EXPECT_EQ(peer.line(), R"({"end":true})");
  EXPECT_THAT(peer.ask(R"({"cmd":"events","last":0})"), HasSubstr("\"ok\":true"));
  EXPECT_EQ(peer.line(), R"({"end":true})");
}

TEST_F(ControlSocketTest, requests_in_one_piece_are_answered_in_order) {
  Server server(path);
  ASSERT_TRUE(server.start());
  Peer peer(path);
  peer.send("{\"cmd\":\"version\"}\n{\"cmd\":\"status\"}\n{\"cmd\":\"sync\"}\n");
  EXPECT_THAT(peer.line(), HasSubstr("version"));
  EXPECT_THAT(peer.line(), HasSubstr("status"));
  EXPECT_THAT(peer.line(), HasSubstr("at_ms"));
}

TEST_F(ControlSocketTest, is_open_to_owner_and_group_alone) {
  Server server(path);
  ASSERT_TRUE(server.start());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
}

}  // namespace
}  // namespace oobm::daemon
