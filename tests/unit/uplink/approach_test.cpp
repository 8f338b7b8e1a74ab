// Names and addresses raced: which is tried when, who wins, and what is said when nobody does.
#include "agent/uplink/approach.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/name_server.hpp"

namespace oobm::uplink::test {
namespace {

using namespace std::chrono_literals;

// Listens on one loopback address. A full one lets every further connection hang: the kernel drops
// what would not fit its queue.
class Listener {
 public:
  explicit Listener(const std::string& address, std::uint16_t port = 0, bool full = false)
      : to_(asio::ip::make_address(address), port),
        fd_(::socket(to_.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto size = static_cast<socklen_t>(to_.size());
    if (::bind(fd_.get(), to_.data(), size) != 0 || ::listen(fd_.get(), full ? 0 : 8) != 0 ||
        ::getsockname(fd_.get(), to_.data(), &size) != 0)
      throw std::runtime_error("cannot listen on " + address);
    for (int i = 0; full && i < 4; ++i) {
      fillers_.emplace_back(
          ::socket(to_.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(fillers_.back().get(), to_.data(), size);
    }
  }
  std::uint16_t port() const { return to_.port(); }

 private:
  asio::ip::tcp::endpoint to_;
  UniqueFd fd_;
  std::vector<UniqueFd> fillers_;
};

class ApproachTo : public testing::Test {
 protected:
  ApproachTo() {
    target.instance = "na";
    target.host = broker_host;
    target.interface = "lo";
    target.dns_servers = {server.address()};
    timeouts.dns = 20s;
    timeouts.attempt_delay = 300ms;
    timeouts.remembered_after = 300ms;
  }

  // The address that won; or the failure.
  std::string run() {
    std::optional<std::expected<Approach::Reached, Failure>> outcome;
    int calls = 0;
    {
      Approach approach(bench.loop, bench.permit, target, timeouts, Meter(traffic, traffic));
      approach.start([&](auto result) {
        outcome = std::move(result);
        ++calls;
      });
      EXPECT_TRUE(bench.run_until([&] { return outcome.has_value(); }));
    }
    while (bench.loop.poll() > 0) {
    }
    EXPECT_EQ(calls, 1);
    if (!outcome) return "no outcome";
    if (!*outcome) return to_string(outcome->error());
    reached = std::move(**outcome);
    return reached.remote.address().to_string();
  }

  // The name of the failure, without its detail.
  std::string failed() {
    const auto text = run();
    return text.substr(0, text.find(':'));
  }

  Bench bench;
  NameServer server{bench.loop};
  Traffic traffic;
  Target target;
  Timeouts timeouts;
  Approach::Reached reached;
};

TEST_F(ApproachTo, ARefusalEndsItAndNothingRememberedIsTried) {
  const Listener listener("127.0.0.1");
  target.port = listener.port();
  target.remembered_addresses = {"127.0.0.1"};
  bench.permit.refusal = Refusal{"SUSPENDED", "The subscription is suspended."};
  EXPECT_EQ(failed(), "PERMIT_REFUSED");
  EXPECT_EQ(bench.permit.asked, 1);
  EXPECT_EQ(server.questions, 0);
}

TEST_F(ApproachTo, ARefusalBetweenAttemptsEndsItToo) {
  const Listener full("127.0.0.2", 0, true);
  const Listener good("127.0.0.3", full.port());
  target.port = full.port();
  target.static_addresses = {"127.0.0.2", "127.0.0.3"};
  Permit& permit = bench.permit;
  std::optional<std::expected<Approach::Reached, Failure>> outcome;
  Approach approach(bench.loop, permit, target, timeouts, Meter(traffic, traffic));
  approach.start([&](auto result) { outcome = std::move(result); });
  EXPECT_EQ(bench.permit.asked, 1);
  bench.permit.refusal = Refusal{"SUSPENDED", "The subscription is suspended."};
  ASSERT_TRUE(bench.run_until([&] { return outcome.has_value(); }));
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, Code::permit_refused);
}

TEST_F(ApproachTo, AMissingInterfaceEndsItAndNothingRememberedIsTried) {
  target.interface = "oobm-none0";
  target.remembered_addresses = {"127.0.0.1"};
  EXPECT_EQ(failed(), "INTERFACE_MISSING");
}

TEST_F(ApproachTo, NobodyAnswersAndTheFirstCauseIsNamed) {
  server.response_code = 2;  // SERVFAIL
  target.port = free_port();
  target.remembered_addresses = {"127.0.0.1"};
  const auto why = run();
  EXPECT_TRUE(why.starts_with("DNS_REFUSED")) << why;
  EXPECT_NE(why.find("remembered address: TCP_REFUSED"), std::string::npos) << why;
}

TEST_F(ApproachTo, AServerThatRefusesSaysMoreThanAMissingRoute) {
  target.port = free_port();
  // A multicast group has no route for TCP.
  target.static_addresses = {"127.0.0.1", "ff02::1"};
  EXPECT_EQ(failed(), "TCP_REFUSED");
  target.static_addresses = {"ff02::1", "127.0.0.1"};
  EXPECT_EQ(failed(), "TCP_REFUSED");
  target.static_addresses = {"ff02::1"};
  EXPECT_EQ(failed(), "ROUTE_UNREACHABLE");
}

TEST_F(ApproachTo, AnAddressThatHangsDelaysTheNextAndNoMore) {
  const Listener full("127.0.0.2", 0, true);
  const Listener good("127.0.0.3", full.port());
  target.port = full.port();
  target.static_addresses = {"127.0.0.2", "127.0.0.3"};
  timeouts.tcp = 60s;  // never in this test
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run(), "127.0.0.3");
  EXPECT_GE(std::chrono::steady_clock::now() - start, timeouts.attempt_delay);
  EXPECT_EQ(bench.permit.asked, 2) << "before each socket";
}

TEST_F(ApproachTo, AnAddressThatRefusesDelaysNothing) {
  const Listener good("127.0.0.3");
  target.port = good.port();
  target.static_addresses = {"127.0.0.2", "127.0.0.3"};
  timeouts.attempt_delay = 60s;
  EXPECT_EQ(run(), "127.0.0.3");
}

TEST_F(ApproachTo, TheLosersAreClosed) {
  const Listener first("127.0.0.2", 0, true);
  const Listener second("127.0.0.3", first.port(), true);
  const Listener good("127.0.0.4", first.port());
  target.port = first.port();
  target.static_addresses = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
  timeouts.attempt_delay = 50ms;
  const auto before = open_descriptors().size();
  EXPECT_EQ(run(), "127.0.0.4");
  EXPECT_EQ(open_descriptors().size(), before + 1) << "the winner";
  reached.socket.reset();
  EXPECT_EQ(open_descriptors().size(), before);
}

TEST_F(ApproachTo, EveryAddressHangsUntilItsLimit) {
  const Listener first("127.0.0.2", 0, true);
  const Listener second("127.0.0.3", first.port(), true);
  target.port = first.port();
  target.static_addresses = {"127.0.0.2", "127.0.0.3"};
  timeouts.attempt_delay = 50ms;
  timeouts.tcp = 300ms;
  const auto before = open_descriptors().size();
  EXPECT_EQ(failed(), "TCP_TIMEOUT");
  EXPECT_EQ(open_descriptors().size(), before);
}

TEST_F(ApproachTo, IPv6ComesFirstThoughItsAnswerIsSecond) {
  const Listener v6("::1");
  const Listener v4("127.0.0.1", v6.port());
  target.port = v6.port();
  server.v6 = {"::1"};
  server.v6_delay = 5ms;  // a tenth of what it is given
  EXPECT_EQ(run(), "::1");
}

TEST_F(ApproachTo, IPv4DoesNotWaitForAnAnswerThatDoesNotCome) {
  const Listener v4("127.0.0.1");
  target.port = v4.port();
  server.v6_silent = true;
  timeouts.dns = 60s;
  EXPECT_EQ(run(), "127.0.0.1");
  EXPECT_FALSE(reached.remembered);
}

TEST_F(ApproachTo, AnIPv6ThatLeadsNowhereIsLeftBehind) {
  const Listener v6("::1", 0, true);
  const Listener v4("127.0.0.1", v6.port());
  target.port = v6.port();
  server.v6 = {"::1"};
  server.v4_delay = 100ms;  // comes while IPv6 is being tried
  timeouts.tcp = 60s;
  EXPECT_EQ(run(), "127.0.0.1");
}

TEST_F(ApproachTo, TheFamilyThatWorkedLastBegins) {
  const Listener v6("::1");
  const Listener v4("127.0.0.1", v6.port());
  target.port = v6.port();
  server.v6 = {"::1"};
  target.remembered_addresses = {"127.0.0.9"};
  EXPECT_EQ(run(), "127.0.0.1");
}

struct DnsTrouble {
  const char* name;
  void (*make)(NameServer&, Target&, Timeouts&);
};

class WithoutDns : public ApproachTo, public testing::WithParamInterface<DnsTrouble> {};

TEST_P(WithoutDns, ARememberedAddressLeadsToTheServer) {
  const Listener good("127.0.0.3");
  target.port = good.port();
  target.remembered_addresses = {"no address", "127.0.0.2", "127.0.0.3"};
  timeouts.remembered_after = 60s;
  GetParam().make(server, target, timeouts);
  EXPECT_EQ(run(), "127.0.0.3");
  EXPECT_TRUE(reached.remembered);
}

INSTANTIATE_TEST_SUITE_P(
    Troubles, WithoutDns,
    testing::Values(DnsTrouble{"refuses", [](auto& s, auto&, auto&) { s.response_code = 5; }},
                    DnsTrouble{"fails", [](auto& s, auto&, auto&) { s.response_code = 2; }},
                    DnsTrouble{"says_there_is_none",
                               [](auto& s, auto&, auto&) { s.response_code = 3; }},
                    DnsTrouble{"is_late",
                               [](auto& s, auto&, auto& t) {
                                 s.silent = true;
                                 t.remembered_after = std::chrono::milliseconds(100);
                               }},
                    DnsTrouble{"is_silent_to_the_end",
                               [](auto& s, auto&, auto& t) {
                                 s.silent = true;
                                 t.dns = std::chrono::milliseconds(200);
                               }},
                    DnsTrouble{"has_no_server",
                               [](auto&, auto& target, auto&) { target.dns_servers.clear(); }}),
    [](const auto& trouble) { return std::string(trouble.param.name); });

TEST_F(ApproachTo, WhatDnsSaysComesBeforeWhatIsRemembered) {
  const Listener good("127.0.0.1");
  const Listener old("127.0.0.3", good.port());
  target.port = good.port();
  target.remembered_addresses = {"127.0.0.3"};
  EXPECT_EQ(run(), "127.0.0.1");
  EXPECT_FALSE(reached.remembered);
}

TEST_F(ApproachTo, CancellingLeavesNothing) {
  const Listener full("127.0.0.2", 0, true);
  target.port = full.port();
  target.static_addresses = {"127.0.0.2"};
  const auto before = open_descriptors().size();
  bool called = false;
  Approach approach(bench.loop, bench.permit, target, timeouts, Meter(traffic, traffic));
  approach.start([&](const auto&) { called = true; });
  EXPECT_EQ(open_descriptors().size(), before + 1);
  approach.cancel();
  EXPECT_EQ(open_descriptors().size(), before);
  while (bench.loop.poll() > 0) {
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace oobm::uplink::test
