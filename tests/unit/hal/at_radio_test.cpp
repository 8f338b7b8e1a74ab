// AtRadio on a real pseudo-terminal, the simulated module at its other end, in real time.
#include "hal/modem/at_radio.hpp"

#include <chrono>
#include <expected>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <asio/io_context.hpp>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "hal/modem/serial_port.hpp"
#include "tests/modem-sim/sim_host.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using modem_sim::SimConfig;
using modem_sim::SimHost;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

constexpr auto patience = 30s;  // for one condition, on a loaded machine

class AtRadioTest : public testing::Test {
 public:
  ~AtRadioTest() override {
    radio.reset();
    sim.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  AtRadioTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "oobm-radio-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    link_ = folder_ + "/modem";
  }

  void start_sim(double speed = 50.0) {
    SimConfig config;
    config.speed = speed;
    config.network_time = {1'790'000'000};
    sim = std::make_unique<SimHost>(context.get_executor(), config,
                                    modem_sim::HostOptions{.link = link_, .sim_file = ""});
  }

  void start_radio() { start_radio(link_); }

  void start_radio(const std::string& path) {
    AtRadioOptions options;
    options.path = path;
    options.folders = {.sys = folder_ + "/sys", .dev = folder_};
    options.reopen_first = 50ms;
    options.reopen_longest = 200ms;
    options.timing.poll_unregistered = 500ms;
    options.timing.poll_registered = 1s;
    options.timing.poll_after_report = 100ms;
    options.timing.retry_first = 200ms;
    options.timing.channel.drain = 100ms;
    options.timing.channel.quiet = 100ms;
    options.timing.channel.settle = 5ms;
    radio = std::make_unique<AtRadio>(context.get_executor(), options);
    radio->start([this](const RadioFacts&) { ++changes; });
  }

  template <class Condition>
  bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context.restart();
      context.run_one_for(100ms);
    }
    return true;
  }

  bool until_registered() {
    return until([this] { return registered(facts()) && facts().pdp; });
  }

  void number_the_port() { link_ += "0"; }

  // As the kernel shows interface 3 of a USB device, with this serial port.
  void show_in_sysfs(const std::string& name) {
    namespace fs = std::filesystem;
    const fs::path device = folder_ + "/sys/devices/usb1/1-1";
    fs::create_directories(device / "1-1:1.3");
    std::ofstream(device / "idVendor") << "1199\n";
    std::ofstream(device / "idProduct") << "c001\n";
    std::ofstream(device / "1-1:1.3/bInterfaceNumber") << "03\n";
    fs::remove_all(folder_ + "/sys/class/tty");
    fs::create_directories(folder_ + "/sys/class/tty/" + name);
    fs::create_directory_symlink(device / "1-1:1.3",
                                 folder_ + "/sys/class/tty/" + name + "/device");
  }

  std::expected<RawAnswer, Error> raw(const std::string& text) {
    std::optional<std::expected<RawAnswer, Error>> answer;
    radio->command({.text = text}, [&](auto result) { answer = std::move(result); });
    EXPECT_FALSE(answer) << "never inside the call";
    EXPECT_TRUE(until([&] { return answer.has_value(); }));
    return answer.value_or(std::unexpected(Error{ErrorCode::stopped, "none"}));
  }

  const RadioFacts& facts() const { return radio->facts(); }
  const std::string& link() const { return link_; }

  asio::io_context context{1};
  std::unique_ptr<SimHost> sim;
  std::unique_ptr<AtRadio> radio;
  int changes = 0;

 private:
  std::string folder_;
  std::string link_;
};

TEST_F(AtRadioTest, missing_port_is_absent_and_opened_when_it_comes) {
  start_radio();
  ASSERT_TRUE(until([this] { return facts().port == PortState::absent; }));
  EXPECT_THAT(facts().port_text, HasSubstr("does not exist"));
  start_sim();
  EXPECT_TRUE(until_registered());
}

TEST_F(AtRadioTest, file_that_is_no_serial_port_is_refused) {
  const int fd = open(link().c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  close(fd);
  const auto port = open_serial_port(link(), 115200, true);
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().state, PortState::absent);
  EXPECT_THAT(port.error().text, HasSubstr("is no serial port"));
}

