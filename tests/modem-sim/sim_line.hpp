// One serial line of the module, as ITU-T V.250 has it: in command mode characters are echoed and
// collected up to a CR; in data mode they pass through untouched, until three '+' between two
// silences ask for command mode again (section 6.2.9 of V.250, the guard time of older modems).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "agent/core/time.hpp"

namespace oobm::modem_sim {

class SimLine {
 public:
  static constexpr std::size_t max_command_bytes = 1024;
  static constexpr std::size_t max_waiting_commands = 16;
  static constexpr std::size_t max_output_bytes = 65'536;  // what nobody takes is lost
  static constexpr core::Duration guard_time{1000};

  // The module has restarted: nothing of before remains.
  void restart();

  // Command mode.
  void feed(std::string_view bytes);
  std::optional<std::string> take_command();

  // Data mode: what goes on to the far end.
  std::string feed_data(std::string_view bytes, core::BootTime now);
  void enter_data(core::BootTime now);
  void leave_data();
  // True once, when the silence behind "+++" is over: command mode, the call goes on.
  bool take_escape(core::BootTime now);

  void put(std::string_view bytes);
  // At most `largest_piece` bytes a millisecond; 0: everything.
  std::string take_output(core::BootTime now, std::size_t largest_piece, std::mt19937_64& random);
  [[nodiscard]] std::optional<core::BootTime> deadline() const;

  bool echo = true;
  bool busy = false;       // a command is being answered
  bool data_mode = false;  // between CONNECT and the escape
  bool call = false;       // a call exists, also while escaped

 private:
  std::string input_;
  std::deque<std::string> waiting_;
  std::string output_;
  std::optional<core::BootTime> next_piece_at_;
  core::BootTime last_data_at_{};
  std::size_t pluses_ = 0;
  std::optional<core::BootTime> escape_at_;
};

}  // namespace oobm::modem_sim
