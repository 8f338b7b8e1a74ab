#include "agent/ctl/client.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace oobm::ctl {
namespace {

std::string unreachable(const std::string& path, int number) {
  std::string text = "cannot reach oobmd at " + path + ": ";
  if (number == EACCES || number == EPERM) return text + "permission denied. Run oobmctl as root.";
  if (number == ENOENT || number == ECONNREFUSED)
    return text + (number == ENOENT ? "there is no such socket" : "nobody listens") +
           ". Is the daemon running? Start it (/etc/init.d/oobm start); if it stops again, its log "
           "says why.";
  return text + std::generic_category().message(number) + ".";
}

std::unexpected<std::string> closed() {
  return std::unexpected<std::string>(
      "oobmd closed the connection. It may have been stopped; see its log.");
}

}  // namespace

std::expected<Client, std::string> Client::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return std::unexpected("the socket's path must have 1 to " +
                           std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  path.copy(address.sun_path, path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::unexpected(unreachable(path, errno));
  Client client(socket);
  // The C interface takes the general form of an address.
  const auto* general = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket, general, sizeof(address)) != 0)
    return std::unexpected(unreachable(path, errno));
  return client;
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), inbox_(std::move(other.inbox_)) {}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

std::expected<void, std::string> Client::send(std::string_view line) {
  std::string bytes(line);
  bytes += '\n';
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto put = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return closed();
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

std::expected<std::string, std::string> Client::receive(
    std::optional<std::chrono::milliseconds> limit) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (;;) {
    if (const auto end = inbox_.find('\n'); end != std::string::npos) {
      std::string line = inbox_.substr(0, end);
      inbox_.erase(0, end + 1);
      return line;
    }
    if (inbox_.size() > max_reply_bytes) return std::unexpected("oobmd's reply is too long.");
    int wait = -1;
    if (limit) {
      const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
      wait = gone < *limit ? static_cast<int>((*limit - gone).count()) : 0;
    }
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    const int count = ::poll(&ready, 1, wait);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return std::unexpected("oobmd does not answer. See its log.");
    std::array<char, 4096> part;
    const auto got = ::recv(socket_, part.data(), part.size(), 0);
    if (got <= 0) return closed();
    inbox_.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace oobm::ctl