TEST_F(AtRadioTest, port_held_by_another_is_busy_until_it_is_free) {
  start_sim();
  const int holder = open(link().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_EQ(flock(holder, LOCK_EX), 0);
  start_radio();
  ASSERT_TRUE(until([this] { return facts().port == PortState::busy; }));
  EXPECT_THAT(facts().port_text, HasSubstr("held by another process"));
  close(holder);
  EXPECT_TRUE(until_registered());
}

TEST_F(AtRadioTest, port_that_vanishes_returns_as_another_device) {
  start_sim();
  start_radio();
  ASSERT_TRUE(until_registered());
  sim->control("vanish");
  ASSERT_TRUE(until([this] { return facts().port == PortState::absent; }));
  EXPECT_FALSE(facts().registration);
  EXPECT_TRUE(facts().imei) << "identity stays";
  sim->control("return");
  ASSERT_TRUE(until_registered());
  EXPECT_EQ(facts().last_reset_reason, "boot report");
}

TEST_F(AtRadioTest, renumbered_port_is_found_by_its_identity) {
  number_the_port();
  start_sim();
  sim->control("renumber 1");
  start_radio("usb:1199:c001:3");
  ASSERT_TRUE(until([this] { return facts().port == PortState::absent; }));
  EXPECT_THAT(facts().port_text, HasSubstr("no such USB interface"));
  show_in_sysfs("modem0");
  ASSERT_TRUE(until_registered());
  EXPECT_THAT(facts().port_device, EndsWith("/modem0"));
  sim->control("vanish");
  ASSERT_TRUE(until([this] { return facts().port == PortState::absent; }));
  show_in_sysfs("modem1");
  sim->control("return");
  ASSERT_TRUE(until_registered());
  EXPECT_THAT(facts().port_device, EndsWith("/modem1"));
}

TEST_F(AtRadioTest, raw_commands_over_the_line) {
  start_radio();
  EXPECT_EQ(raw("AT+CSQ").error().code, ErrorCode::port_absent);
  start_sim();
  ASSERT_TRUE(until_registered());
  EXPECT_EQ(raw("AT+CFUN=4").error().code, ErrorCode::command_refused);
  EXPECT_EQ(raw("AT+CSQ;+CFUN=4").error().code, ErrorCode::command_invalid);
  const auto unheard = raw("AT+UNHEARD?");
  ASSERT_TRUE(unheard);
  EXPECT_FALSE(unheard->ok);
  const auto signal = raw("AT+CSQ");
  ASSERT_TRUE(signal);
  EXPECT_TRUE(signal->ok);
  EXPECT_EQ(signal->result, "OK");
  EXPECT_THAT(signal->lines, ElementsAre("+CSQ: 22,99"));
}

TEST_F(AtRadioTest, denial_then_registration) {
  start_sim();
  sim->control("deny 7");
  start_radio();
  ASSERT_TRUE(until([this] { return facts().registration == Registration::denied; }));
  EXPECT_EQ(facts().reject->value, 7);
  sim->control("register");
  EXPECT_TRUE(until_registered());
}

TEST_F(AtRadioTest, silent_reboot_is_found) {
  start_sim();
  start_radio();
  ASSERT_TRUE(until_registered());
  sim->control("reboot quiet");
  ASSERT_TRUE(until([this] { return facts().resets == 1; }));
  EXPECT_TRUE(until_registered());
}

TEST_F(AtRadioTest, fragments_and_garbage_do_no_harm) {
  start_sim();
  sim->control("fragment");
  sim->control("garbage 500");
  start_radio();
  ASSERT_TRUE(until_registered());
  EXPECT_EQ(facts().imei->str(), "359459090001236");
}

TEST_F(AtRadioTest, handlers_never_run_inside_the_call) {
  start_radio();
  EXPECT_EQ(changes, 0);
  bool done = false;
  radio->set_power(true, [&](auto) { done = true; });
  EXPECT_FALSE(done);
  EXPECT_TRUE(until([&] { return done; }));
}

TEST_F(AtRadioTest, no_handler_runs_after_stop) {
  start_sim();
  start_radio();
  bool done = false;
  radio->reset([&](auto) { done = true; });
  radio->set_power(true, [&](auto) { done = true; });
  radio->stop();
  const auto before = changes;
  const auto end = std::chrono::steady_clock::now() + 500ms;
  while (std::chrono::steady_clock::now() < end) context.run_one_for(50ms);
  EXPECT_FALSE(done);
  EXPECT_EQ(changes, before);
  EXPECT_EQ(facts().port, PortState::closed);
  radio->start([this](const RadioFacts&) { ++changes; });
  EXPECT_TRUE(until_registered()) << "start() may follow stop()";
}

TEST_F(AtRadioTest, port_is_free_again_after_stop) {
  start_sim();
  start_radio();
  ASSERT_TRUE(until_registered());
  EXPECT_FALSE(open_serial_port(link(), 115200, true)) << "two readers of one port";
  radio->stop();
  const auto port = open_serial_port(link(), 115200, true);
  ASSERT_TRUE(port);
  close(*port);
}

TEST_F(AtRadioTest, whole_identity_and_service) {
  start_sim();
  start_radio();
  ASSERT_TRUE(until_registered());
  EXPECT_EQ(facts().imei->str(), "359459090001236");
  EXPECT_EQ(facts().iccid->str(), "89014103211118510720");
  EXPECT_EQ(facts().model, "HL7802");
  EXPECT_EQ(facts().technology, Technology::lte_m);
  EXPECT_TRUE(until([this] { return facts().network_time.has_value(); }));
  EXPECT_GT(changes, 0);
}

}  // namespace
}  // namespace oobm::hal
