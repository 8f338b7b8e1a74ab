// The program modem-sim: its port, its control socket, the subscription file, and that it ends.
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/modem/serial_port.hpp"
#include "tests/modem-sim/control_socket.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto patience = 30s;

bool until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

int shell(const std::string& command) {
  return std::system(command.c_str());  // NOLINT(cert-env33-c): the words are this test's own
}

class ProgramTest : public testing::Test {
 public:
  ~ProgramTest() override {
    if (pid_ > 0) stop(SIGKILL);
    std::filesystem::remove_all(folder_);
  }

 protected:
  ProgramTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "oobm-sim-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  void start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {MODEM_SIM, "--speed", "50", "--link", path("port"), "--socket", path("ctl")});
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&pid_, MODEM_SIM, nullptr, nullptr, argv.data(), environ), 0);
    ASSERT_TRUE(until([this] { return std::filesystem::exists(path("ctl")); }));
  }

  int stop(int signal) {
    kill(pid_, signal);
    return wait();
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

  // Empty: not served (yet).
  std::string ask(const std::string& line) {
    try {
      return ask_control_socket(path("ctl"), line);
    } catch (const std::system_error&) {
      return {};
    }
  }

  std::string talk(int fd, const std::string& command) {
    EXPECT_GT(write(fd, (command + "\r").c_str(), command.size() + 1), 0);
    std::string text;
    until([&] {
      pollfd wait_for{fd, POLLIN, 0};
      std::array<char, 256> buffer{};
      if (poll(&wait_for, 1, 20) == 1) {
        const auto size = read(fd, buffer.data(), buffer.size());
        if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
      }
      return text.contains("OK\r\n") || text.contains("ERROR");
    });
    return text;
  }

 private:
  std::string folder_;
  pid_t pid_ = -1;
};

int run(const std::string& arguments) {
  const auto command = std::string(MODEM_SIM) + " " + arguments + " >/dev/null 2>&1";
  const int status = shell(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(ProgramTest, refuses_nonsense_on_its_command_line) {
  EXPECT_NE(run("--imei 359459090001237"), 0) << "wrong check digit";
  EXPECT_NE(run("--personality toaster"), 0);
  EXPECT_NE(run("--speed 0"), 0);
  EXPECT_NE(run("ctl --socket " + path("nobody") + " status"), 0);
  EXPECT_EQ(run("--help"), 0);
}

TEST_F(ProgramTest, port_and_control) {
  start({"--imei", "359459090001236"});
  ASSERT_TRUE(until([this] { return ask("status").starts_with("ok registration=1"); }));
  const auto port = hal::open_serial_port(path("port"), 115200, true);
  ASSERT_TRUE(port) << port.error().text;
  EXPECT_THAT(talk(*port, "AT+CGSN"), HasSubstr("359459090001236"));
  EXPECT_EQ(run("ctl --socket " + path("ctl") + " signal -100"), 0);
  EXPECT_EQ(run("ctl --socket " + path("ctl") + " dance"), 1);
  EXPECT_EQ(ask("vanish"), "ok");
  EXPECT_FALSE(std::filesystem::exists(path("port")));
  std::array<char, 64> buffer{};
  EXPECT_TRUE(until([&] {
    const auto size = read(*port, buffer.data(), buffer.size());
    return size == 0 || (size < 0 && errno == EIO);
  })) << "the open port is dead";
  close(*port);
  EXPECT_EQ(ask("return"), "ok");
  EXPECT_TRUE(std::filesystem::exists(path("port")));
}

TEST_F(ProgramTest, script_that_makes_no_sense_ends_it_at_once) {
  std::ofstream(path("script")) << "at 5s deny 7\nat soon register\n";
  EXPECT_EQ(run("--script " + path("script")), 1);
  EXPECT_EQ(run("--script " + path("nowhere")), 1);
  EXPECT_EQ(run("faults"), 0);
}

TEST_F(ProgramTest, script_and_second_port) {
  std::ofstream(path("script")) << "# begins in trouble\ndeny 11\n";
  start({"--script", path("script"), "--data-link", path("data")});
  ASSERT_TRUE(until([this] { return ask("status").starts_with("ok registration=3"); }));
  const auto data = hal::open_serial_port(path("data"), 115200, true);
  ASSERT_TRUE(data) << data.error().text;
  EXPECT_THAT(talk(*data, "ATE0"), HasSubstr("OK"));
  EXPECT_THAT(talk(*data, "AT+NONSENSE"), HasSubstr("ERROR"));
  close(*data);
  EXPECT_EQ(ask("vanish"), "ok");
  EXPECT_FALSE(std::filesystem::is_symlink(path("data")));
}

TEST_F(ProgramTest, far_end_of_a_call_is_a_program) {
  start({"--ppp-peer", "exec cat"});
  ASSERT_TRUE(until([this] { return ask("status").starts_with("ok registration=1"); }));
  const auto port = hal::open_serial_port(path("port"), 115200, true);
  ASSERT_TRUE(port) << port.error().text;
  const std::string dial = "ATD*99***1#\r";
  ASSERT_GT(write(*port, dial.data(), dial.size()), 0);
  EXPECT_TRUE(until([this] { return ask("status").contains("call=1"); }));
  EXPECT_EQ(ask("register"), "ok");
  EXPECT_EQ(ask("no-coverage"), "ok");
  EXPECT_TRUE(until([this] { return ask("status").contains("call=0"); }));
  close(*port);
}

TEST_F(ProgramTest, subscription_file_decides_over_registration) {
  const auto subscribe = [this](const std::string& state) {
    std::ofstream(path("sim.new")) << state << '\n';
    std::filesystem::rename(path("sim.new"), path("sim"));
  };
  start({"--sim-file", path("sim")});  // not there yet: not active
  ASSERT_TRUE(until([this] { return ask("status").starts_with("ok registration=3"); }));
  for (const auto* state : {"active", "suspended", "active", "dormant"}) {
    subscribe(state);
    const std::string wanted = std::string(state) == "active" ? "1" : "3";
    EXPECT_TRUE(until([&] { return ask("status").starts_with("ok registration=" + wanted); }))
        << state;
  }
}

TEST_F(ProgramTest, cleans_up_when_told_to_stop) {
  start({});
  const int status = stop(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_FALSE(std::filesystem::is_symlink(path("port")));
  EXPECT_FALSE(std::filesystem::exists(path("ctl")));
}

TEST_F(ProgramTest, ends_by_itself) {
  start({"--max-seconds", "1"});
  const int status = wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(ProgramTest, ends_with_its_parent) {
  // The shell starts it, tells its number, and dies.
  const auto command = std::string("sh -c '") + MODEM_SIM + " --socket " + path("orphan") +
                       " >/dev/null & echo $! > " + path("pid") + "; while ! [ -S " +
                       path("orphan") + " ]; do sleep 0.05; done'";
  ASSERT_EQ(shell(command), 0);
  int orphan = 0;
  std::ifstream(path("pid")) >> orphan;
  ASSERT_GT(orphan, 0);
  EXPECT_TRUE(until([&] { return !std::filesystem::exists(path("orphan")); }));
}

}  // namespace
}  // namespace oobm::modem_sim
