// The bench's way to a running modem-sim: a local stream socket, one command line in, one reply
// line out, then the connection ends.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <asio/any_io_executor.hpp>
#include <asio/local/stream_protocol.hpp>

namespace oobm::modem_sim {

class ControlSocket {
 public:
  static constexpr std::size_t max_line_bytes = 512;
  using Handler = std::function<std::string(std::string_view line)>;

  // Replaces a socket of the same path that nobody serves. Throws std::system_error.
  ControlSocket(const asio::any_io_executor& executor, std::string path, Handler handler);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  void accept();

  std::string path_;
  Handler handler_;
  asio::local::stream_protocol::acceptor acceptor_;
};

// The client's side, blocking: the reply without its line end. Throws std::system_error.
std::string ask_control_socket(const std::string& path, const std::string& line);

}  // namespace oobm::modem_sim
