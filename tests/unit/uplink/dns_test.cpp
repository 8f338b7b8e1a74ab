// Names are asked of the servers given, over the interface given, and of nobody else. The name
// server is a few lines on the loopback interface.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/name_server.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using namespace std::chrono_literals;

class Dns : public testing::Test {
 protected:
  LinkRequest by_name(std::uint16_t port = 8883) {
    auto request = Bench::request(port);
    request.target.static_addresses.clear();
    request.target.dns_servers = {server.address()};
    request.timeouts.dns = 20s;
    return request;
  }

  Bench bench;
  NameServer server{bench.loop};
};

TEST_F(Dns, WithoutAServerNothingIsAsked) {
  auto request = by_name();
  request.target.dns_servers.clear();
  EXPECT_EQ(bench.link_failure(request).code, Code::dns_no_server);
  request.target.dns_servers = {"not an address", "1.2.3", "127.0.0.1:0", "[::1", "127.0.0.1:x"};
  EXPECT_EQ(bench.link_failure(request).code, Code::dns_no_server);
  EXPECT_EQ(bench.permit.asked, 0) << "no socket, so no question";
}

TEST_F(Dns, AServerThatIsSilentTimesOut) {
  server.silent = true;
  auto request = by_name();
  request.timeouts.dns = 300ms;
  EXPECT_EQ(bench.link_failure(request).code, Code::dns_timeout);
}

TEST_F(Dns, ANameThatDoesNotExistIsNamed) {
  server.response_code = 3;  // NXDOMAIN
  EXPECT_EQ(bench.link_failure(by_name()).code, Code::dns_no_such_name);
}

TEST_F(Dns, ANameWithoutAddressesIsNamed) {
  server.v4.clear();
  EXPECT_EQ(bench.link_failure(by_name()).code, Code::dns_no_such_name);
}

TEST_F(Dns, AServerThatRefusesIsNamed) {
  server.response_code = 5;  // REFUSED
  EXPECT_EQ(bench.link_failure(by_name()).code, Code::dns_refused);
}

TEST_F(Dns, RubbishEndsInADnsFailure) {
  server.rubbish = true;
  auto request = by_name();
  request.timeouts.dns = 500ms;
  EXPECT_EQ(bench.link_failure(request).layer, Layer::dns);
}

TEST_F(Dns, AnInterfaceThatDoesNotExistIsNamedAsSuch) {
  auto request = by_name();
  request.target.interface = "oobm-none0";
  EXPECT_EQ(bench.link_failure(request).code, Code::interface_missing);
  EXPECT_EQ(server.questions, 0);
}

TEST_F(Dns, AbortingDuringALookUpLeavesNothing) {
  server.silent = true;
  const auto before = open_descriptors().size();
  std::optional<Failure> closed;
  LinkHandlers handlers;
  handlers.on_closed = [&](Failure reason) { closed = std::move(reason); };
  Link link = bench.gate.open(by_name(), handlers);
  ASSERT_TRUE(bench.run_until([&] { return server.questions > 0; }));
  link.abort(failure(Code::cut));
  ASSERT_TRUE(bench.run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(closed->code, Code::cut);
  EXPECT_TRUE(bench.run_until([&] { return open_descriptors().size() == before; }));
}

TEST_F(Dns, ANameIsResolvedAndEachAddressTried) {
  const ScriptedServer peer(ScriptedServer::Kind::tls, [](Peer& p) { p.wait_for_end(); });
  server.v4 = {"127.0.0.8", "127.0.0.1"};  // the first refuses
  const auto outcome = bench.open_link(by_name(peer.port()));
  ASSERT_TRUE(outcome->info) << to_string(*outcome->closed);
  EXPECT_EQ(outcome->info->remote_address, "127.0.0.1:" + std::to_string(peer.port()));
  EXPECT_GE(server.questions, 2) << "A and AAAA";
  EXPECT_GE(bench.permit.asked, 3) << "once for DNS, once for each address";
  EXPECT_EQ(bench.permit.last_host, broker_host);
}

// RES_OPTIONS may order TCP, and a single try; the others name files and suffixes.
TEST_F(Dns, TheEnvironmentHasNoSay) {
  const auto hosts = Certificates::get().folder() / "hosts";
  write_file(hosts, "127.0.0.9 " + std::string(broker_host) + "\n");
  const std::pair<const char*, std::string> variables[] = {
      {"RES_OPTIONS", "usevc attempts:1 timeout:1 ndots:15 rotate"},
      {"LOCALDOMAIN", "example.org example.net"},
      {"CARES_HOSTS", hosts.string()},
      {"HOSTALIASES", hosts.string()}};
  for (const auto& [name, value] : variables) ::setenv(name, value.c_str(), 1);
  const ScriptedServer peer(ScriptedServer::Kind::tls, [](Peer& p) { p.wait_for_end(); });
  Bench later;  // its gate is made in this environment
  for (const auto& [name, value] : variables) EXPECT_EQ(::getenv(name), nullptr) << name;
  NameServer its_server(later.loop);
  auto request = by_name(peer.port());
  request.target.dns_servers = {its_server.address()};
  its_server.lose = 1;  // of each family, so that a second try is needed
  const auto outcome = later.open_link(request);
  ASSERT_TRUE(outcome->info) << to_string(*outcome->closed);
  EXPECT_TRUE(outcome->info->remote_address.starts_with("127.0.0.1:"));
  for (const auto& asked : its_server.names) EXPECT_EQ(asked, broker_host);
  EXPECT_GE(its_server.questions, 3) << "over UDP, and again";
}

TEST_F(Dns, ANameOfThisHostIsAskedOfTheNameServerToo) {
  server.response_code = 3;
  auto request = by_name();
  for (const char* name : {"localhost", "www.localhost", "ip6-loopback"}) {
    request.target.host = name;
    EXPECT_EQ(bench.link_failure(request).code, Code::dns_no_such_name) << name;
  }
  EXPECT_GE(server.questions, 3);
}

TEST_F(Dns, QueriesAreCountedOnTheWire) {
  server.response_code = 3;
  bench.link_failure(by_name());
  const Traffic traffic = bench.gate.traffic("lo");
  EXPECT_GT(traffic.wire.sent, 50U);
  EXPECT_GT(traffic.wire.received, 50U);
  EXPECT_EQ(traffic.payload, ByteCount{});
}

TEST_F(Dns, AnAddressAsHostNeedsNoServer) {
  auto request = by_name(free_port());
  request.target.host = "127.0.0.1";
  request.target.dns_servers.clear();
  EXPECT_EQ(bench.link_failure(request).code, Code::tcp_refused);
  EXPECT_EQ(server.questions, 0);
}

TEST_F(Dns, AStaticAddressThatIsNoneIsRefused) {
  auto request = by_name();
  request.target.static_addresses = {"127.0.0.1", "broker"};
  EXPECT_EQ(bench.link_failure(request).code, Code::dns_bad_answer);
  EXPECT_EQ(bench.permit.asked, 0);
}

}  // namespace
}  // namespace oobm::uplink::test
