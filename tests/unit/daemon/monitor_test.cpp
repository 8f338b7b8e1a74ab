// The monitor and a daemon that is a few lines of a test: what it refuses, what it sees and writes
// down, then what it does.
#include "agent/daemon/monitor.hpp"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/daemon/exit_record.hpp"
#include "agent/daemon/monitor_client.hpp"
#include "agent/daemon/transfer_helper.hpp"
#include "hal/board/helper_board.hpp"
#include "hal/board/helper_process.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr ::uid_t user = 977;
constexpr ::gid_t group = 978;
constexpr auto short_limit = 300ms;  // of silence, where it is to be passed

class MonitorTest : public testing::Test {
 protected:
  MonitorTest() {
    std::filesystem::create_directory(state());
    EXPECT_EQ(::chown(state().c_str(), user, group), 0) << "this test runs as root";
    ::chmod((folder_ / ".").c_str(), 0755);
    script("board", "echo uid=$(id -u) verb=$1 word=$WORD open=$(ls /proc/self/fd | wc -l)\n");
  }

  std::string state() const { return folder_ / "state"; }

  void script(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << "#!/bin/sh\n" << text;
    ::chmod((folder_ / name).c_str(), 0755);
  }

  MonitorPlan plan() const {
    return {.board_helper = folder_ / "board",
            .transfer_helper = folder_ / "transfer",
            .port = {},
            .state_folder = state(),
            .run_folder = folder_ / "run",
            .instances_file = folder_ / "instances.json",
            .instance = {},
            .version = "0.1.0",
            .user = user,
            .group = group,
            .environment = {"PATH=/usr/bin:/bin", "WORD=hello"}};
  }

  // The monitor's end, as a service manager sees it.
  int end_of(const std::function<int(MonitorLink)>& daemon,
             std::chrono::milliseconds limit = hang_limit) const {
    const auto monitor = ::fork();
    if (monitor == 0) {
      auto link = split(limit);
      ::_exit(link ? daemon(*std::move(link)) : 99);
    }
    int status = 0;
    ::waitpid(monitor, &status, 0);
    return status;
  }

  void serve(const MonitorLink& link) const {
    ask_monitor(link.socket.get(), to_request(plan()));
    ask_monitor(link.socket.get(), {.ask = Ask::ready});
  }

  // A row of bad ends, as the monitor of the last run left it.
  void save_row(std::uint32_t ends, const std::string& version) const {
    ASSERT_TRUE(save_exit_record(state(), {.in_a_row = ends, .version = version}));
    ASSERT_EQ(::chown((state() + "/" + exit_record_file).c_str(), user, group), 0);
  }

  // What a program of the plan printed and how it ended, in a file, since the asker is a child.
  int run(MonitorLink link, const std::string& role, std::vector<std::string> arguments) const {
    asio::io_context loop;
    MonitorClient client(loop.get_executor(), std::move(link.socket));
    hal::HelperRun run{.role = role,
                       .path = {},
                       .arguments = std::move(arguments),
                       .environment = {},
                       .time_limit = 20s};
    auto process =
        hal::HelperProcess::start(loop.get_executor(), client, run, [&](const hal::HelperEnd& end) {
          std::ofstream(folder_ / "result")
              << static_cast<int>(end.cause) << " " << end.number << " " << end.output;
          loop.stop();
        });
    loop.run();
    return 0;
  }

