// Board helpers that misbehave, and what it costs; then those that do as they should.
#include "hal/board/helper_board.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hal/board/helper_process.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto patience = 30s;

class HelperBoardTest : public testing::Test {
 public:
  ~HelperBoardTest() override {
    board.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  HelperBoardTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "oobm-board-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  void make_board(const std::string& script, core::Duration limit = 20s) {
    std::ofstream(path("helper")) << "#!/bin/sh\n" << script;
    chmod(path("helper").c_str(), 0755);
    HelperBoardOptions options{.path = path("helper"), .environment = {"OOBM_TEST=" + folder_}};
    options.limits = {limit, limit, limit, limit, limit, limit, limit};
    board = std::make_unique<HelperBoard>(context.get_executor(), options);
  }

  bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context.restart();
      context.run_one_for(50ms);
    }
    return true;
  }

  // Runs one verb to its end.
  template <class T, class Call>
  std::expected<T, Error> result_of(Call call) {
    std::optional<std::expected<T, Error>> result;
    call([&](std::expected<T, Error> r) { result = std::move(r); });
    EXPECT_FALSE(result) << "a handler ran inside the call";
    if (!until([&] { return result.has_value(); })) ADD_FAILURE() << "the verb never ended";
    return result.value_or(std::unexpected(Error{}));
  }

  std::expected<BoardIdentity, Error> identity() {
    return result_of<BoardIdentity>([&](auto done) { board->identity(std::move(done)); });
  }
  std::expected<BearerStatus, Error> bearer_up(const std::string& apn = "") {
    return result_of<BearerStatus>([&](auto done) { board->bearer_up({apn}, std::move(done)); });
  }

  // Whether the process whose number stands in the file is gone.
  bool gone(const std::string& file) {
    int pid = 0;
    std::ifstream(path(file)) >> pid;
    EXPECT_GT(pid, 0);
    // An orphan stays visible as a zombie until init has collected it.
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(stat, text);  // nothing where it went between opening and reading
    return text.empty() || text.contains(") Z ");
  }

  asio::io_context context{1};
  std::unique_ptr<HelperBoard> board;

 private:
  std::string folder_;
};

TEST_F(HelperBoardTest, missing_helper) {
  board = std::make_unique<HelperBoard>(context.get_executor(),
                                        HelperBoardOptions{.path = path("nothing")});
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_missing);
  EXPECT_THAT(result.error().text, HasSubstr(path("nothing")));
}

TEST_F(HelperBoardTest, helper_that_may_not_be_executed) {
  make_board("exit 0");
  chmod(path("helper").c_str(), 0644);
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_missing);
}

TEST_F(HelperBoardTest, hanging_helper_is_killed_with_its_whole_group) {
  make_board(
      "echo $$ > $OOBM_TEST/own\n"
      "sh -c 'echo $$ > $OOBM_TEST/child; trap \"\" TERM; while :; do sleep 1; done' &\n"
      "trap '' TERM\nwhile :; do sleep 1; done",
      1500ms);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  EXPECT_TRUE(until([&] { return gone("own") && gone("child"); }));
}

TEST_F(HelperBoardTest, process_left_in_the_group_is_killed_when_the_verb_ends) {
  make_board("sleep 300 & echo $! > $OOBM_TEST/child; echo serial=A");
  const auto result = identity();
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_TRUE(until([&] { return gone("child"); }));
}

TEST_F(HelperBoardTest, process_in_a_session_of_its_own_is_left_alone) {
  make_board(
      "setsid sh -c 'echo $$ > $OOBM_TEST/daemon; exec sleep 20' &\n"
      "while ! [ -s $OOBM_TEST/daemon ]; do sleep 0.01; done; echo serial=A");
  const auto begin = std::chrono::steady_clock::now();
  const auto result = identity();
  ASSERT_TRUE(result) << result.error().text;
  // It still holds the helper's standard output, which must not keep the verb from ending.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  EXPECT_FALSE(gone("daemon"));
  int pid = 0;
  std::ifstream(path("daemon")) >> pid;
  kill(pid, SIGKILL);
}

TEST_F(HelperBoardTest, dying_helper) {
  make_board("echo serial=A; kill -SEGV $$");
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_failed);
  EXPECT_THAT(result.error().text, HasSubstr("signal 11"));
}

