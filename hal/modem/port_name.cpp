#include "hal/modem/port_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "hal/at/text.hpp"

namespace oobm::hal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t id_digits = 4;
constexpr std::size_t max_attribute_chars = 16;
constexpr int hexadecimal = 16;
constexpr int decimal = 10;

template <class T>
std::optional<T> number(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_part(std::string_view& text) {
  const auto end = std::min(text.find(':'), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// The number in an attribute file; sysfs writes these in hexadecimal.
template <class T>
std::optional<T> attribute(const fs::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, max_attribute_chars> text;
  const auto size = read(fd, text.data(), text.size());
  close(fd);
  if (size <= 0) return std::nullopt;
  return number<T>(at::trim({text.data(), static_cast<std::size_t>(size)}), hexadecimal);
}

// What a terminal belongs to. A usb-serial port is a device of its own below the interface; that of
// a modem of the standard class (cdc-acm) is the interface itself.
std::optional<UsbPort> usb_port_of(const fs::path& terminal) {
  std::error_code error;
  const auto device = fs::canonical(terminal / "device", error);
  if (error) return std::nullopt;
  for (const auto& interface : {device, device.parent_path()}) {
    const auto number = attribute<std::uint8_t>(interface / "bInterfaceNumber");
    const auto vendor = attribute<std::uint16_t>(interface.parent_path() / "idVendor");
    const auto product = attribute<std::uint16_t>(interface.parent_path() / "idProduct");
    if (number && vendor && product) return UsbPort{*vendor, *product, *number};
  }
  return std::nullopt;
}

std::vector<std::string> terminals(const UsbPort& wanted, const std::string& sys) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(sys + "/class/tty", error), end; !error && it != end;
       it.increment(error))
    if (usb_port_of(it->path()) == wanted) names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::unexpected<PortProblem> problem(std::string text) {
  return std::unexpected(PortProblem{PortState::absent, std::move(text)});
}

}  // namespace

std::optional<UsbPort> parse_usb_port(std::string_view name) {
  if (!name.starts_with(usb_port_prefix)) return std::nullopt;
  name.remove_prefix(usb_port_prefix.size());
  const auto vendor = take_part(name);
  const auto product = take_part(name);
  if (vendor.size() != id_digits || product.size() != id_digits) return std::nullopt;
  const auto vendor_id = number<std::uint16_t>(vendor, hexadecimal);
  const auto product_id = number<std::uint16_t>(product, hexadecimal);
  const auto interface = number<std::uint8_t>(name, decimal);
  if (!vendor_id || !product_id || !interface) return std::nullopt;
  return UsbPort{*vendor_id, *product_id, *interface};
}

std::expected<std::string, PortProblem> find_port(const std::string& name,
                                                  const DeviceFolders& folders) {
  if (!name.starts_with(usb_port_prefix)) return name;
  const auto wanted = parse_usb_port(name);
  if (!wanted)
    return problem("serial port " + name + " is not of the form usb:VENDOR:PRODUCT:INTERFACE");
  const auto names = terminals(*wanted, folders.sys);
  if (names.empty())
    return problem("serial port " + name +
                   " does not exist: no such USB interface is there; the module may be off or "
                   "restarting");
  if (names.size() == 1) return folders.dev + "/" + names.front();
  std::string list;
  for (const auto& found : names) list.append(list.empty() ? "" : ", ").append(found);
  return problem("serial port " + name + " is not one port: " + list +
                 " are all such; name it by its path, for example one in /dev/serial/by-path");
}

}  // namespace oobm::hal
