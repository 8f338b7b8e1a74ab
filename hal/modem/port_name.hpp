// Which serial device is the module's AT port. The kernel gives names like ttyUSB2 in the order in
// which it meets devices; a module that restarts may come back under another, and the old name may
// then belong to something else. A port can therefore be named by what it *is*: the USB vendor and
// product of the device and the number of the interface in it (USB 2.0 sections 9.6.1 and 9.6.5),
// as sysfs tells them. The name is looked up anew each time the port is opened. Paths, also
// symbolic links such as those in /dev/serial/by-id, are taken as they are.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "hal/modem/serial_port.hpp"

namespace oobm::hal {

struct UsbPort {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint8_t interface = 0;
  friend bool operator==(const UsbPort&, const UsbPort&) = default;
};

// "usb:1199:c001:3": vendor and product as four hexadecimal digits each, the interface in decimal.
// Nothing: another form.
std::optional<UsbPort> parse_usb_port(std::string_view name);
inline constexpr std::string_view usb_port_prefix = "usb:";

// Where the kernel shows its devices.
struct DeviceFolders {
  std::string sys = "/sys";
  std::string dev = "/dev";
};

// The path to open: `name` itself, or that of the device which it describes. Errors (state absent):
// there is none, or there are several.
std::expected<std::string, PortProblem> find_port(const std::string& name,
                                                  const DeviceFolders& folders = {});

}  // namespace oobm::hal