TEST_F(HelperBoardTest, babbling_helper_is_cut_off) {
  for (const auto* script : {"exec yes serial=A", "exec yes complaint >&2"}) {
    make_board(script);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = identity();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::helper_output) << script;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  }
}

// Pages of this process in memory, in bytes (proc(5), statm).
std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(HelperBoardTest, a_gigabyte_of_output_costs_no_memory) {
  constexpr std::size_t allowed = 16UL << 20U;
  for (const auto* where : {"", " >&2"}) {
    // SIGTERM is ignored, so that it goes on writing until it is killed or has written everything.
    make_board("trap '' TERM; head -c 1073741824 /dev/zero" + std::string(where));
    const auto before = resident_bytes();
    const auto result = identity();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::helper_output);
    EXPECT_LT(resident_bytes(), before + allowed);
  }
}

TEST_F(HelperBoardTest, helper_that_ignores_sigterm_is_killed_and_the_next_verb_runs) {
  make_board(
      "[ $1 = led ] && exit 0\ntrap '' TERM HUP INT; echo $$ > $OOBM_TEST/own\n"
      "while :; do sleep 1; done",
      1500ms);
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_timeout);
  EXPECT_TRUE(until([&] { return gone("own"); }));
  EXPECT_TRUE(result_of<void>([&](auto done) { board->led(Led::on, std::move(done)); }));
}

TEST_F(HelperBoardTest, helper_that_turns_into_a_daemon_has_ended) {
  // The daemon keeps both pipes open and writes into them; nobody listens any more.
  make_board(
      "setsid sh -c 'echo $$ > $OOBM_TEST/daemon; trap \"\" PIPE\n"
      "for i in 1 2 3 4 5 6 7 8 9; do sleep 1; echo more; echo more >&2; done' &\n"
      "while ! [ -s $OOBM_TEST/daemon ]; do sleep 0.01; done\necho serial=A");
  const auto result = identity();
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->serial, "A");
  make_board("echo serial=B");
  const auto next = identity();
  ASSERT_TRUE(next) << next.error().text;
  EXPECT_EQ(next->serial, "B");
  int pid = 0;
  std::ifstream(path("daemon")) >> pid;
  ASSERT_GT(pid, 0);
  kill(-pid, SIGKILL);
}

TEST_F(HelperBoardTest, helper_that_closes_its_output_and_hangs_is_out_of_time) {
  make_board("echo $$ > $OOBM_TEST/own; exec >&- 2>&-; while :; do sleep 1; done", 1500ms);
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_timeout);
  EXPECT_TRUE(until([&] { return gone("own"); }));
}

TEST_F(HelperBoardTest, output_before_a_hang_is_not_believed) {
  make_board("echo serial=A; exec sleep 300", 1500ms);
  const auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_timeout);
}

TEST_F(HelperBoardTest, helper_that_kills_itself_is_named_with_its_signal) {
  for (const auto& [name, number] : {std::pair{"KILL", 9}, {"ABRT", 6}, {"TERM", 15}}) {
    make_board(std::string("kill -") + name + " $$; sleep 300");
    const auto result = identity();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::helper_failed) << name;
    EXPECT_THAT(result.error().text, HasSubstr("signal " + std::to_string(number)));
  }
}

TEST_F(HelperBoardTest, output_that_is_not_of_the_form_is_refused) {
  for (const auto* output :
       {"hello", "=x", "KEY=x", "serial=a\\nserial=b", "serial=\\001", "serial=\\303\\244"}) {
    make_board("printf '" + std::string(output) + "\\n'");
    const auto result = identity();
    ASSERT_FALSE(result) << output;
    EXPECT_EQ(result.error().code, ErrorCode::helper_output) << output;
  }
}

TEST_F(HelperBoardTest, exit_status_is_believed_before_the_output) {
  make_board("echo serial=A; echo 'error=the fuse is blown'; exit 1");
  auto result = identity();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::helper_failed);
  EXPECT_THAT(result.error().text, HasSubstr("the fuse is blown"));
  make_board("echo first >&2; echo 'no route' >&2; exit 7");
  result = identity();
  EXPECT_THAT(result.error().text, HasSubstr("no route"));
  make_board("exit 7");
  result = identity();
  EXPECT_THAT(result.error().text, HasSubstr("exit status 7"));
  make_board("exit 3");
  EXPECT_EQ(identity().error().code, ErrorCode::helper_unsupported);
}

