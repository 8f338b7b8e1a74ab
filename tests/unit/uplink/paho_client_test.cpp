// One client against bytes that are written by hand, with ends that come at bad moments.
#include "agent/uplink/paho_client.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "agent/uplink/paho_connect_wrap.hpp"

namespace oobm::uplink {
namespace {

// MQTT 3.1.1 sections 3.2 and 3.9: the session is present; QoS 1 granted for packet identifier 1.
constexpr std::string_view connack{"\x20\x02\x01\x00", 4};
constexpr std::string_view suback{"\x90\x03\x00\x01\x01", 5};

class Counter final : public PahoEvents {
 public:
  void logged_in(bool) override { ++logged_in_; }
  void login_failed(std::string) override { ++failed_; }
  void subscribed(bool) override {}
  void published(PublishToken) override {}
  void operation_failed(std::string) override {}
  void arrived(Message) override {}
  void connection_lost(std::string) override {}

  std::atomic<int> logged_in_ = 0;
  std::atomic<int> failed_ = 0;
};

class PahoClientTest : public testing::Test {
 protected:
  PahoClientTest() {
    std::array<int, 2> ends{};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    broker_.reset(ends[0]);
    ticket_ = std::make_unique<ConnectTicket>(UniqueFd(ends[1]));
    SessionOptions options;
    options.client_id = "XR80-0001";
    client_ = std::make_unique<PahoClient>(ticket_->uri(), options, events_);
  }
  // True once something has come from the client.
  bool heard() {
    pollfd wait{.fd = broker_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 30'000) != 1) return false;
    std::array<char, 256> packet{};
    return ::recv(broker_.get(), packet.data(), packet.size(), 0) > 0;
  }
  void say(std::string_view bytes) {
    ::send(broker_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  static bool eventually(const std::atomic<int>& count) {
    for (int i = 0; i < 3'000 && count == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return count > 0;
  }

  UniqueFd broker_;
  std::shared_ptr<Counter> events_ = std::make_shared<Counter>();
  std::unique_ptr<ConnectTicket> ticket_;
  std::unique_ptr<PahoClient> client_;
};

TEST_F(PahoClientTest, GoesWithoutEverHavingConnected) {
  client_.reset();
  EXPECT_EQ(events_->failed_, 0);
}

TEST_F(PahoClientTest, ALoginWithoutATicketFailsAndHoldsNothingUp) {
  ticket_.reset();
  client_->log_in();
  EXPECT_TRUE(eventually(events_->failed_));
  client_.reset();
}

// A leak checker says at the end of the program whether a packet was left behind.
class PahoClientEnd : public PahoClientTest, public testing::WithParamInterface<int> {};

TEST_P(PahoClientEnd, AConnectionThatEndsBehindAnAnswerLeavesNothing) {
  client_->log_in();
  ASSERT_TRUE(heard());
  say(connack);
  ASSERT_TRUE(eventually(events_->logged_in_));
  client_->subscribe({"XR80-0001/tasks/json"});
  ASSERT_TRUE(heard());
  say(suback);
  broker_.reset();
  client_.reset();
}

INSTANTIATE_TEST_SUITE_P(Often, PahoClientEnd, testing::Range(0, 40));

}  // namespace
}  // namespace oobm::uplink
