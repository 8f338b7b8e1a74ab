#include "agent/daemon/monitor_protocol.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

#include <gtest/gtest.h>

#include "hal/board/verbs.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

const MonitorPlan plan{.board_helper = "/usr/libexec/oobm/board",
                       .transfer_helper = "/usr/libexec/oobm/oobm-transfer",
                       .port = "/dev/ttyUSB2",
                       .state_folder = "/etc/oobm/state",
                       .run_folder = "/var/run/oobm",
                       .instances_file = "/usr/share/oobm/instances.json",
                       .instance = "na",
                       .version = "0.1.0",
                       .user = 977,
                       .group = 978,
                       .environment = {"PATH=/bin", "LC_ALL=C"}};

MonitorRequest run(std::vector<std::string> texts) {
  return {.ask = Ask::run, .number = 7, .texts = std::move(texts)};
}

std::optional<std::size_t> allowed(std::vector<std::string> texts) {
  return descriptors_of(plan, run(std::move(texts)));
}

TEST(MonitorProtocol, WhatIsNoRequestIsNone) {
  EXPECT_FALSE(request_from(""));
  EXPECT_FALSE(request_from(std::string(4, '\0')));
  EXPECT_FALSE(request_from(std::string("\x07\0\0\0\0", 5))) << "nothing that can be asked";
  EXPECT_FALSE(request_from(std::string("\x01\0\0\0\0text", 9))) << "a text without its end";
  EXPECT_FALSE(request_from(std::string(max_monitor_request_bytes + 1, '\0')));
  EXPECT_FALSE(request_from(std::string(5 + max_monitor_texts + 1, '\0')));
}

TEST(MonitorProtocol, ARequestReadsAsItself) {
  const MonitorRequest request{
      .ask = Ask::run, .number = 0x01020304, .texts = {"board", "", "led"}};
  EXPECT_EQ(request_from(to_bytes(request)), request);
}

TEST(MonitorProtocol, OnlyVerbsOfTheContractRun) {
  EXPECT_FALSE(allowed({"board"}));
  EXPECT_FALSE(allowed({"board", "sh"}));
  EXPECT_FALSE(allowed({"board", "identity", "more"}));
  EXPECT_FALSE(allowed({"/bin/sh", "-c", "id"}));
  EXPECT_FALSE(allowed({}));
  EXPECT_EQ(allowed({"board", "identity"}), 2U);
  EXPECT_EQ(allowed({"board", "reboot"}), 2U);
  for (const auto& row : hal::verbs())
    if (row.arguments == hal::VerbArguments::none)
      EXPECT_EQ(allowed({"board", std::string(row.name)}), 2U) << row.name;
}

TEST(MonitorProtocol, ArgumentsAreThoseOfTheContract) {
  EXPECT_FALSE(allowed({"board", "bearer-up", "apn=a b"}));
  EXPECT_FALSE(allowed({"board", "bearer-up", "apn=" + std::string(101, 'a')}));
  EXPECT_FALSE(allowed({"board", "bearer-up", "iface=eth0"}));
  EXPECT_FALSE(allowed({"board", "led", "blink"}));
  EXPECT_FALSE(allowed({"board", "led"}));
  EXPECT_FALSE(allowed({"board", "install-commit", "1.0;reboot"}));
  EXPECT_EQ(allowed({"board", "bearer-up"}), 2U);
  EXPECT_EQ(allowed({"board", "bearer-up", "apn=oobm.example-1"}), 2U);
  EXPECT_EQ(allowed({"board", "led", "slow"}), 2U);
  EXPECT_EQ(allowed({"board", "install-commit", "1.2.3"}), 2U);
}

TEST(MonitorProtocol, OnlyTheDaemonsPackageIsInstalled) {
  EXPECT_FALSE(allowed({"board", "install", "/tmp/evil.ipk", "1.0"}));
  EXPECT_FALSE(allowed({"board", "install", "/etc/oobm/state/../../../tmp/evil.ipk", "1.0"}));
  EXPECT_FALSE(allowed({"board", "install", "files/a.ipk", "1.0"}));
  EXPECT_FALSE(allowed({"board", "install", "/etc/oobm/state/files/a.ipk", "1.0"}));
  EXPECT_FALSE(allowed({"board", "install", "/etc/oobm/state/files/oobm-package.ipk"}));
  EXPECT_EQ(allowed({"board", "install", "/etc/oobm/state/files/oobm-package.ipk", "1.0"}), 2U);
}

