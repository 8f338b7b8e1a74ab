// What every connection keeps to: options read back from the kernel, and what a peer sees.
#include <algorithm>
#include <csignal>
#include <set>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "agent/uplink/bound_socket.hpp"
#include "agent/uplink/limits.hpp"
#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using Kind = ScriptedServer::Kind;
using namespace std::chrono_literals;

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -errno;
}

struct Segment {
  int mtu;
  int family;
  int bytes;
};

class Sockets : public testing::TestWithParam<Segment> {};

TEST_P(Sockets, CarryTheOptionsThatWereAskedFor) {
  const auto [mtu, family, bytes] = GetParam();
  CountingPermit permit;
  Target target;
  target.interface = "lo";
  const auto fd = make_bound_socket(permit, target, family, SOCK_STREAM);
  ASSERT_TRUE(fd) << to_string(fd.error());
  ASSERT_TRUE(set_tcp_options(fd->get(), family, mtu, Timeouts{}.unacknowledged));
  EXPECT_EQ(option(fd->get(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(fd->get(), SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(fd->get(), IPPROTO_TCP, TCP_MAXSEG), bytes);
  const int user_timeout = option(fd->get(), IPPROTO_TCP, TCP_USER_TIMEOUT);
  EXPECT_GE(user_timeout, 60'000);
  EXPECT_LE(user_timeout, 120'000);
  EXPECT_NE(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(fd->get(), F_GETFL) & O_NONBLOCK, 0);
}

INSTANTIATE_TEST_SUITE_P(Bearers, Sockets,
                         testing::Values(Segment{0, AF_INET, 1318}, Segment{0, AF_INET6, 1298},
                                         Segment{1430, AF_INET, 1390},
                                         Segment{1280, AF_INET6, 1220}, Segment{1, AF_INET, 536},
                                         Segment{-7, AF_INET, 536},
                                         Segment{1'000'000, AF_INET, 8960}),
                         [](const auto& row) {
                           const auto mtu =
                               row.param.mtu < 0 ? "minus_7" : std::to_string(row.param.mtu);
                           return "mtu_" + mtu + (row.param.family == AF_INET6 ? "_v6" : "_v4");
                         });

TEST(Hygiene, ASocketThatIsNoStreamHasNoSuchOptions) {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto set = set_tcp_options(fd.get(), AF_INET, 0, 90s);
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, Code::local_error);
}

// Which descriptors a program that is started now would inherit.
std::set<int> inheritable() {
  std::set<int> found;
  for (int fd = 0; fd < 1024; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) found.insert(fd);
  }
  return found;
}

// The socket of ours that is connected to `port`, or -1.
int socket_to(std::uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) return fd;
  }
  return -1;
}

TEST(Hygiene, ASessionLeavesNoDescriptorToAProgramThatIsStarted) {
  const Mosquitto broker;
  const auto before = inheritable();
  Bench bench;
  Sessions sessions(bench.loop, bench.gate);
  Recorder recorder;
  const auto session =
      sessions.open(Bench::request(broker.port()), session_options(), recorder.handlers());
  ASSERT_TRUE(bench.run_until([&] { return recorder.settled(); }));
  ASSERT_TRUE(recorder.ready) << to_string(*recorder.closed);
  EXPECT_EQ(inheritable(), before);
}

TEST(Hygiene, TheConnectionOfALinkHasTheOptionsAndSmallSegments) {
  const ScriptedServer server(Kind::tls, [](Peer& peer) { peer.wait_for_end(); });
  Bench bench;
  auto request = Bench::request(server.port());
  request.target.mtu = 700;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  const int fd = socket_to(server.port());
  ASSERT_GE(fd, 0);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 90'000);
  EXPECT_LE(option(fd, IPPROTO_TCP, TCP_MAXSEG), 660) << "what we send";
  tcp_info info{};
  socklen_t size = sizeof info;
  ASSERT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_LE(info.tcpi_rcv_mss, 660U) << "what the server sends";
}

TEST(Hygiene, RecordsFitASegmentOfTheSmallestLink) {
  std::atomic<std::size_t> largest = 0;
  std::atomic<std::size_t> total = 0;
  const ScriptedServer server(Kind::tls, [&](Peer& peer) {
    // One read gives one record's content at most.
    for (std::string got; !(got = peer.read_some()).empty();) {
      largest = std::max(largest.load(), got.size());
      total += got.size();
    }
  });
  Bench bench;
  auto request = Bench::request(server.port());
  request.carries = Carries::opaque;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  const std::string sent(20'000, 'x');
  ASSERT_EQ(::send(outcome->plain.get(), sent.data(), sent.size(), MSG_NOSIGNAL), 20'000);
  ASSERT_TRUE(bench.run_until([&] { return total == sent.size(); }));
  constexpr std::size_t most_overhead = 5 + 8 + 16 + 16;  // header, nonce, tag, padding
  EXPECT_LE(largest + most_overhead, 1280U - headers_v6);
}

// The signal's default ends the process; so this test ends only if nobody raises it.
TEST(Hygiene, APeerThatIsGoneRaisesNoSignal) {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  const ScriptedServer server(Kind::tls, [](Peer& peer) {
    peer.read_some();
    peer.reset();
  });
  Bench bench;
  auto request = Bench::request(server.port());
  request.carries = Carries::opaque;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  const std::string sent(4'000, 'x');
  ASSERT_TRUE(bench.run_until([&] {
    ::send(outcome->plain.get(), sent.data(), sent.size(), MSG_NOSIGNAL);
    return outcome->closed.has_value();
  }));
  EXPECT_EQ(outcome->closed->code, Code::tcp_reset) << to_string(*outcome->closed);
  std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace oobm::uplink::test
