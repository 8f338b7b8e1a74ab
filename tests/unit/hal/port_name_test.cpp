// Finding the module's port by what it is, in a tree of folders, files and links as sysfs has them.
#include "hal/modem/port_name.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::hal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class PortNameTest : public testing::Test {
 public:
  ~PortNameTest() override { fs::remove_all(root_); }

 protected:
  PortNameTest() {
    std::string pattern = (fs::temp_directory_path() / "oobm-sysfs-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::create_directories(root_ / "sys/class/tty");
    // A console without a device, and one that belongs to no USB device.
    fs::create_directories(root_ / "sys/class/tty/console");
    fs::create_directories(root_ / "sys/devices/platform/serial8250");
    fs::create_directories(root_ / "sys/class/tty/ttyS0");
    fs::create_directory_symlink(root_ / "sys/devices/platform/serial8250",
                                 root_ / "sys/class/tty/ttyS0/device");
  }

  static void write(const fs::path& file, const std::string& text) {
    std::ofstream(file) << text << '\n';
  }

  fs::path interface(const std::string& bus, const std::string& vendor, const std::string& product,
                     const std::string& number) {
    const auto device = root_ / "sys/devices/usb1" / bus;
    const auto folder = device / (bus + ":1." + number);
    fs::create_directories(folder);
    write(device / "idVendor", vendor);
    write(device / "idProduct", product);
    write(folder / "bInterfaceNumber", number);
    return folder;
  }

  // As usb-serial drivers do: the port is a device below the interface.
  void add_serial(const std::string& name, const fs::path& interface) {
    fs::create_directories(interface / name);
    link(name, interface / name);
  }

  // As cdc-acm does: the port belongs to the interface.
  void link(const std::string& name, const fs::path& device) {
    const auto terminal = root_ / "sys/class/tty" / name;
    fs::create_directories(terminal);
    fs::create_directory_symlink(device, terminal / "device");
  }

  void unplug(const std::string& name) { fs::remove_all(root_ / "sys/class/tty" / name); }

  [[nodiscard]] std::expected<std::string, PortProblem> find(const std::string& name) const {
    return find_port(name, {.sys = (root_ / "sys").string(), .dev = "/dev"});
  }

 private:
  fs::path root_;
};

TEST_F(PortNameTest, only_the_whole_form_is_an_identity) {
  for (const char* name :
       {"usb:", "usb:1199", "usb:1199:c001", "usb:1199:c001:", "usb:119:c001:3", "usb:1199:c0011:3",
        "usb:1199:c001:x", "usb:1199:c001:256", "usb:1199:c001:-1", "usb:1199:c001:3:4",
        "usb:zzzz:c001:3", "1199:c001:3"})
    EXPECT_FALSE(parse_usb_port(name)) << name;
  EXPECT_EQ(parse_usb_port("usb:1199:C001:10"), (UsbPort{0x1199, 0xc001, 10}));
  const auto port = find("usb:nonsense");
  ASSERT_FALSE(port);
  EXPECT_THAT(port.error().text, HasSubstr("usb:VENDOR:PRODUCT:INTERFACE"));
}

TEST_F(PortNameTest, device_that_is_not_there_is_absent) {
  add_serial("ttyUSB0", interface("1-1", "1199", "c001", "02"));
  add_serial("ttyUSB1", interface("1-2", "0403", "6001", "03"));
  const auto port = find("usb:1199:c001:3");
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().state, PortState::absent);
  EXPECT_THAT(port.error().text, HasSubstr("usb:1199:c001:3 does not exist"));
}

TEST_F(PortNameTest, two_devices_of_one_identity_are_an_error_that_names_both) {
  add_serial("ttyUSB3", interface("1-1", "1199", "c001", "03"));
  add_serial("ttyUSB7", interface("1-2", "1199", "c001", "03"));
  const auto port = find("usb:1199:c001:3");
  ASSERT_FALSE(port);
  EXPECT_THAT(port.error().text, HasSubstr("ttyUSB3, ttyUSB7"));
  EXPECT_THAT(port.error().text, HasSubstr("/dev/serial/by-path"));
}

TEST_F(PortNameTest, no_sysfs_at_all_is_absent) {
  EXPECT_FALSE(find_port("usb:1199:c001:3", {.sys = "/nowhere", .dev = "/dev"}));
}

TEST_F(PortNameTest, interface_that_left_half_its_files_behind_is_not_taken) {
  const auto folder = interface("1-1", "1199", "c001", "03");
  add_serial("ttyUSB3", folder);
  write(folder / "bInterfaceNumber", "");
  EXPECT_FALSE(find("usb:1199:c001:3"));
}

TEST_F(PortNameTest, renumbered_port_is_found_again) {
  const auto at = interface("1-1", "1199", "c001", "03");
  add_serial("ttyUSB2", interface("1-1", "1199", "c001", "02"));
  add_serial("ttyUSB3", at);
  EXPECT_EQ(find("usb:1199:c001:3"), "/dev/ttyUSB3");
  unplug("ttyUSB3");
  EXPECT_FALSE(find("usb:1199:c001:3"));
  add_serial("ttyUSB6", at);
  EXPECT_EQ(find("usb:1199:c001:3"), "/dev/ttyUSB6");
}

TEST_F(PortNameTest, modem_of_the_standard_class_and_hexadecimal_numbers) {
  link("ttyACM1", interface("1-4", "1199", "C001", "0a"));
  EXPECT_EQ(find("usb:1199:c001:10"), "/dev/ttyACM1");
}

TEST_F(PortNameTest, path_is_taken_as_it_is) {
  EXPECT_EQ(find("/dev/serial/by-id/usb-Module-if03"), "/dev/serial/by-id/usb-Module-if03");
}

}  // namespace
}  // namespace oobm::hal
