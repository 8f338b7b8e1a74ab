// When the watch of the network tells; a pair of sockets stands in for the kernel's.
#include "agent/uplink/network_watch.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace oobm::uplink {
namespace {

using namespace std::chrono_literals;

class NetworkWatchTest : public testing::Test {
 protected:
  NetworkWatchTest() {
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()) != 0)
      throw std::runtime_error("no pair of sockets");
    watch_.emplace(loop_, ends_[0], NetworkWatchTiming{.settle = 20ms, .least_pause = 200ms},
                   [this] { ++told_; });
  }
  ~NetworkWatchTest() override { close_kernel(); }

  void close_kernel() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  void say() { ASSERT_EQ(::send(ends_[1], "x", 1, 0), 1); }
  // Until something was told so often; false: it was not, within ten seconds.
  bool told(int times) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (told_ < times && std::chrono::steady_clock::now() < end) loop_.run_one_for(100ms);
    return told_ == times;
  }

  asio::io_context loop_;
  std::array<int, 2> ends_{-1, -1};
  std::optional<NetworkWatch> watch_;
  int told_ = 0;
};

TEST(NetworkWatch, WithoutASocketDoesNotWork) {
  asio::io_context loop;
  NetworkWatch watch(loop, -1, {}, [] { FAIL(); });
  EXPECT_FALSE(watch.works());
  loop.run();
}

TEST(NetworkWatch, HearsTheKernelWithoutAnyPrivilege) {
  asio::io_context loop;
  NetworkWatch watch(loop, [] {});
  EXPECT_TRUE(watch.works());
}

TEST_F(NetworkWatchTest, AnEndTellsOnceAndWorksNoMore) {
  close_kernel();
  EXPECT_TRUE(told(1));
  EXPECT_FALSE(watch_->works());
}

TEST_F(NetworkWatchTest, ABurstIsToldOnce) {
  for (int i = 0; i < 50; ++i) say();
  EXPECT_TRUE(told(1));
  loop_.run_for(300ms);
  EXPECT_EQ(told_, 1);
  EXPECT_TRUE(watch_->works());
}

TEST_F(NetworkWatchTest, TheNextChangeWaitsForThePause) {
  say();
  ASSERT_TRUE(told(1));
  const auto first = std::chrono::steady_clock::now();
  say();
  ASSERT_TRUE(told(2));
  EXPECT_GE(std::chrono::steady_clock::now() - first, 150ms);
}

TEST_F(NetworkWatchTest, NothingIsToldAfterItsEnd) {
  say();
  loop_.run_one_for(1s);
  watch_.reset();
  loop_.run_for(100ms);
  EXPECT_EQ(told_, 0);
}

}  // namespace
}  // namespace oobm::uplink
