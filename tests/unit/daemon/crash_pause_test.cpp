#include "agent/daemon/crash_pause.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/daemon/system.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const ExitRecord crash{.in_a_row = 3,
                       .cause = ExitRecord::Cause::signal,
                       .number = 11,
                       .ran = 5s,
                       .boot_id = "b",
                       .version = "0.1.0",
                       .told = true};

// What a technician's command hears as soon as there is somebody to ask.
std::string answer_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const auto* general = reinterpret_cast<const sockaddr*>(&address);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  for (int i = 0; i < 500 && ::connect(socket, general, sizeof address) != 0; ++i)
    std::this_thread::sleep_for(10ms);
  ::send(socket, "{\"cmd\":\"status\"}\n", 17, MSG_NOSIGNAL);
  std::string text;
  for (char c = 0; c != '\n' && ::read(socket, &c, 1) == 1;) text += c;
  ::close(socket);
  return text;
}

class CrashPause : public testing::Test {
 protected:
  void pause(core::Duration time, const std::string& socket) {
    const auto begun = boot_now();
    pause_after_crash(loop_, socket, crash, time, log_, [this] { ++alive_; });
    took_ = boot_now() - begun;
  }

  TempFolder folder_;
  asio::io_context loop_{1};
  std::vector<std::string> lines_;
  Log log_{LogLevel::info, [this](LogLevel, std::string_view line) { lines_.emplace_back(line); }};
  int alive_ = 0;
  core::Duration took_{0};
};

TEST_F(CrashPause, NoneIsNoWord) {
  pause(0s, folder_ / "control.sock");
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "control.sock"));
}

TEST_F(CrashPause, SaysWhyAndHowLong) {
  std::string answer;
  std::jthread technician([&] { answer = answer_of(folder_ / "control.sock"); });
  pause(1500ms, folder_ / "control.sock");
  technician.join();
  EXPECT_GE(took_, 1500ms);
  EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr("event=waiting_after_crash"),
                                        HasSubstr("signal 11"), HasSubstr("in_a_row=3"),
                                        HasSubstr("wait_s=2"), HasSubstr("until=2"))));
  EXPECT_THAT(answer, AllOf(HasSubstr("WAITING_AFTER_CRASH"), HasSubstr("signal 11"),
                            HasSubstr("\"left_s\":2")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "control.sock"));
  EXPECT_GE(alive_, 1);
  EXPECT_FALSE(loop_.stopped()) << "it is to be run again";
}

TEST_F(CrashPause, WaitsWhereNobodyCanBeTold) {
  pause(100ms, folder_ / "nowhere/control.sock");
  EXPECT_GE(took_, 100ms);
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("waiting_after_crash"), HasSubstr("cannot listen")));
}

}  // namespace
}  // namespace oobm::daemon