  std::string result() const {
    std::ifstream file(folder_ / "result");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static std::string refused(int error) {
    return std::to_string(static_cast<int>(hal::HelperEnd::Cause::not_started)) + " " +
           std::to_string(error) + " ";
  }

  TempFolder folder_;
};

TEST_F(MonitorTest, NothingRunsWithoutAPlan) {
  end_of([&](MonitorLink link) { return run(std::move(link), "board", {"identity"}); });
  EXPECT_EQ(result(), refused(EPERM));
}

TEST_F(MonitorTest, NothingRunsThatIsNotInTheContract) {
  end_of([&](MonitorLink link) {
    serve(link);
    return run(std::move(link), "board", {"format-disk"});
  });
  EXPECT_EQ(result(), refused(EPERM));
}

TEST_F(MonitorTest, ASecondPlanIsNotTaken) {
  script("evil", "echo evil\n");
  end_of([&](MonitorLink link) {
    serve(link);
    auto other = plan();
    other.board_helper = folder_ / "evil";
    ask_monitor(link.socket.get(), to_request(other));
    return run(std::move(link), "board", {"identity"});
  });
  EXPECT_THAT(result(), HasSubstr("verb=identity"));
}

TEST_F(MonitorTest, WhatIsNoRequestIsPassedOver) {
  end_of([&](MonitorLink link) {
    serve(link);
    for (const std::string_view bytes : {"rubbish", "\x01", "\xff\xff\xff\xff\xff\xff"})
      ::send(link.socket.get(), bytes.data(), bytes.size(), 0);
    return run(std::move(link), "board", {"identity"});
  });
  EXPECT_THAT(result(), HasSubstr("verb=identity"));
}

TEST_F(MonitorTest, AMissingProgramIsSaidToBeMissing) {
  end_of([&](MonitorLink link) {
    auto other = plan();
    other.board_helper = folder_ / "nothing";
    ask_monitor(link.socket.get(), to_request(other));
    return run(std::move(link), "board", {"identity"});
  });
  EXPECT_EQ(result(), refused(ENOENT));
}

TEST_F(MonitorTest, AVerbRunsAsRootWithThePlansEnvironmentAndNoOtherDescriptor) {
  end_of([&](MonitorLink link) {
    serve(link);
    return run(std::move(link), "board", {"led", "slow"});
  });
  EXPECT_EQ(result(), std::to_string(static_cast<int>(hal::HelperEnd::Cause::exited)) +
                          " 0 uid=0 verb=led word=hello open=4\n");  // ls opens the folder
}

TEST_F(MonitorTest, ADaemonThatHangsBeforeItsPlanIsEnded) {
  const auto status = end_of(
      [](const MonitorLink&) {
        for (;;) ::pause();
        return 0;
      },
      short_limit);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
}

TEST_F(MonitorTest, AHangBeforeItServesIsWrittenDown) {
  end_of(
      [&](MonitorLink link) {
        ask_monitor(link.socket.get(), to_request(plan()));
        for (;;) ::pause();
        return 0;
      },
      short_limit);
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->cause, ExitRecord::Cause::hung);
}

TEST_F(MonitorTest, ASignalBeforeItServesIsWrittenDown) {
  save_row(2, "0.1.0");
  end_of([&](MonitorLink link) {
    ask_monitor(link.socket.get(), to_request(plan()));
    return ::kill(::getpid(), SIGKILL);
  });
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->number, SIGKILL);
  EXPECT_EQ(record->in_a_row, 3U);
}

TEST_F(MonitorTest, AnotherVersionsRowIsNotCounted) {
  save_row(6, "0.2.0");
  end_of([&](MonitorLink link) {
    serve(link);
    return ::kill(::getpid(), SIGKILL);
  });
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->in_a_row, 1U);
  EXPECT_EQ(record->version, "0.1.0");
}

TEST_F(MonitorTest, WhoOrdersAnEndBeforeItServesEndsTheRow) {
  save_row(6, "0.1.0");
  const auto status = end_of([&](MonitorLink link) {
    ask_monitor(link.socket.get(), to_request(plan()));
    ::kill(link.monitor, SIGTERM);
    for (;;) ::pause();
    return 0;
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record) << "it may not be told yet";
  EXPECT_EQ(record->in_a_row, 6U);
  EXPECT_EQ(ends_of(*record, "0.1.0"), 0U);
}

TEST_F(MonitorTest, ATermSignalThatNobodyOrderedIsABadEnd) {
  save_row(6, "0.1.0");
  end_of([&](MonitorLink link) {
    ask_monitor(link.socket.get(), to_request(plan()));
    return ::kill(::getpid(), SIGTERM);
  });
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record);
  EXPECT_EQ(ends_of(*record, "0.1.0"), 7U);
}

TEST_F(MonitorTest, AHangingDaemonIsEndedAndThatIsWrittenDown) {
  save_row(4, "0.1.0");
  const auto status = end_of(
      [&](MonitorLink link) {
        serve(link);
        for (;;) ::pause();
        return 0;
      },
      short_limit);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->cause, ExitRecord::Cause::hung);
  EXPECT_EQ(record->in_a_row, 5U);
  EXPECT_FALSE(record->told);
}

