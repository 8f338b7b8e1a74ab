// A bearer of one family that names servers of the other too: those cannot be asked, and must
// neither keep a server from being asked that can be, nor speak for it. Each test has a loopback
// interface of its own, in a network namespace, from which it takes one family's address.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/name_server.hpp"

namespace oobm::uplink::test {
namespace {

bool own_network() {
  return ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

ifreq loopback() {
  ifreq request{};
  std::string_view("lo").copy(request.ifr_name, sizeof request.ifr_name);
  return request;
}

bool bring_up() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = loopback();
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

bool drop_v4() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = loopback();
  request.ifr_addr.sa_family = AF_INET;  // 0.0.0.0: none
  return ::ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
}

bool drop_v6() {
  // struct in6_ifreq of linux/ipv6.h, which does not go with netinet/in.h.
  struct {
    in6_addr address;
    std::uint32_t prefix_length;
    int interface;
  } request{.address = in6addr_loopback, .prefix_length = 128, .interface = 1};
  const UniqueFd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return ::ioctl(fd.get(), SIOCDIFADDR, &request) == 0;
}

using Check = void (*)();

// In a child, so that the network of this process stays. It leaves without a clean-up that is its
// parent's.
void in_own_network(bool (*prepare)(), Check check) {
  (void)Certificates::get();
  EXPECT_EXIT(
      {
        if (!own_network() || !bring_up() || !prepare()) {
          std::perror("network");
          std::_Exit(2);
        }
        check();
        std::_Exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

// Nothing listens in there: an address that was found refuses.
LinkRequest by_name(std::vector<std::string> servers) {
  auto request = Bench::request(8883);
  request.target.static_addresses.clear();
  request.target.dns_servers = std::move(servers);
  request.timeouts.dns = std::chrono::seconds(20);
  return request;
}

TEST(ServersOfAnotherFamily, AloneCannotBeAskedAndThatIsSaid) {
  in_own_network(&drop_v6, [] {
    Bench bench;
    const auto why = bench.link_failure(by_name({"[::1]:53", "[2001:db8::1]:53"}));
    EXPECT_EQ(why.code, Code::route_unreachable) << to_string(why);
  });
  in_own_network(&drop_v4, [] {
    Bench bench;
    const auto why = bench.link_failure(by_name({"127.0.0.1:53", "192.0.2.1:53"}));
    EXPECT_EQ(why.code, Code::route_unreachable) << to_string(why);
  });
}

TEST(ServersOfAnotherFamily, DoNotSpeakForOneThatAnswers) {
  in_own_network(&drop_v6, [] {
    Bench bench;
    NameServer server(bench.loop, asio::ip::address_v4::loopback());
    server.response_code = 3;  // NXDOMAIN
    const auto why = bench.link_failure(by_name({"[::1]:53", server.address()}));
    EXPECT_EQ(why.code, Code::dns_no_such_name) << to_string(why);
    EXPECT_GE(server.questions, 1);
  });
}

TEST(ServersOfAnotherFamily, LeaveTheOthersOfABearerWithIpv4Alone) {
  in_own_network(&drop_v6, [] {
    Bench bench;
    NameServer server(bench.loop, asio::ip::address_v4::loopback());
    server.v4 = {"127.0.0.7"};
    const auto why = bench.link_failure(by_name({"[::1]:53", server.address()}));
    EXPECT_EQ(why.code, Code::tcp_refused) << to_string(why);
    EXPECT_NE(why.detail.find("127.0.0.7"), std::string::npos) << why.detail;
    EXPECT_EQ(server.questions, 1) << "A alone";
  });
}

TEST(ServersOfAnotherFamily, LeaveTheOthersOfABearerWithIpv6Alone) {
  in_own_network(&drop_v4, [] {
    Bench bench;
    NameServer server(bench.loop, asio::ip::address_v6::loopback());
    server.v6 = {"::1"};
    const auto why = bench.link_failure(by_name({"127.0.0.1:53", server.address()}));
    EXPECT_EQ(why.code, Code::tcp_refused) << to_string(why);
    EXPECT_NE(why.detail.find("::1"), std::string::npos) << why.detail;
    EXPECT_EQ(server.questions, 1) << "AAAA alone";
  });
}

}  // namespace
}  // namespace oobm::uplink::test
