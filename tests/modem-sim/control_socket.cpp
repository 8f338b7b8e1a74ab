#include "tests/modem-sim/control_socket.hpp"

#include <memory>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace oobm::modem_sim {
namespace {

using asio::local::stream_protocol;

struct Connection {
  explicit Connection(stream_protocol::socket s) : socket(std::move(s)) {}
  stream_protocol::socket socket;
  std::string text;
};

}  // namespace

ControlSocket::ControlSocket(const asio::any_io_executor& executor, std::string path,
                             Handler handler)
    : path_(std::move(path)), handler_(std::move(handler)), acceptor_(executor) {
  unlink(path_.c_str());
  const auto mask = umask(0177);
  acceptor_.open();
  acceptor_.bind(stream_protocol::endpoint(path_));
  umask(mask);
  acceptor_.listen();
  accept();
}

ControlSocket::~ControlSocket() { unlink(path_.c_str()); }

void ControlSocket::accept() {
  acceptor_.async_accept([this](std::error_code error, stream_protocol::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      const auto connection = std::make_shared<Connection>(std::move(socket));
      asio::async_read_until(connection->socket,
                             asio::dynamic_buffer(connection->text, max_line_bytes), '\n',
                             [this, connection](std::error_code failed, std::size_t size) {
                               if (failed) return;
                               connection->text = handler_(connection->text.substr(0, size)) + '\n';
                               asio::async_write(connection->socket, asio::buffer(connection->text),
                                                 [connection](std::error_code, std::size_t) {});
                             });
    }
    accept();
  });
}

std::string ask_control_socket(const std::string& path, const std::string& line) {
  asio::io_context context;
  stream_protocol::socket socket(context);
  socket.connect(stream_protocol::endpoint(path));
  asio::write(socket, asio::buffer(line + '\n'));
  std::string reply;
  const auto size =
      asio::read_until(socket, asio::dynamic_buffer(reply, ControlSocket::max_line_bytes), '\n');
  return reply.substr(0, size - 1);
}

}  // namespace oobm::modem_sim