TEST_F(HelperBoardTest, bearer_up_without_interface_or_address_is_no_success) {
  for (const auto* output :
       {"", "up=0", "up=1", "up=1\\ninterface=wwan1", "up=yes\\ninterface=wwan1\\naddress=10.0.0.1",
        "up=1\\ninterface=../x\\naddress=10.0.0.1", "up=1\\ninterface=wwan1\\naddress=10.0.0.300",
        "up=1\\ninterface=wwan1\\naddress=10.0.0.1\\nmtu=100",
        "up=1\\ninterface=wwan1\\naddress=10.0.0.1\\ndns=server"}) {
    make_board("printf '" + std::string(output) + "\\n'");
    const auto result = bearer_up();
    ASSERT_FALSE(result) << output;
    EXPECT_EQ(result.error().code, ErrorCode::helper_output) << output;
  }
}

TEST_F(HelperBoardTest, an_installation_that_cannot_be_told_is_not_believed) {
  for (const auto* output :
       {"", "state=", "state=perhaps", "state=done", "version=0.2.0", "state=trial\\nversion="}) {
    make_board("printf '" + std::string(output) + "\\n'");
    const auto result =
        result_of<InstallStatus>([&](auto done) { board->install_status(std::move(done)); });
    ASSERT_FALSE(result) << output;
    EXPECT_EQ(result.error().code, ErrorCode::helper_output) << output;
  }
}

TEST_F(HelperBoardTest, installation_verbs_pass_file_and_version_on) {
  make_board(
      "echo \"$*\" >>$OOBM_TEST/said; echo state=rolled-back; echo version=0.2.0; echo "
      "reason=late");
  EXPECT_TRUE(result_of<void>(
      [&](auto done) { board->install("/state/x.ipk", "0.2.0", std::move(done)); }));
  EXPECT_TRUE(result_of<void>([&](auto done) { board->install_commit("0.2.0", std::move(done)); }));
  const auto status =
      result_of<InstallStatus>([&](auto done) { board->install_status(std::move(done)); });
  ASSERT_TRUE(status) << status.error().text;
  EXPECT_EQ(*status, (InstallStatus{InstallStatus::State::rolled_back, "0.2.0", "late"}));
  std::ifstream said(path("said"));
  const std::string text((std::istreambuf_iterator<char>(said)), {});
  EXPECT_EQ(text, "install /state/x.ipk 0.2.0\ninstall-commit 0.2.0\ninstall-status\n");
}

TEST_F(HelperBoardTest, apn_with_foreign_characters_never_reaches_the_helper) {
  make_board("touch $OOBM_TEST/ran");
  for (const auto& apn : {std::string("a;reboot"), std::string("a b"), std::string(101, 'a')})
    EXPECT_FALSE(bearer_up(apn));
  EXPECT_FALSE(std::filesystem::exists(path("ran")));
}

TEST_F(HelperBoardTest, too_many_waiting_verbs_are_refused) {
  make_board("sleep 0.05");
  int busy = 0;
  int done = 0;
  constexpr int requests = 20;
  for (int i = 0; i < requests; ++i)
    board->led(Led::on, [&](std::expected<void, Error> result) {
      ++done;
      if (!result && result.error().code == ErrorCode::helper_busy) ++busy;
    });
  EXPECT_TRUE(until([&] { return done == requests; }));
  EXPECT_EQ(busy, requests - static_cast<int>(HelperBoard::max_waiting));
}

TEST_F(HelperBoardTest, verbs_run_one_at_a_time_in_order) {
  make_board(
      "mkdir $OOBM_TEST/lock || exit 1\n"
      "echo $1 >> $OOBM_TEST/order; sleep 0.05; rmdir $OOBM_TEST/lock");
  int done = 0;
  const auto count = [&](std::expected<void, Error> result) {
    EXPECT_TRUE(result);
    ++done;
  };
  board->bearer_down(count);
  board->led(Led::slow, count);
  board->reboot(count);
  ASSERT_TRUE(until([&] { return done == 3; }));
  std::ifstream order(path("order"));
  std::string first, second, third;
  order >> first >> second >> third;
  EXPECT_EQ(first + " " + second + " " + third, "bearer-down led reboot");
}

