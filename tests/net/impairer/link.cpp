#include "tests/net/impairer/link.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace oobm::netbench {
namespace {

constexpr std::size_t largest_packet = 65'535;

constexpr std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }

}  // namespace

ImpairedLink::ImpairedLink(asio::io_context& loop, TunPlace near, const TunPlace& far,
                           std::uint64_t seed)
    : loop_(loop), near_(std::move(near)), impairer_(seed), timer_(loop) {
  attach(Direction::up, open_tun(near_));
  attach(Direction::down, open_tun(far));
}

void ImpairedLink::attach(Direction from, uplink::UniqueFd fd) {
  devices_[index(from)].emplace(loop_, fd.release());
  read(from);
}

void ImpairedLink::read(Direction from) {
  devices_[index(from)]->async_wait(Device::wait_read, [this, from](const asio::error_code& error) {
    if (error || !devices_[index(from)]) return;
    read_all(from);
    settle();
    if (devices_[index(from)]) read(from);
  });
}

void ImpairedLink::read_all(Direction from) {
  std::array<std::uint8_t, largest_packet> buffer{};
  auto& device = devices_[index(from)];
  for (;;) {
    const auto size = ::read(device->native_handle(), buffer.data(), buffer.size());
    if (size > 0) {
      impairer_.take(from, BytesView(buffer).first(static_cast<std::size_t>(size)), Clock::now());
    } else {
      // EBADFD: somebody has deleted the interface. Without its descriptor it can be made again.
      if (size < 0 && errno == EBADFD) device.reset();
      return;
    }
  }
}

void ImpairedLink::settle() {
  impairer_.deliver(Clock::now(), [this](Direction direction, BytesView bytes) {
    auto& device = devices_[index(direction == Direction::up ? Direction::down : Direction::up)];
    // An interface that is down refuses, and the packet is gone, as on a real link.
    if (device) static_cast<void>(!::write(device->native_handle(), bytes.data(), bytes.size()));
  });
  const auto next = impairer_.next();
  if (!next) return;
  timer_.expires_at(*next);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) settle();
  });
}

std::string ImpairedLink::command(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with(' ')) line.remove_suffix(1);
  const auto blank = line.find(' ');
  const auto verb = line.substr(0, blank);
  const auto rest = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  if (verb == "counts") return to_json(impairer_.counts());
  if (verb == "near") return near(rest);
  if (verb != "set") return "error: set, counts or near";
  const auto done = apply(impairer_.settings, rest);
  return done ? "ok" : "error: " + done.error();
}

std::string ImpairedLink::near(std::string_view verb) {
  auto& device = devices_[index(Direction::up)];
  if (verb == "remove") {
    device.reset();
    return "ok";
  }
  if (verb != "make") return "error: near remove, or near make";
  if (device) return "error: it is there";
  try {
    attach(Direction::up, open_tun(near_));
  } catch (const std::system_error& error) {
    return std::string("error: ") + error.what();
  }
  return "ok";
}

}  // namespace oobm::netbench
