#include "agent/uplink/gate.hpp"

#include <array>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/uplink/support/bench.hpp"
#include "tests/unit/uplink/support/mosquitto.hpp"
#include "tests/unit/uplink/support/scripted_server.hpp"

namespace oobm::uplink::test {
namespace {

using Kind = ScriptedServer::Kind;
using namespace std::chrono_literals;

TEST(Gate, AnInterfaceThatDoesNotExistIsNamed) {
  Bench bench;
  auto request = Bench::request(8883);
  for (const char* name : {"oobm-none0", "", "a-name-that-is-too-long"}) {
    request.target.interface = name;
    EXPECT_EQ(bench.link_failure(request).code, Code::interface_missing) << name;
  }
}

TEST(Gate, AnInterfaceThatCannotReachTheAddressDoesNotFallBack) {
  Bench bench;
  auto request = Bench::request(8883);
  request.target.static_addresses = {"192.0.2.1"};
  request.timeouts.tcp = 300ms;
  const Layer layer = bench.link_failure(request).layer;
  EXPECT_TRUE(layer == Layer::route || layer == Layer::tcp) << name(layer);
}

TEST(Gate, APortWithoutListenerIsRefused) {
  Bench bench;
  const Failure failure = bench.link_failure(Bench::request(free_port()));
  EXPECT_EQ(failure.code, Code::tcp_refused);
  EXPECT_NE(failure.detail.find("127.0.0.1"), std::string::npos);
}

TEST(Gate, AServerThatDropsTimesOut) {
  // A listener whose queue is full drops every further SYN.
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::array<UniqueFd, 4> fillers;
  for (UniqueFd& filler : fillers) {
    filler.reset(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(filler.get(), reinterpret_cast<const sockaddr*>(&address), size);
  }
  Bench bench;
  auto request = Bench::request(ntohs(address.sin_port));
  request.timeouts.tcp = 300ms;
  EXPECT_EQ(bench.link_failure(request).code, Code::tcp_timeout);
}

TEST(Gate, AServerThatSaysNothingTimesOutInTls) {
  const ScriptedServer server(Kind::tcp, [](Peer& peer) { peer.wait_for_end(); });
  Bench bench;
  auto request = Bench::request(server.port());
  request.timeouts.tls = 300ms;
  EXPECT_EQ(bench.link_failure(request).code, Code::tls_timeout);
}

TEST(Gate, AServerThatClosesDuringTlsIsNotTakenForATlsFault) {
  const ScriptedServer server(Kind::tcp, [](Peer& peer) { peer.read_some(); });
  Bench bench;
  const Failure failure = bench.link_failure(Bench::request(server.port()));
  EXPECT_TRUE(failure.code == Code::peer_closed || failure.code == Code::tcp_reset)
      << to_string(failure);
}

TEST(Gate, RubbishInPlaceOfTlsIsNamed) {
  const ScriptedServer server(Kind::tcp, [](Peer& peer) {
    peer.read_some();
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_end();
  });
  Bench bench;
  const Failure failure = bench.link_failure(Bench::request(server.port()));
  EXPECT_TRUE(failure.code == Code::tls_protocol || failure.code == Code::tls_version)
      << to_string(failure);
}

TEST(Gate, TheFirstAddressThatAnswersIsTaken) {
  const ScriptedServer server(Kind::tls, [](Peer& peer) { peer.wait_for_end(); });
  Bench bench;
  auto request = Bench::request(server.port());
  request.target.static_addresses = {"127.0.0.9", "127.0.0.1"};  // the first refuses
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  EXPECT_EQ(outcome->info->remote_address, "127.0.0.1:" + std::to_string(server.port()));
}

TEST(Gate, CarriesBytesBothWaysAndCountsThem) {
  const ScriptedServer server(Kind::tls, [](Peer& peer) {
    for (std::string got; !(got = peer.read_some()).empty();) peer.write(got);
  });
  Bench bench;
  auto request = Bench::request(server.port());
  request.carries = Carries::opaque;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  EXPECT_EQ(outcome->info->interface, "lo");
  EXPECT_TRUE(outcome->info->dates_ok);
  const std::string sent(100'000, 'x');
  std::string received;
  std::size_t written = 0;
  ASSERT_TRUE(bench.run_until([&] {
    const auto out =
        ::send(outcome->plain.get(), sent.data() + written, sent.size() - written, MSG_NOSIGNAL);
    if (out > 0) written += static_cast<std::size_t>(out);
    std::array<char, 4096> buffer{};
    const auto in = ::recv(outcome->plain.get(), buffer.data(), buffer.size(), 0);
    if (in > 0) received.append(buffer.data(), static_cast<std::size_t>(in));
    return received.size() == sent.size();
  }));
  EXPECT_EQ(received, sent);
  const Traffic traffic = outcome->link->traffic();
  EXPECT_EQ(traffic.payload, (ByteCount{sent.size(), sent.size()}));
  EXPECT_GT(traffic.wire.sent, sent.size());
  EXPECT_GT(traffic.wire.received, sent.size());
  EXPECT_EQ(bench.gate.traffic("lo"), traffic);
}

TEST(Gate, SilencesThatSomethingHasEndedAreCounted) {
  const ScriptedServer server(Kind::tls, [](Peer& peer) {
    for (std::string got; !(got = peer.read_some()).empty();) peer.write(got);
  });
  Bench bench;
  for (const auto& [silence, counted] :
       {std::pair(50ms, 2U), std::pair(3'600'000ms, 0U), std::pair(0ms, 0U)}) {
    auto request = Bench::request(server.port());
    request.carries = Carries::opaque;
    request.silence = silence;
    const auto outcome = bench.open_link(request);
    ASSERT_TRUE(outcome->info);
    for (int i = 0; i < 2; ++i) {
      const auto quiet_until = std::chrono::steady_clock::now() + 60ms;
      bench.run_until([&] { return std::chrono::steady_clock::now() >= quiet_until; });
      ASSERT_EQ(::send(outcome->plain.get(), "x", 1, MSG_NOSIGNAL), 1);
      const auto received = outcome->link->traffic().payload.received;
      ASSERT_TRUE(
          bench.run_until([&] { return outcome->link->traffic().payload.received > received; }));
    }
    EXPECT_EQ(outcome->link->silences(), counted) << silence.count();
    outcome->plain.reset();
    ASSERT_TRUE(bench.run_until([&] { return outcome->closed.has_value(); }));
  }
}

TEST(Gate, AReaderThatStopsStopsTheWriterAndNothingPilesUp) {
  std::atomic<std::size_t> written = 0;
  const ScriptedServer server(Kind::tls, [&](Peer& peer) {
    const std::string chunk(4096, 'x');
    for (int i = 0; i < 8192 && peer.write(chunk); ++i) written += chunk.size();
  });
  Bench bench;
  auto request = Bench::request(server.port());
  request.carries = Carries::opaque;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  std::uint64_t last = 0;
  int still = 0;
  ASSERT_TRUE(bench.run_until([&] {
    const auto now = outcome->link->traffic().payload.received;
    still = now == last ? still + 1 : 0;
    last = now;
    return still > 20;
  }));
  EXPECT_LT(last, 4U * 1024 * 1024) << "the kernel's buffers, no more";
  outcome->link->abort(failure(Code::cut));
  EXPECT_TRUE(bench.run_until([&] { return outcome->closed.has_value(); }));
}

TEST(Gate, ClosingThePlainEndLeavesInGoodOrder) {
  std::atomic<bool> saw_end = false;
  std::atomic<std::size_t> got = 0;
  const ScriptedServer server(Kind::tls, [&](Peer& peer) {
    for (std::string chunk; !(chunk = peer.read_some()).empty();) got += chunk.size();
    saw_end = true;
  });
  Bench bench;
  auto request = Bench::request(server.port());
  request.carries = Carries::opaque;
  const auto outcome = bench.open_link(request);
  ASSERT_TRUE(outcome->info);
  const std::string last_words(5'000, 'x');
  ASSERT_EQ(::send(outcome->plain.get(), last_words.data(), last_words.size(), 0), 5'000);
  outcome->plain.reset();
  ASSERT_TRUE(bench.run_until([&] { return outcome->closed.has_value(); }));
  EXPECT_EQ(outcome->closed->code, Code::stopped);
  ASSERT_TRUE(bench.run_until([&] { return saw_end.load(); }));
  EXPECT_EQ(got, last_words.size()) << "flushed before the end";
}

TEST(Gate, APeerThatNeverEndsIsNotWaitedForLong) {
  // Opens in TLS and then neither reads nor closes.
  std::atomic<bool> done = false;
  const ScriptedServer server(Kind::tls, [&](Peer&) {
    while (!done) std::this_thread::sleep_for(5ms);
  });
  Bench bench;
  const auto outcome = bench.open_link(Bench::request(server.port()));
  ASSERT_TRUE(outcome->info);
  outcome->plain.reset();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(bench.run_until([&] { return outcome->closed.has_value(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
  done = true;
}

TEST(Gate, DestroyingALinkClosesItsDescriptorsAndCallsNobody) {
  const ScriptedServer server(Kind::tls, [](Peer& peer) { peer.wait_for_end(); });
  Bench bench;
  bench.open_link(Bench::request(server.port()));
  const auto before = open_descriptors().size();
  for (int i = 0; i < 5; ++i) {
    bool called = false;
    {
      LinkHandlers handlers;
      handlers.on_closed = [&](const Failure&) { called = true; };
      const Link link = bench.gate.open(Bench::request(server.port()), handlers);
      for (int turn = 0; turn < i; ++turn) bench.loop.run_one_for(10ms);
    }
    while (bench.loop.poll() > 0) {
    }
    EXPECT_FALSE(called);
  }
  // The server's own ends close on its thread.
  EXPECT_TRUE(bench.run_until([&] { return open_descriptors().size() <= before; }));
}

}  // namespace
}  // namespace oobm::uplink::test
