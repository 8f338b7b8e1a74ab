#include "tests/net/impairer/tun.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>

namespace oobm::netbench {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

uplink::UniqueFd open_file(const char* path, int flags) {
  uplink::UniqueFd file(::open(path, flags | O_CLOEXEC));
  if (file.get() < 0) fail(path);
  return file;
}

uplink::UniqueFd make_device(const std::string& device) {
  auto tun = open_file("/dev/net/tun", O_RDWR | O_NONBLOCK);
  ifreq request{};
  if (device.size() >= sizeof request.ifr_name) {
    errno = ENAMETOOLONG;
    fail(device);
  }
  std::memcpy(request.ifr_name, device.data(), device.size());
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(tun.get(), TUNSETIFF, &request) != 0) fail(device);
  return tun;
}

// Back in our own namespace whatever happens.
class Visit {
 public:
  explicit Visit(const std::string& netns)
      : home_(open_file("/proc/thread-self/ns/net", O_RDONLY)) {
    const auto there = open_file(netns.c_str(), O_RDONLY);
    if (::setns(there.get(), CLONE_NEWNET) != 0) fail(netns);
  }
  ~Visit() { static_cast<void>(::setns(home_.get(), CLONE_NEWNET)); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  uplink::UniqueFd home_;
};

}  // namespace

TunPlace parse_place(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return {.netns = {}, .device = text};
  return {.netns = text.substr(0, colon), .device = text.substr(colon + 1)};
}

uplink::UniqueFd open_tun(const TunPlace& place) {
  if (place.netns.empty()) return make_device(place.device);
  const Visit visit(place.netns);
  return make_device(place.device);
}

}  // namespace oobm::netbench
