// The network's end of a data call: a program that speaks PPP on a terminal (RFC 1661, RFC 1662),
// as pppd does when it is given no device. For each call it gets a pseudo-terminal of its own as
// controlling terminal and standard input; what it prints goes to our standard error. The end of a
// call is a hang-up for it, as on a telephone line; when it ends by itself, the network has ended
// the call.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <sys/types.h>

#include "agent/core/time.hpp"

namespace oobm::modem_sim {

class PppPeer {
 public:
  static constexpr std::size_t max_waiting_bytes = 65'536;  // from the host; what is beyond is lost
  static constexpr core::Duration hang_up_limit{3'000};     // then the program is killed
  static constexpr core::Duration poll_period{50};          // whether the program has ended

  // Never called inside a call of this class.
  struct Handlers {
    std::function<void(std::string_view bytes)> sent;  // by the program, raw
    std::function<void()> ended;                       // by itself, at most once a call
  };

  // `command` is a line for /bin/sh; "exec" in front saves the shell.
  PppPeer(const asio::any_io_executor& executor, std::string command, Handlers handlers);
  // Hangs up and kills what is left of the program.
  ~PppPeer();
  PppPeer(const PppPeer&) = delete;
  PppPeer& operator=(const PppPeer&) = delete;

  // A call begins. Throws std::system_error when there is no terminal or no program to be had.
  void start();
  void receive(std::string_view bytes);  // from the host, raw
  void hang_up();                        // the call is over; without a call, nothing happens

  // False when the program of the last call is gone.
  [[nodiscard]] bool running() const { return pid_ > 0; }

 private:
  void read();
  void write();
  void program_ended();
  void watch(core::Duration left);
  bool reap();
  void kill_program();

  std::string command_;
  Handlers handlers_;
  asio::posix::stream_descriptor terminal_;
  asio::steady_timer watch_;
  pid_t pid_ = -1;
  int call_ = 0;  // number of the latest; what belongs to an older one is void
  std::string waiting_;
  std::string being_written_;
  std::array<char, 2048> input_{};
};

}  // namespace oobm::modem_sim
