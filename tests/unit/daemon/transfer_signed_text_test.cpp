// Rule: a text that is proved by its signature may be fetched without its SHA-256, within a bound
// of its own; whoever ordered it hears once how it ended.
#include <gtest/gtest.h>

#include "tests/unit/daemon/transfer_bench.hpp"

namespace oobm::daemon::test {
namespace {

class SignedText : public TransferBench, public testing::Test {
 protected:
  TransferOrder text_order() {
    return {.url = url("/x.jws"),
            .sha256 = {},
            .name = "x.jws",
            .proves_itself = true,
            .most_bytes = 100,
            .ended = [this](const TransferView& view) { heard.push_back(view.code); }};
  }
  std::vector<std::string> heard;
};

TEST_F(SignedText, LargerThanItsBoundIsRefusedWithWhatAnyFileMayHave) {
  const auto text = content(101);
  serve(always(whole(text)));
  EXPECT_EQ(run(text_order()), "TOO_LARGE");
  EXPECT_EQ(kept("x.jws"), "");
  EXPECT_EQ(heard, std::vector<std::string>{"TOO_LARGE"});
  EXPECT_EQ(run({.url = url(), .sha256 = sha256_of(text), .name = "image.bin"}), "OK")
      << "the bound is the order's own";
}

TEST_F(SignedText, WithoutALengthIsCutOffAtItsBound) {
  serve(always("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content(500)));
  EXPECT_EQ(run(text_order()), "TOO_LARGE");
  EXPECT_EQ(kept("x.jws"), "");
}

TEST_F(SignedText, OneThatWaitsAndIsCancelledIsHeardOf) {
  serve([](Peer& peer, const Request&, int) { peer.read_some(); });
  make_runner();
  ASSERT_TRUE(runner->submit(text_order()));
  ASSERT_TRUE(runner->submit(text_order()));
  runner->end_all({TransferCode::cancelled, {}});
  EXPECT_EQ(heard, (std::vector<std::string>{"CANCELLED", "CANCELLED"}));
}

// After a restart the manifest of a package is fetched before the rest of the package.
TEST_F(SignedText, CostsNothingOfAFileThatIsOnItsWay) {
  const auto file = content(100'000);
  serve([&](Peer& peer, const Request& request, int connection) {
    if (connection == 0) {
      send(peer, whole(file).substr(0, 60'000));
      peer.read_some();
    } else {
      send(peer, connection == 1 ? whole("e30.e30.c2ln") : proper(file, request));
    }
  });
  make_runner();
  const auto id = runner->submit(order(file));
  ASSERT_TRUE(id);
  ASSERT_TRUE(run_until_moved(*id, 40'000));
  make_runner();
  EXPECT_EQ(run(text_order()), "OK");
  EXPECT_EQ(run(order(file)), "OK");
  EXPECT_GE(server->requests().at(2).offset(), 40'000U);
  EXPECT_TRUE(keeps(file));
}

TEST_F(SignedText, ComesAsItIs) {
  serve(always(whole("eyJhbGciOiJFUzI1NiJ9.e30.c2ln")));
  EXPECT_EQ(run(text_order()), "OK");
  EXPECT_EQ(kept("x.jws"), "eyJhbGciOiJFUzI1NiJ9.e30.c2ln");
  EXPECT_EQ(heard, std::vector<std::string>{"OK"});
}

}  // namespace
}  // namespace oobm::daemon::test
