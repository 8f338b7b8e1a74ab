// Puts a SimModem on pseudo-terminals, in the real world's time. When the module's port vanishes
// the pseudo-terminals are closed and their links removed; when it returns, there are others, as a
// re-enumerated USB module is another device: behind the same links, or, when the fault `renumber`
// is on, behind links with the next number at the end of their names.
#pragma once

#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include "tests/modem-sim/pty_port.hpp"
#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {

struct HostOptions {
  std::string link;       // symbolic link to the command port, replaced if it exists; empty: none
  std::string data_link;  // likewise, of the data port
  std::string sim_file;   // "active", "dormant" or "suspended"; empty: always active
};

// "ttyACM0" and 2 give "ttyACM2"; without digits at its end the name is followed by the number.
// Zero changes nothing.
std::string renumbered(const std::string& name, int steps);

class SimHost {
 public:
  static constexpr core::Duration sim_file_period{250};

  // Throws std::system_error when no pseudo-terminal can be made.
  SimHost(const asio::any_io_executor& executor, SimConfig config, HostOptions options);
  ~SimHost();
  SimHost(const SimHost&) = delete;
  SimHost& operator=(const SimHost&) = delete;

  [[nodiscard]] const std::string& slave_path() const { return command_port_.slave_path(); }
  // Empty without a data port.
  [[nodiscard]] const std::string& data_path() const { return data_port_.slave_path(); }
  std::string control(std::string_view line);
  // As SimModem::play.
  std::optional<std::string> play(std::string_view script);
  [[nodiscard]] SimModem& modem() { return modem_; }

  // The far end of a data call (SimModem::set_data_peer) speaks through these, never inside one of
  // its own functions.
  void send_to_host(std::string_view bytes);
  void far_end_left();

 private:
  PtyPort::Handlers handlers_of(PortId port);
  void open_ports();
  void settle();
  void arm();
  void follow_holder();
  void watch_sim_file();

  HostOptions options_;
  SimModem modem_;
  PtyPort command_port_;
  PtyPort data_port_;
  asio::steady_timer timer_;
  asio::steady_timer sim_file_timer_;
  int holder_ = -1;  // another process, as far as a lock goes
};

}  // namespace oobm::modem_sim