// Nobody waits for it to die, yet none stays behind as a zombie.
TEST_F(HelperBoardTest, what_is_killed_at_destruction_is_collected_when_it_has_gone) {
  make_board("echo $$ > $OOBM_TEST/own; exec sleep 300");
  board->identity([](auto) { ADD_FAILURE(); });
  int pid = 0;
  ASSERT_TRUE(until([&] {
    std::ifstream file(path("own"));
    return bool(file >> pid);
  }));
  board.reset();
  EXPECT_TRUE(until([&] { return !std::filesystem::exists("/proc/" + std::to_string(pid)); }));
}

TEST_F(HelperBoardTest, destruction_kills_the_helper_and_calls_nobody) {
  make_board("echo $$ > $OOBM_TEST/own; exec sleep 300");
  bool called = false;
  board->identity([&](auto) { called = true; });
  board->bearer_status([&](auto) { called = true; });
  ASSERT_TRUE(until([&] {
    std::ifstream file(path("own"));
    int pid = 0;
    return bool(file >> pid);
  }));
  board.reset();
  EXPECT_TRUE(until([&] { return gone("own"); }));
  context.restart();
  context.run_for(100ms);
  EXPECT_FALSE(called);
}

TEST_F(HelperBoardTest, helper_gets_a_small_world) {
  setenv("OOBM_SECRET", "x", 1);
  make_board(
      "env > $OOBM_TEST/env; ls -l /proc/$$/fd > $OOBM_TEST/fds; cat > $OOBM_TEST/input\n"
      "cut -d' ' -f5 /proc/$$/stat > $OOBM_TEST/group; echo $$ >> $OOBM_TEST/group");
  ASSERT_TRUE(identity());
  std::ifstream env(path("env"));
  const std::string text((std::istreambuf_iterator<char>(env)), {});
  EXPECT_FALSE(text.contains("OOBM_SECRET"));
  EXPECT_TRUE(text.contains("PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
  EXPECT_TRUE(text.contains("LC_ALL=C"));
  std::ifstream group(path("group"));
  int group_id = 0;
  int own = 1;
  group >> group_id >> own;
  EXPECT_EQ(group_id, own);
  EXPECT_EQ(std::filesystem::file_size(path("input")), 0U);
  std::ifstream fds(path("fds"));
  for (std::string line; std::getline(fds, line);)
    EXPECT_FALSE(line.contains("socket:") || line.contains("eventpoll")) << line;
}

TEST_F(HelperBoardTest, unknown_keys_and_missing_ones_are_harmless) {
  make_board("echo serial=AB1234; echo colour=red; echo; printf 'sku=X-1'");
  const auto result = identity();
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->serial, "AB1234");
  EXPECT_EQ(result->sku, "X-1");
  EXPECT_EQ(result->model, "");
  EXPECT_FALSE(result->imei);
}

TEST_F(HelperBoardTest, slow_helper_within_its_limit) {
  make_board("sleep 1; echo serial=AB1234");
  EXPECT_TRUE(identity());
}

TEST_F(HelperBoardTest, a_slow_helper_is_waited_for_without_looking_after_it) {
  make_board("sleep 0.7; echo up=0");
  bool ended = false;
  board->wan_status([&](const std::expected<WanStatus, Error>&) { ended = true; });
  int turns = 0;
  while (!ended && context.run_one_for(patience) > 0) ++turns;
  EXPECT_TRUE(ended);
  EXPECT_LT(turns, 15);  // one for each time that something happens
}

TEST_F(HelperBoardTest, bearer_with_everything) {
  make_board(
      "[ \"$1 $2\" = 'bearer-up apn=iot.example' ] || exit 1\n"
      "printf 'up=1\\ninterface=wwan1\\naddress=10.64.0.2/30\\naddress=2001:db8::2/64\\n'\n"
      "printf 'dns=10.64.0.1\\ndns=2001:db8::1\\nmtu=1358\\napn=iot.example\\n'");
  const auto result = bearer_up("iot.example");
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_TRUE(result->up);
  EXPECT_EQ(result->interface, "wwan1");
  EXPECT_THAT(result->addresses, ElementsAre("10.64.0.2", "2001:db8::2"));
  EXPECT_THAT(result->dns_servers, ElementsAre("10.64.0.1", "2001:db8::1"));
  EXPECT_EQ(result->mtu, 1358);
  EXPECT_EQ(result->apn, "iot.example");
}

}  // namespace
}  // namespace oobm::hal
