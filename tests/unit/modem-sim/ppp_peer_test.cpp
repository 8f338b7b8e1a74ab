// The program at the far end of a data call: that it dies, refuses, floods or will not go must not
// hurt, and that bytes pass both ways.
#include "tests/modem-sim/ppp_peer.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;

class PppPeerTest : public testing::Test {
 public:
  ~PppPeerTest() override { std::filesystem::remove_all(folder_); }

 protected:
  PppPeerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "oobm-ppp-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }

  PppPeer peer(const std::string& command) {
    return {context_.get_executor(),
            command,
            {.sent = [this](std::string_view bytes) { sent_ += bytes; },
             .ended = [this] { ++ended_; }}};
  }

  bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context_.restart();
      context_.run_for(10ms);
    }
    return true;
  }

  bool has_sent(const std::string& text) {
    return until([&] { return sent_.find(text) != std::string::npos; });
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  asio::io_context context_{1};
  std::string sent_;
  int ended_ = 0;
};

TEST_F(PppPeerTest, AProgramThatDoesNotExistEndsTheCall) {
  auto far = peer("exec /nonexistent/pppd 2>/dev/null");
  far.start();
  EXPECT_TRUE(until([&] { return ended_ == 1 && !far.running(); }));
}

TEST_F(PppPeerTest, AProgramThatEndsEndsTheCallOnce) {
  auto far = peer("printf bye >&0; exit 1");
  far.start();
  ASSERT_TRUE(until([&] { return ended_ > 0 && !far.running(); }));
  far.hang_up();
  far.receive("nobody hears this");
  context_.restart();
  context_.run_for(200ms);
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(sent_, "bye");
}

TEST_F(PppPeerTest, AProgramThatIgnoresTheHangUpIsKilled) {
  auto far = peer("trap '' HUP TERM; echo ready >&0; while :; do sleep 0.1; done 2>/dev/null");
  far.start();
  ASSERT_TRUE(has_sent("ready"));
  far.hang_up();
  EXPECT_TRUE(until([&] { return !far.running(); }));
  EXPECT_EQ(ended_, 0) << "it did not end by itself";
}

TEST_F(PppPeerTest, WhatTheProgramDoesNotReadIsLostBeyondABound) {
  auto far = peer("echo ready >&0; exec sleep 1000");
  far.start();
  ASSERT_TRUE(has_sent("ready"));
  const std::string much(PppPeer::max_waiting_bytes, 'x');
  for (int turn = 0; turn < 100; ++turn) far.receive(much);
  far.hang_up();
  EXPECT_TRUE(until([&] { return !far.running(); }));
}

TEST_F(PppPeerTest, TheHangUpIsASignal) {
  auto far = peer("trap 'echo hung >" + path("hung") +
                  "; exit' HUP; echo ready >&0; while :; do sleep 0.05; done");
  far.start();
  ASSERT_TRUE(has_sent("ready"));
  far.hang_up();
  ASSERT_TRUE(until([&] { return !far.running(); }));
  EXPECT_TRUE(std::filesystem::exists(path("hung")));
  EXPECT_EQ(ended_, 0);
}

TEST_F(PppPeerTest, ASecondCallGetsAFreshProgram) {
  auto far = peer("trap '' HUP; echo \"process=$$\" >&0; exec cat >&0");
  far.start();
  ASSERT_TRUE(has_sent("process="));
  far.hang_up();
  sent_.clear();
  far.start();
  ASSERT_TRUE(has_sent("process="));
  far.receive("again\n");
  EXPECT_TRUE(has_sent("again"));
  EXPECT_EQ(ended_, 0);
}

TEST_F(PppPeerTest, EveryByteValuePassesUnchangedBothWays) {
  auto far = peer("exec cat >&0");
  far.start();
  std::string bytes;
  for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
  std::string all;
  for (int turn = 0; turn < 100; ++turn) all += bytes;
  far.receive(all);
  ASSERT_TRUE(until([&] { return sent_.size() >= all.size(); }));
  EXPECT_EQ(sent_, all);
}

}  // namespace
}  // namespace oobm::modem_sim