TEST(MonitorProtocol, TheTransferHelperTakesNothingButDescriptors) {
  EXPECT_FALSE(allowed({"transfer", "http://example"}));
  EXPECT_EQ(allowed({"transfer"}), 4U);
}

TEST(MonitorProtocol, ARunHasANumber) {
  auto request = run({"board", "identity"});
  request.number = 0;
  EXPECT_FALSE(descriptors_of(plan, request));
  request.number = 1;
  request.ask = Ask::kill;
  EXPECT_FALSE(descriptors_of(plan, request));
}

TEST(MonitorProtocol, APlanForRootIsNone) {
  auto other = plan;
  other.user = 0;
  EXPECT_FALSE(plan_from(to_request(other)));
  other = plan;
  other.group = 0;
  EXPECT_FALSE(plan_from(to_request(other)));
  other.group = UINT32_MAX;  // to the calls that set ids: no change
  EXPECT_FALSE(plan_from(to_request(other)));
}

TEST(MonitorProtocol, APlanNamesWholePaths) {
  auto other = plan;
  other.board_helper = "board";
  EXPECT_FALSE(plan_from(to_request(other)));
  other = plan;
  other.instances_file = "instances.json";
  EXPECT_FALSE(plan_from(to_request(other)));
  EXPECT_FALSE(plan_from(run({"board", "identity"})));
  EXPECT_EQ(plan_from(to_request(plan)), plan);
}

TEST(MonitorProtocol, ThePortIsThePlansAndNoOther) {
  EXPECT_FALSE(is_planned_port(plan, "/dev/ttyUSB3"));
  EXPECT_FALSE(is_planned_port(plan, "/dev/mem"));
  EXPECT_TRUE(is_planned_port(plan, "/dev/ttyUSB2"));
  auto none = plan;
  none.port.clear();
  EXPECT_FALSE(is_planned_port(none, ""));
}

// Two modems: the main WAN's has a port as well.
TEST(MonitorProtocol, AUsbInterfaceMeansItsOwnPort) {
  const TempFolder sys;
  for (const auto& [number, interface] : {std::pair("03", "ttyUSB2"), std::pair("02", "ttyUSB1")}) {
    const auto folder = std::filesystem::path(sys / "devices/1-1") / number;
    const auto terminal = std::filesystem::path(sys / "class/tty") / interface;
    std::filesystem::create_directories(folder);
    std::filesystem::create_directories(terminal);
    std::ofstream(folder.parent_path() / "idVendor") << "1199\n";
    std::ofstream(folder.parent_path() / "idProduct") << "c001\n";
    std::ofstream(folder / "bInterfaceNumber") << number << "\n";
    std::filesystem::create_directory_symlink(folder, terminal / "device");
  }
  auto usb = plan;
  usb.port = "usb:1199:c001:3";
  const hal::DeviceFolders folders{.sys = sys / "."};
  EXPECT_TRUE(is_planned_port(usb, "/dev/ttyUSB2", folders));
  for (const auto* path : {"/dev/ttyUSB1", "/dev/ttyUSB9", "/dev/ttyUSB2/../sda", "/dev/sda", ""})
    EXPECT_FALSE(is_planned_port(usb, path, folders)) << path;
}

TEST(MonitorProtocol, AnAnswerReadsAsItself) {
  const MonitorAnswer answer{MonitorAnswer::Kind::signalled, 0xfffffffe, 31};
  EXPECT_EQ(answer_from(to_bytes(answer)), answer);
  EXPECT_FALSE(answer_from("short"));
  EXPECT_FALSE(answer_from(std::string(monitor_answer_bytes, '\x09')));
}

}  // namespace
}  // namespace oobm::daemon
