// An impaired link between two interfaces: the near one is the router's, the far one the network's.
// The near one can be taken away and made again, as a module that restarts does to the kernel.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "tests/net/impairer/impairer.hpp"
#include "tests/net/impairer/tun.hpp"

namespace oobm::netbench {

class ImpairedLink {
 public:
  // Throws std::system_error where an interface cannot be made.
  ImpairedLink(asio::io_context& loop, TunPlace near, const TunPlace& far, std::uint64_t seed);

  // "set SETTING...", "counts", "near remove", "near make"; the reply begins with "error" where it
  // did not work.
  std::string command(std::string_view line);

 private:
  using Device = asio::posix::stream_descriptor;
  void attach(Direction from, uplink::UniqueFd fd);
  void read(Direction from);
  void read_all(Direction from);
  void settle();
  std::string near(std::string_view verb);

  asio::io_context& loop_;
  TunPlace near_;
  Impairer impairer_;
  asio::steady_timer timer_;
  std::array<std::optional<Device>, 2> devices_;  // by the direction of what is read there
};

}  // namespace oobm::netbench
