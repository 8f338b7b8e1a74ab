// An installation as a real monitor carries it out for a daemon that is a few lines of a test.
#include "agent/daemon/guarded_runs.hpp"

#include <cerrno>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <vector>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/daemon/install_journal.hpp"
#include "agent/daemon/monitor.hpp"
#include "agent/daemon/monitor_client.hpp"
#include "hal/board/helper_board.hpp"
#include "tests/unit/daemon/package_bench.hpp"

namespace oobm::daemon::test {
namespace {

using testing::HasSubstr;
using Ends = std::map<std::string, hal::ChildEnd>;

class GuardedRunsTest : public PackageBench {
 protected:
  GuardedRunsTest() { board("echo \"$@\" >>" + (folder_ / "called") + "; cat \"$2\""); }

  void board(const std::string& command) const {
    ::chmod(folder_.file("board", "#!/bin/sh\n" + command + "\n").c_str(), 0755);
  }

  void let_go() const { static_cast<void>(folder_.file("go", "")); }

  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // A daemon that asks for these runs of the board at once, each under the number that is given,
  // and ends when all have ended; how each ended stands in "ends", what they printed in "printed".
  using Run = std::vector<std::string>;
  void ask(const std::vector<Run>& runs, const std::function<void()>& meanwhile = [] {}) const {
    const auto monitor = ::fork();
    if (monitor == 0) {
      auto link = split();
      ::_exit(link ? be_daemon(*std::move(link), runs, meanwhile) : 99);
    }
    int status = 0;
    ::waitpid(monitor, &status, 0);
    EXPECT_EQ(status, 0);
  }

  [[nodiscard]] Run install(const std::string& version = "0.6.0") const {
    return {"install", package(), version};
  }

  int be_daemon(MonitorLink link, const std::vector<Run>& runs,
                const std::function<void()>& meanwhile) const {
    ask_monitor(link.socket.get(), to_request(plan()));
    asio::io_context loop;
    MonitorClient client(loop.get_executor(), std::move(link.socket));
    const uplink::UniqueFd out(
        ::open((folder_ / "printed").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
    std::ofstream ends(folder_ / "ends");
    std::size_t left = runs.size();
    std::vector<std::unique_ptr<hal::Child>> children;
    for (const auto& run : runs)
      children.push_back(client.start({.role = hal::board_helper_role,
                                       .path = {},
                                       .arguments = run,
                                       .environment = {},
                                       .descriptors = {{1, out.get()}, {2, STDERR_FILENO}}},
                                      [&](const hal::ChildEnd& end) {
                                        if (end.kind == hal::ChildEnd::Kind::not_started) let_go();
                                        ends << static_cast<int>(end.kind) << " " << end.number
                                             << "\n";
                                        if (--left == 0) loop.stop();
                                      }));
    meanwhile();
    loop.run();
    return 0;
  }

  static std::string end(hal::ChildEnd::Kind kind, int number) {
    return std::to_string(static_cast<int>(kind)) + " " + std::to_string(number) + "\n";
  }

  const std::string waits_ = "while [ ! -e " + (folder_ / "go") + " ]; do sleep 0.05; done; ";
};

using enum hal::ChildEnd::Kind;

TEST_F(GuardedRunsTest, ARefusedPackageNeverReachesTheBoard) {
  hold("something else of the same size");
  ask({install()});
  EXPECT_EQ(text("ends"), end(exited, exit_not_prepared));
  EXPECT_THAT(text("printed"), HasSubstr("error=PACKAGE_SIZE: "));
  EXPECT_EQ(text("called"), "");
}

TEST_F(GuardedRunsTest, ASecondInstallationWaitsForTheFirst) {
  board(waits_ + "cat \"$2\"");
  ask({install(), install()});  // the refusal of one lets the other go on
  EXPECT_EQ(text("ends"), end(not_started, EBUSY) + end(exited, 0));
  EXPECT_EQ(text("printed"), content);
}

TEST_F(GuardedRunsTest, ASecondConfirmationDoesNotHideTheEndOfTheFirst) {
  ask({install()});
  board(waits_);
  ask({{"install-commit", "0.6.0"}, {"install-commit", "0.6.0"}});
  EXPECT_EQ(text("ends"), end(not_started, EBUSY) + end(exited, 0));
  EXPECT_EQ(InstallJournal(folder_ / "state-root").load().floor, "0.6.0");
}

TEST_F(GuardedRunsTest, TheBoardGetsRootsCopyWhateverTheDaemonDoesMeanwhile) {
  board(waits_ + "cat \"$2\"");
  ask({install()}, [this] {
    while (!std::filesystem::exists(folder_ / "run-root/oobm-package.json")) ::usleep(1000);
    hold("what was never signed");
    let_go();
  });
  EXPECT_EQ(text("printed"), content);
  EXPECT_FALSE(std::filesystem::exists(copied())) << "it goes with the helper";
}

TEST_F(GuardedRunsTest, RootsCopyGoesWithTheDaemon) {
  board(waits_);
  ask({install()}, [this] {
    while (!std::filesystem::exists(folder_ / "run-root/oobm-package.json")) ::usleep(1000);
    ::_exit(0);
  });
  EXPECT_FALSE(std::filesystem::exists(copied()));
  EXPECT_EQ(InstallJournal(folder_ / "state-root").load().order.revision, "") << "none was begun";
}

TEST_F(GuardedRunsTest, WhatTheBoardConfirmsIsTheFloor) {
  ask({install()});
  EXPECT_EQ(InstallJournal(folder_ / "state-root").load().floor, "");
  for (const auto* not_done : {"exit 1", "kill -KILL $$"}) {
    board(not_done);
    ask({{"install-commit", "0.6.0"}});
    EXPECT_EQ(InstallJournal(folder_ / "state-root").load().floor, "") << not_done;
  }
  board("exit 0");
  ask({{"install-commit", "0.6.0"}});
  EXPECT_EQ(InstallJournal(folder_ / "state-root").load().floor, "0.6.0");
}

}  // namespace
}  // namespace oobm::daemon::test
