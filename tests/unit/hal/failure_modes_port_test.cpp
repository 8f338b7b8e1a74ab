// How ports fail, by the numbers of docs/radio-failures.md, on real pseudo-terminals and in real
// time: a device that comes back under another name, and one that another process has.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/modem/at_radio.hpp"
#include "tests/modem-sim/sim_host.hpp"

namespace oobm::hal {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using modem_sim::SimHost;
using testing::EndsWith;
using testing::HasSubstr;

constexpr auto patience = 60s;  // for one condition, on a loaded machine
constexpr auto module_name = "usb:1199:c001:3";

// A tree as sysfs has it, with one USB module whose AT port is interface 3. Its device is the
// simulated module's link in dev/, which is renumbered each time the module comes back.
class FailureModePort : public testing::Test {
 public:
  ~FailureModePort() override {
    radio.reset();
    sim.reset();
    fs::remove_all(root_);
  }

 protected:
  FailureModePort() {
    std::string pattern = (fs::temp_directory_path() / "oobm-port-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::create_directories(root_ / "dev");
    const auto device = root_ / "sys/devices/usb1/1-1";
    interface_ = device / "1-1:1.3";
    fs::create_directories(interface_);
    std::ofstream(device / "idVendor") << "1199\n";
    std::ofstream(device / "idProduct") << "c001\n";
    std::ofstream(interface_ / "bInterfaceNumber") << "03\n";
    start_sim();
    plug("ttyACM0");
    start_radio();
  }

  void plug(const std::string& name) {
    fs::remove_all(root_ / "sys/class/tty");
    fs::create_directories(root_ / "sys/class/tty" / name);
    fs::create_directory_symlink(interface_, root_ / "sys/class/tty" / name / "device");
  }

  void start_sim() {
    modem_sim::SimConfig config;
    config.speed = 50.0;
    sim =
        std::make_unique<SimHost>(context.get_executor(), config,
                                  modem_sim::HostOptions{.link = (root_ / "dev/ttyACM0").string()});
    sim->control("renumber");
  }

  void start_radio() {
    AtRadioOptions options;
    options.path = module_name;
    options.folders = {.sys = (root_ / "sys").string(), .dev = (root_ / "dev").string()};
    options.reopen_first = 20ms;
    options.reopen_longest = 100ms;
    options.timing.retry_first = 100ms;
    options.timing.poll_unregistered = 200ms;
    options.timing.channel.drain = 50ms;
    options.timing.channel.quiet = 50ms;
    options.timing.channel.settle = 5ms;
    radio = std::make_unique<AtRadio>(context.get_executor(), options);
    radio->start([](const RadioFacts&) {});
  }

  template <class Condition>
  bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context.restart();
      context.run_one_for(50ms);
    }
    return true;
  }

  const RadioFacts& facts() const { return radio->facts(); }

  asio::io_context context{1};
  std::unique_ptr<SimHost> sim;
  std::unique_ptr<AtRadio> radio;

 private:
  fs::path root_;
  fs::path interface_;
};

TEST_F(FailureModePort, m09_module_that_comes_back_under_another_name_is_found_by_what_it_is) {
  ASSERT_TRUE(until([this] { return registered(facts()); }));
  EXPECT_THAT(facts().port_device, EndsWith("/dev/ttyACM0"));
  sim->control("vanish");
  ASSERT_TRUE(until([this] { return facts().port == PortState::absent; }));
  // Its old name now belongs to nobody.
  plug("ttyACM1");
  sim->control("return");
  ASSERT_TRUE(until([this] { return registered(facts()); }));
  EXPECT_THAT(facts().port_device, EndsWith("/dev/ttyACM1"));
  EXPECT_EQ(facts().last_reset_reason, "boot report");
}

TEST_F(FailureModePort, m10_port_that_another_process_took_meanwhile_is_left_to_it) {
  ASSERT_TRUE(until([this] { return registered(facts()); }));
  sim->control("vanish");
  ASSERT_TRUE(until([this] { return facts().port == PortState::absent; }));
  plug("ttyACM1");
  sim->control("hold 3600000");
  sim->control("return");
  ASSERT_TRUE(until([this] { return facts().port == PortState::busy; }));
  EXPECT_THAT(facts().port_text, HasSubstr("held by another process"));
  sim->control("hold 0");
  EXPECT_TRUE(until([this] { return registered(facts()); }));
}

}  // namespace
}  // namespace oobm::hal
