// Puts a SimModem on a pseudo-terminal, in the real world's time: the slave's path is the serial
// port that the radio opens. When the module's port vanishes the pseudo-terminal is closed and its
// link removed; when it returns, it is another pseudo-terminal behind the same link, as a
// re-enumerated USB module is another device.
#pragma once

#include <array>
#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {

struct HostOptions {
  std::string link;      // symbolic link to the slave, replaced if it exists; empty: none
  std::string sim_file;  // "active", "dormant" or "suspended"; empty: always active
};

class SimHost {
 public:
  static constexpr core::Duration sim_file_period{250};
  static constexpr core::Duration hang_up_period{50};

  // Throws std::system_error when no pseudo-terminal can be made.
  SimHost(const asio::any_io_executor& executor, SimConfig config, HostOptions options);
  ~SimHost();
  SimHost(const SimHost&) = delete;
  SimHost& operator=(const SimHost&) = delete;

  [[nodiscard]] const std::string& slave_path() const { return slave_path_; }
  std::string control(std::string_view line);
  [[nodiscard]] SimModem& modem() { return modem_; }

 private:
  void open_port();
  void close_port();
  void read();
  void read_later();
  void settle();
  void arm();
  void watch_sim_file();
  void publish_link();

  HostOptions options_;
  SimModem modem_;
  asio::posix::stream_descriptor master_;
  asio::steady_timer timer_;
  asio::steady_timer sim_file_timer_;
  asio::steady_timer hang_up_timer_;
  std::string slave_path_;
  bool nobody_listens_ = false;
  std::array<char, 1024> input_{};
};

}  // namespace oobm::modem_sim
