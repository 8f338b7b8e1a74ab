// A daemon that gives the answers of a script, one line for each line that it reads.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace oobm::ctl {

class ScriptedDaemon {
 public:
  // Serves one client; then hangs up.
  explicit ScriptedDaemon(std::vector<std::string> answers) : answers_(std::move(answers)) {
    std::string pattern = testing::TempDir() + "oobm-ctl-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ScriptedDaemon(const ScriptedDaemon&) = delete;
  ScriptedDaemon& operator=(const ScriptedDaemon&) = delete;
  ~ScriptedDaemon() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] std::string path() const { return folder_ + "/control.sock"; }
  // What was asked. Complete once the client is done.
  [[nodiscard]] const std::vector<std::string>& requests() const { return requests_; }

 private:
  void serve() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    for (const auto& answer : answers_) {
      std::string request;
      for (char c = 0; ::read(client, &c, 1) == 1 && c != '\n';) request += c;
      requests_.push_back(request);
      if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(client);
  }

  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  std::string folder_;
  int listener_ = -1;
  std::jthread thread_;
};

}  // namespace oobm::ctl