TEST_F(MonitorTest, ASignalIsPassedOnAndWrittenDown) {
  const auto status = end_of([&](MonitorLink link) {
    serve(link);
    std::signal(SIGSEGV, SIG_DFL);
    return std::raise(SIGSEGV);
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) << status;
  const auto record = load_exit_record(state());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->cause, ExitRecord::Cause::signal);
  EXPECT_EQ(record->number, SIGSEGV);
  EXPECT_EQ(record->in_a_row, 1U);
  struct stat info{};
  ::stat((state() + "/" + exit_record_file).c_str(), &info);
  EXPECT_EQ(info.st_uid, user);
}

TEST_F(MonitorTest, ADaemonThatCouldNotStartHasSaidWhyItself) {
  const auto status = end_of([&](MonitorLink link) {
    ask_monitor(link.socket.get(), to_request(plan()));
    return 1;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
  EXPECT_FALSE(load_exit_record(state()));
}

TEST_F(MonitorTest, AnEndInOrderEndsTheRow) {
  save_row(3, "0.1.0");
  const auto status = end_of([&](MonitorLink link) {
    serve(link);
    return 0;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_FALSE(load_exit_record(state()));
}

TEST_F(MonitorTest, ATermSignalIsPassedOn) {
  const auto status = end_of([&](MonitorLink link) {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    ::kill(link.monitor, SIGTERM);
    int number = 0;
    ::sigwait(&term, &number);
    return number == SIGTERM ? 5 : 6;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 5) << status;
}

TEST_F(MonitorTest, WhatRunsEndsWithTheDaemon) {
  script("board", "echo $$ >" + (folder_ / "pid") + "\nexec sleep 300\n");
  end_of([&](MonitorLink link) -> int {
    serve(link);
    asio::io_context loop;
    MonitorClient client(loop.get_executor(), std::move(link.socket));
    const auto child = client.start({.role = "board",
                                     .path = {},
                                     .arguments = {"identity"},
                                     .environment = {},
                                     .descriptors = {{1, STDOUT_FILENO}, {2, STDERR_FILENO}}},
                                    [](hal::ChildEnd) {});
    while (!std::filesystem::exists(folder_ / "pid")) ::usleep(1000);
    ::_exit(0);
  });
  int pid = 0;
  std::ifstream(folder_ / "pid") >> pid;
  EXPECT_TRUE(pid == 0 || ::kill(pid, 0) != 0) << pid;
}

// It may have taken the module's power away.
TEST_F(MonitorTest, WhatRunsIsGivenTimeToPutThingsRight) {
  script("board", "trap 'echo on >" + (folder_ / "power") + "; exit' TERM\necho off >" +
                      (folder_ / "power") + "\nsleep 300 & wait\n");
  end_of([this](MonitorLink link) {
    serve(link);
    asio::io_context loop;
    MonitorClient client(loop.get_executor(), std::move(link.socket));
    hal::HelperRun verb{.role = "board",
                        .path = {},
                        .arguments = {"modem-power-cycle"},
                        .environment = {},
                        .time_limit = 20s};
    auto process = hal::HelperProcess::start(loop.get_executor(), client, verb, [](const auto&) {});
    while (!std::filesystem::exists(folder_ / "power")) ::usleep(1000);
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  std::string power;
  std::ifstream(folder_ / "power") >> power;
  EXPECT_EQ(power, "on");
}

TEST_F(MonitorTest, TheTransferHelperRunsAsTheDaemonsUser) {
  script("transfer", "exec >" + state() + "/said; id -u; id -G\n");
  end_of([&](MonitorLink link) {
    serve(link);
    asio::io_context loop;
    MonitorClient client(loop.get_executor(), std::move(link.socket));
    const auto child = client.start({.role = transfer_helper_role,
                                     .path = {},
                                     .arguments = {},
                                     .environment = {},
                                     .descriptors = {{0, 0}, {1, 1}, {3, 0}, {4, 1}}},
                                    [&](hal::ChildEnd) { loop.stop(); });
    loop.run();
    return 0;
  });
  std::ifstream said(state() + "/said");
  const std::string text{std::istreambuf_iterator<char>(said), {}};
  EXPECT_EQ(text, "977\n978\n");
}

}  // namespace
}  // namespace oobm::daemon
