#include "agent/daemon/monitor_children.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/board/helper_process.hpp"

namespace oobm::daemon {
namespace {

using uplink::UniqueFd;

constexpr int above_all_targets = 64;
constexpr int standard_descriptors = 3;
constexpr std::chrono::milliseconds end_look{10};  // between looks at programs that are to end

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// What came may have the number of what it is not to become: copies that nothing overwrites first.
bool arrange(const Launch& launch) {
  std::array<int, standard_descriptors> standard{};
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  standard.fill(::fcntl(nothing, F_DUPFD_CLOEXEC, above_all_targets));
  std::vector<std::pair<int, int>> others;
  for (const auto& [to, from] : launch.descriptors) {
    const int copy = ::fcntl(from.get(), F_DUPFD_CLOEXEC, above_all_targets);
    if (copy < 0) return false;
    if (to < standard_descriptors)
      standard[static_cast<std::size_t>(to)] = copy;
    else
      others.emplace_back(to, copy);
  }
  for (int to = 0; to < standard_descriptors; ++to)
    others.emplace_back(to, standard[static_cast<std::size_t>(to)]);
  return std::ranges::all_of(others,
                             [](const auto& pair) { return ::dup2(pair.second, pair.first) >= 0; });
}

bool begin_as_user(const Launch& launch) {
  if (!launch.user) return true;
  const auto [user, group] = *launch.user;
  return ::setgroups(0, nullptr) == 0 && ::setresgid(group, group, group) == 0 &&
         ::setresuid(user, user, user) == 0;
}

void forget_signals() {
  for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Whatever whoever started the monitor forgot to close. A kernel that has no such call leaves it.
void keep_no_other(const Launch& launch) {
  int first = standard_descriptors;
  for (const auto& [to, from] : launch.descriptors) first = std::max(first, to + 1);
  constexpr unsigned on_exec = 4;  // CLOSE_RANGE_CLOEXEC, since Linux 5.11
  ::syscall(SYS_close_range, first, ~0U, on_exec);
}

// In the new process. Returns only where it failed.
void execute(Launch& launch) {
  ::setpgid(0, 0);
  if (launch.prepare && !launch.prepare(launch)) ::_exit(exit_not_prepared);
  auto arguments = pointers(launch.arguments);
  auto environment = pointers(launch.environment);
  forget_signals();
  if (!arrange(launch) || !begin_as_user(launch)) return;
  keep_no_other(launch);
  ::execve(arguments[0], arguments.data(), environment.data());
}

// Waits for the program to run: errno from where it could not, nothing from where it did.
int failure_of(const UniqueFd& told) {
  int error = 0;
  ssize_t got = 0;
  do got = ::read(told.get(), &error, sizeof error);
  while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof error) ? error : 0;
}

// Nothing while it runs. The zombie stays: as long as it is there, its group number is nobody
// else's.
std::optional<siginfo_t> end_of(::pid_t pid) {
  siginfo_t info{};
  const auto looked = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return looked == 0 && info.si_pid != 0 ? std::optional(info) : std::nullopt;
}

}  // namespace

int MonitorChildren::start(std::uint32_t number, Launch launch) {
  if (running_.size() >= max_monitor_children) return EAGAIN;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  const UniqueFd told(ends[0]);
  UniqueFd tell(ends[1]);
  const auto pid = ::fork();
  if (pid < 0) return errno;
  if (pid == 0) {
    if (launch.prepare) tell.reset();  // nobody waits for that
    execute(launch);
    const int error = errno;
    // Where even this fails the exit status is left to tell.
    [[maybe_unused]] const auto put = ::write(tell.get(), &error, sizeof error);
    ::_exit(127);
  }
  ::setpgid(pid, pid);  // whoever of the two comes first
  tell.reset();
  if (const int error = failure_of(told); error != 0) {
    ::waitpid(pid, nullptr, 0);
    return error;
  }
  running_.push_back({number, pid});
  return 0;
}

bool MonitorChildren::runs(std::uint32_t number) const {
  return std::ranges::contains(running_, number, &Child::number);
}

void MonitorChildren::signal(std::uint32_t number, int signal) const {
  for (const auto& child : running_)
    if (child.number == number) ::kill(-child.pid, signal);
}

void MonitorChildren::reap(const std::function<void(const MonitorAnswer&)>& ended) {
  std::erase_if(running_, [&](const Child& child) {
    const auto end = end_of(child.pid);
    if (!end) return false;
    ::kill(-child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    const bool exited = end->si_code == CLD_EXITED;
    ended({.kind = exited ? MonitorAnswer::Kind::exited : MonitorAnswer::Kind::signalled,
           .number = child.number,
           .value = end->si_status});
    return true;
  });
}

void MonitorChildren::end_all() {
  using Clock = std::chrono::steady_clock;
  for (const auto& child : running_) ::kill(-child.pid, SIGTERM);
  const auto patience = Clock::now() + hal::HelperProcess::term_grace;
  for (const auto& child : running_)
    while (!end_of(child.pid) && Clock::now() < patience) std::this_thread::sleep_for(end_look);
  for (const auto& child : running_) ::kill(-child.pid, SIGKILL);
  for (const auto& child : running_) ::waitpid(child.pid, nullptr, 0);
  running_.clear();
}

}  // namespace oobm::daemon
