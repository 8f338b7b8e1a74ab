// The daemon's control socket, from the asking side: lines out, lines in. Blocks, within limits; a
// daemon that hangs must not hang its technician.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::ctl {

inline constexpr std::size_t max_reply_bytes = 256 * 1024;  // one line: a support bundle
inline constexpr std::chrono::milliseconds reply_limit{5000};

class Client {
 public:
  // Errors: a sentence that says what to do.
  static std::expected<Client, std::string> connect(const std::string& path);

  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  ~Client();

  std::expected<void, std::string> send(std::string_view line);

  // The next line, without line feed. `limit` empty: for as long as it takes.
  std::expected<std::string, std::string> receive(
      std::optional<std::chrono::milliseconds> limit = reply_limit);

 private:
  explicit Client(int socket) : socket_(socket) {}
  int socket_;
  std::string inbox_;
};

}  // namespace oobm::ctl
