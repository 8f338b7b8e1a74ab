// A pseudo-terminal as a serial port: the slave's path is what the host opens, a symbolic link
// gives it a lasting name. When nobody has the slave open, what the module says is lost, as on a
// wire; what somebody is too slow to read waits.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "agent/core/time.hpp"

namespace oobm::modem_sim {

class PtyPort {
 public:
  static constexpr core::Duration hang_up_period{50};  // whether somebody has come
  static constexpr std::size_t max_unsent_bytes = 65'536;

  // Never called inside a call of this class.
  struct Handlers {
    std::function<void(std::string_view bytes)> received;
    std::function<void()> hung_up;  // the last one has closed the slave
  };

  PtyPort(const asio::any_io_executor& executor, Handlers handlers);
  ~PtyPort();
  PtyPort(const PtyPort&) = delete;
  PtyPort& operator=(const PtyPort&) = delete;

  // Makes a new pseudo-terminal; `link`, if not empty, then points to it and replaces what was
  // there. Throws std::system_error.
  void open(const std::string& link);
  void close();
  void write(std::string_view bytes);

  [[nodiscard]] bool is_open() const { return master_.is_open(); }
  [[nodiscard]] const std::string& slave_path() const { return slave_path_; }

 private:
  void publish();
  void read();
  void read_later();
  void flush();

  Handlers handlers_;
  asio::posix::stream_descriptor master_;
  asio::steady_timer hang_up_timer_;
  std::string slave_path_;
  std::string link_;
  bool nobody_listens_ = false;
  bool flushing_ = false;
  std::string unsent_;
  std::array<char, 2048> input_{};
};

}  // namespace oobm::modem_sim
