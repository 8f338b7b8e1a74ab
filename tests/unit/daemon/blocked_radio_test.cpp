// Rule: a blocked router sends nothing over IP; its radio stays on. Who stands before it must see
// which module and card it has, what the network says and what time it is; and a radio that was
// switched off by a router which nobody unblocks would stay off, since modules exist that keep
// airplane mode over a restart.
#include <chrono>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>

#include "agent/daemon/daemon.hpp"
#include "hal/fake/fake_board.hpp"
#include "hal/fake/fake_radio.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using testing::Contains;
using testing::Not;

constexpr std::chrono::seconds patience{20};  // it takes milliseconds

class BlockedRadio : public testing::Test {
 protected:
  BlockedRadio() {
    board.identity_value = {.serial = "XR80A1B2C3D4",
                            .sku = "XR80-NA-TEST",
                            .model = "XR80",
                            .firmware = "1.0",
                            .imei = "359459090001236",
                            .region = std::nullopt};
  }

  // A router for North America, told to use the instance in Europe.
  daemon::Setup mismatched() const {
    daemon::Setup setup{.config = {},
                        .instances = {InstanceConfig{.instance = {.id = "eu",
                                                                  .name = "Europe",
                                                                  .portal = "eu.example",
                                                                  .residency = "EU",
                                                                  .serves = {core::Region::global}},
                                                     .mqtt = std::nullopt,
                                                     .tls_anchors = {},
                                                     .roots_json = "[]",
                                                     .trust = {}}},
                        .catalogue = {{.sku = core::SkuCode::parse("XR80-NA-TEST").value(),
                                       .model = "XR80",
                                       .region = core::Region::na}},
                        .version = "test"};
    setup.config.instance = "eu";
    setup.config.state_folder = setup.config.run_folder = files / "";
    setup.config.control_socket = files / "control.sock";
    return setup;
  }

  bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition() && std::chrono::steady_clock::now() < end)
      loop.run_one_for(std::chrono::milliseconds(50));
    return condition();
  }

  asio::io_context loop{1};
  TempFolder files;
  hal::FakeRadio radio{loop.get_executor()};
  hal::FakeBoard board{loop.get_executor()};
};

TEST_F(BlockedRadio, TransmitsAndIsReadWhileNoBearerIsAskedFor) {
  Daemon daemon(loop, mismatched(), Log(LogLevel::error, [](LogLevel, std::string_view) {}), radio,
                board);
  ASSERT_TRUE(daemon.start());
  ASSERT_TRUE(until([&] { return board.led_state == hal::Led::fast; })) << "it is blocked";
  EXPECT_EQ(radio.power_wish, true);
  radio.change([](hal::RadioFacts& facts) {
    facts.imei = core::Imei::parse("359459090001236").value();
    facts.sim = hal::SimState::ready;
    facts.registration = hal::Registration::home;
  });
  loop.poll();
  EXPECT_EQ(board.led_state, hal::Led::fast) << "still";
  EXPECT_EQ(radio.power_wish, true);
  EXPECT_THAT(board.calls, Not(Contains("bearer-up")));
  EXPECT_THAT(board.calls, Not(Contains("modem-power-cycle")));
}

}  // namespace
}  // namespace oobm::daemon
