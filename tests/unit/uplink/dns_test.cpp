// Names are asked of the servers given, over the interface given, and of nobody else. The name
// server is a few lines on the loopback interface.
#include <array>
#include <string>
#include <vector>

#include <asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using namespace std::chrono_literals;
using asio::ip::udp;

// Answers A questions with the addresses given, AAAA questions with none (RFC 1035 section 4).
class NameServer {
 public:
  explicit NameServer(asio::io_context& loop)
      : socket_(loop, udp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    receive();
  }

  std::string address() const {
    return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
  }

  std::vector<std::array<std::uint8_t, 4>> addresses{{127, 0, 0, 1}};
  std::uint8_t response_code = 0;
  bool silent = false;
  bool rubbish = false;
  int questions = 0;

 private:
  static constexpr std::uint16_t type_a = 1;

  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_,
                               [this](const asio::error_code& error, std::size_t size) {
                                 if (error) return;
                                 ++questions;
                                 if (!silent) answer(size);
                                 receive();
                               });
  }

  void answer(std::size_t size) {
    std::size_t at = 12;
    while (at < size && buffer_[at] != 0) at += buffer_[at] + 1U;
    const std::size_t question_end = at + 5;
    if (question_end > size) return;
    const bool a = buffer_[at + 2] == type_a && buffer_[at + 1] == 0;
    std::vector<std::uint8_t> reply(buffer_.begin(),
                                    buffer_.begin() + static_cast<long>(question_end));
    reply[2] = 0x81;
    reply[3] = static_cast<std::uint8_t>(0x80 | response_code);
    reply[4] = 0;
    reply[5] = 1;
    for (std::size_t i = 6; i < 12; ++i) reply[i] = 0;
    if (a && response_code == 0) {
      reply[7] = static_cast<std::uint8_t>(addresses.size());
      for (const auto& one : addresses) {
        reply.insert(reply.end(), {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4});
        reply.insert(reply.end(), one.begin(), one.end());
      }
    }
    if (rubbish) reply.resize(13);
    socket_.send_to(asio::buffer(reply), from_);
  }

  udp::socket socket_;
  udp::endpoint from_;
  std::array<std::uint8_t, 512> buffer_{};
};

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
  server.addresses.clear();
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
  server.addresses = {{127, 0, 0, 8}, {127, 0, 0, 1}};  // the first refuses
  const auto outcome = bench.open_link(by_name(peer.port()));
  ASSERT_TRUE(outcome->info) << to_string(*outcome->closed);
  EXPECT_EQ(outcome->info->remote_address, "127.0.0.1:" + std::to_string(peer.port()));
  EXPECT_GE(server.questions, 2) << "A and AAAA";
  EXPECT_GE(bench.permit.asked, 3) << "once for DNS, once for each address";
  EXPECT_EQ(bench.permit.last_host, broker_host);
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
