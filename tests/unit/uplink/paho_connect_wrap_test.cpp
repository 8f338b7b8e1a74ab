#include "agent/uplink/paho_connect_wrap.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace oobm::uplink {
namespace {

sockaddr_in address(const char* ip, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  ::inet_pton(AF_INET, ip, &made.sin_addr);
  return made;
}

int connect_to(int fd, const sockaddr_in& to) {
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

UniqueFd tcp_socket() { return UniqueFd(::socket(AF_INET, SOCK_STREAM, 0)); }

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
  }
  UniqueFd ours;
  UniqueFd theirs;
};

TEST(ConnectWrap, RefusesTheSentinelAddressWithoutATicket) {
  const auto fd = tcp_socket();
  EXPECT_EQ(connect_to(fd.get(), address("127.255.255.254", 1)), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
}

TEST(ConnectWrap, ATicketIsGoodForOneConnect) {
  Pair pair;
  const ConnectTicket ticket(std::move(pair.theirs));
  const auto first = tcp_socket();
  const auto second = tcp_socket();
  const auto sentinel = address("127.255.255.254", ticket.number());
  EXPECT_EQ(connect_to(first.get(), sentinel), 0);
  EXPECT_EQ(connect_to(second.get(), sentinel), -1);
  EXPECT_EQ(errno, ECONNREFUSED);
}

TEST(ConnectWrap, ATicketTakenBackIsGoodForNothing) {
  Pair pair;
  std::uint16_t number = 0;
  {
    const ConnectTicket ticket(std::move(pair.theirs));
    number = ticket.number();
  }
  const auto fd = tcp_socket();
  EXPECT_EQ(connect_to(fd.get(), address("127.255.255.254", number)), -1);
  char byte = 0;
  EXPECT_EQ(::recv(pair.ours.get(), &byte, 1, 0), 0) << "the other end is closed";
}

TEST(ConnectWrap, AnswersWithThePairNonBlockingAndCloseOnExec) {
  Pair pair;
  const ConnectTicket ticket(std::move(pair.theirs));
  const auto fd = tcp_socket();
  ASSERT_EQ(connect_to(fd.get(), address("127.255.255.254", ticket.number())), 0);
  EXPECT_TRUE(::fcntl(fd.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC);
  ASSERT_EQ(::send(fd.get(), "hello", 5, 0), 5);
  std::array<char, 8> buffer{};
  EXPECT_EQ(::recv(pair.ours.get(), buffer.data(), buffer.size(), 0), 5);
  int size = 0;
  socklen_t length = sizeof size;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &size, &length);
  EXPECT_GE(size, 256 * 1024) << "a publish window must fit";
}

TEST(ConnectWrap, EveryOtherAddressPassesThrough) {
  const UniqueFd listener = tcp_socket();
  auto bound = address("127.0.0.1", 0);
  socklen_t length = sizeof bound;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&bound), length), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &length), 0);
  Pair pair;
  const ConnectTicket ticket(std::move(pair.theirs));
  const auto fd = tcp_socket();
  ASSERT_EQ(connect_to(fd.get(), bound), 0);
  sockaddr_in peer{};
  ASSERT_EQ(::getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer), &length), 0);
  EXPECT_EQ(peer.sin_port, bound.sin_port) << "a real TCP connection";
}

TEST(ConnectWrap, AnAddressTooShortToBeOnePassesThrough) {
  const auto fd = tcp_socket();
  const auto sentinel = address("127.255.255.254", 1);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&sentinel), 4), -1);
  EXPECT_EQ(errno, EINVAL) << "the kernel's own answer";
}

}  // namespace
}  // namespace oobm::uplink
