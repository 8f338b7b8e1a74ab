// The fakes keep the promises of the contracts: no handler inside the call, none after the end.
#include <memory>
#include <optional>
#include <vector>

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include "hal/fake/fake_board.hpp"
#include "hal/fake/fake_radio.hpp"

namespace oobm::hal {
namespace {

TEST(FakeRadio, tells_changes_only_and_later) {
  asio::io_context context;
  FakeRadio radio(context.get_executor());
  int told = 0;
  radio.change([](RadioFacts& facts) { facts.sim = SimState::absent; });
  radio.start([&](const RadioFacts&) { ++told; });
  EXPECT_EQ(told, 0);
  context.run();
  EXPECT_EQ(told, 1);
  radio.change([](RadioFacts& facts) { facts.sim = SimState::absent; });
  context.restart();
  context.run();
  EXPECT_EQ(told, 1) << "nothing changed";
  EXPECT_EQ(radio.facts().sim, SimState::absent);
}

TEST(FakeRadio, fails_as_told_and_drops_requests_at_stop) {
  asio::io_context context;
  FakeRadio radio(context.get_executor());
  std::optional<std::expected<void, Error>> result;
  radio.fail_next = Error{ErrorCode::modem_refused, "no"};
  radio.set_power(true, [&](auto r) { result = r; });
  context.run();
  ASSERT_TRUE(result && !result->has_value());
  EXPECT_EQ(result->error().code, ErrorCode::modem_refused);
  EXPECT_EQ(radio.power_wish, true);
  EXPECT_FALSE(radio.facts().power);
  result.reset();
  radio.reset([&](auto r) { result = r; });
  radio.stop();
  context.restart();
  context.run();
  EXPECT_FALSE(result);
}

TEST(FakeBoard, power_is_cut_when_the_handler_runs_or_not_at_all) {
  asio::io_context context;
  FakeBoard board(context.get_executor());
  std::vector<bool> done;
  board.fail_next = Error{ErrorCode::helper_unsupported, "no relay"};
  board.modem_power_cycle([&](auto result) { done.push_back(result.has_value()); });
  board.modem_power_cycle([&](auto result) { done.push_back(result.has_value()); });
  EXPECT_EQ(board.modem_power_cycles, 0);
  context.run();
  EXPECT_EQ(board.modem_power_cycles, 1);
  EXPECT_EQ(done, (std::vector{false, true}));
}

TEST(FakeBoard, bearer_goes_up_and_down_when_the_handler_runs) {
  asio::io_context context;
  FakeBoard board(context.get_executor());
  board.bearer_when_up.interface = "wwan1";
  std::optional<BearerStatus> status;
  board.bearer_up({}, [&](auto result) { status = *result; });
  EXPECT_FALSE(board.bearer_is_up);
  context.run();
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->up);
  board.bearer_down([](auto) {});
  board.bearer_status([&](auto result) { status = *result; });
  context.restart();
  context.run();
  EXPECT_FALSE(status->up);
  EXPECT_EQ(status->interface, "wwan1");
  EXPECT_EQ(board.calls, (std::vector<std::string>{"bearer-up", "bearer-down", "bearer-status"}));
}

TEST(FakeBoard, calls_nobody_after_its_end) {
  asio::io_context context;
  auto board = std::make_unique<FakeBoard>(context.get_executor());
  bool called = false;
  board->identity([&](auto) { called = true; });
  board.reset();
  context.run();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace oobm::hal
