#include "agent/daemon/monitor.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <grp.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/daemon/exit_record.hpp"
#include "agent/daemon/guarded_runs.hpp"
#include "agent/daemon/hand_over.hpp"
#include "agent/daemon/monitor_children.hpp"
#include "agent/daemon/monitor_protocol.hpp"
#include "agent/daemon/service_manager.hpp"
#include "agent/daemon/system.hpp"
#include "hal/board/helper_board.hpp"

namespace oobm::daemon {
namespace {

using uplink::UniqueFd;
using Descriptors = std::vector<UniqueFd>;

constexpr std::size_t max_descriptors_in_packet = 4;
constexpr int grace_share = 18;  // of the limit of silence: ten seconds of three minutes

struct Packet {
  std::string bytes;
  Descriptors descriptors;
};

// The descriptors of a packet, whatever it says: those that nobody wants are closed.
void take_descriptors(msghdr& message, Descriptors& descriptors) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
}

// Nothing: there is none now. An empty one: the other side has gone.
std::optional<Packet> receive(int socket) {
  static std::array<char, max_monitor_request_bytes + 1> buffer;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_descriptors_in_packet * sizeof(int))> control{};
  iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  Packet packet;
  take_descriptors(message, packet.descriptors);
  if (got > 0) packet.bytes.assign(buffer.data(), static_cast<std::size_t>(got));
  return packet;
}

class Monitor {
 public:
  Monitor(UniqueFd socket, UniqueFd signals, ::pid_t daemon, std::chrono::milliseconds limit)
      : socket_(std::move(socket)),
        signals_(std::move(signals)),
        daemon_(daemon),
        limit_(limit),
        manager_(ServiceManager::from_environment()),
        began_(boot_now()) {}

  [[noreturn]] void run() {
    while (!ended_) wait();
    // What it said just before its end.
    while (on_packet()) continue;
    reap();
    children_.end_all();
    if (guarded_) guarded_->abandon();
    record_end();
    leave();
  }

 private:
  void wait() {
    std::array<pollfd, 2> places{pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = socket_.get(), .events = POLLIN, .revents = 0}};
    const int count = ::poll(places.data(), places.size(), patience());
    if (count == 0) return on_silence();
    if (places[0].revents != 0) on_signal();
    if (places[1].revents != 0) on_packet();
  }

  // The limit begins anew with every word of the daemon's, so that nobody is woken for it.
  [[nodiscard]] int patience() const {
    if (hung_) return -1;
    return static_cast<int>(doubted_ ? limit_.count() / grace_share : limit_.count());
  }

  void on_silence() {
    // A machine that stood still has let the daemon's time pass too: it gets its turn first.
    if (!std::exchange(doubted_, true)) return;
    hung_ = true;
    std::fputs("oobmd: the daemon does nothing any more and is ended\n", stderr);
    ::kill(daemon_, SIGKILL);
  }

  void on_signal() {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
    if (info.ssi_signo != SIGCHLD) {
      ordered_ = true;
      manager_.stopping();
      ::kill(daemon_, SIGTERM);
      return;
    }
    siginfo_t end{};
    if (::waitid(P_PID, static_cast<id_t>(daemon_), &end, WEXITED | WNOHANG) == 0 &&
        end.si_pid != 0)
      ended_ = end;
    reap();
  }

  void reap() {
    children_.reap([this](const MonitorAnswer& answer) {
      guarded_->ended(answer);
      tell(answer);
    });
  }

  // Whether there was one.
  bool on_packet() {
    auto packet = receive(socket_.get());
    if (!packet) return false;
    doubted_ = false;
    if (packet->bytes.empty()) {
      // Its socket goes before its process does, which SIGCHLD will tell.
      socket_.reset();
      return false;
    }
    if (auto request = request_from(packet->bytes)) serve(*request, std::move(packet->descriptors));
    return true;
  }

  void serve(const MonitorRequest& request, Descriptors descriptors) {
    switch (request.ask) {
      case Ask::plan:
        return accept_plan(request);
      case Ask::run:
        return start(request, std::move(descriptors));
      case Ask::terminate:
        return children_.signal(request.number, SIGTERM);
      case Ask::kill:
        return children_.signal(request.number, SIGKILL);
      case Ask::port:
        return give_port(request);
      case Ask::ready:
        ready_ = true;
        return manager_.ready();
      case Ask::alive:
        return manager_.alive();
    }
  }

  void accept_plan(const MonitorRequest& request) {
    if (plan_) return;
    auto plan = plan_from(request);
    if (!plan) {
      std::fprintf(stderr, "oobmd: what the daemon wants to run is refused: %s\n",
                   plan.error().c_str());
      return;
    }
    plan_ = *std::move(plan);
    guarded_.emplace(*plan_);
  }

  void start(const MonitorRequest& request, Descriptors descriptors) {
    if (ended_) return;
    const auto wanted = plan_ ? descriptors_of(*plan_, request) : std::nullopt;
    const bool allowed = wanted && *wanted == descriptors.size() && !children_.runs(request.number);
    const int error = allowed ? begin(request, std::move(descriptors)) : EPERM;
    if (error != 0) tell(refused(request, error));
  }

  static MonitorAnswer refused(const MonitorRequest& request, int error) {
    return {.kind = MonitorAnswer::Kind::refused, .number = request.number, .value = error};
  }

  int begin(const MonitorRequest& request, Descriptors descriptors) {
    auto run = launch(request, std::move(descriptors));
    if (request.texts[0] == hal::board_helper_role)
      if (const int error = guarded_->begin(request, run); error != 0) return error;
    const int error = children_.start(request.number, std::move(run));
    if (error != 0) guarded_->ended(refused(request, error));
    return error;
  }

  Launch launch(const MonitorRequest& request, Descriptors descriptors) const {
    constexpr std::array of_board{1, 2};
    constexpr std::array of_transfer{0, 1, 3, 4};
    const bool board = request.texts[0] == hal::board_helper_role;
    Launch launch;
    for (std::size_t i = 0; i < descriptors.size(); ++i)
      launch.descriptors.emplace_back(board ? of_board[i] : of_transfer[i],
                                      std::move(descriptors[i]));
    if (board) {
      launch.arguments = request.texts;
      launch.arguments[0] = plan_->board_helper;
      launch.environment = plan_->environment;
    } else {
      launch.arguments = {plan_->transfer_helper};
      launch.user = {plan_->user, plan_->group};
    }
    return launch;
  }

  void give_port(const MonitorRequest& request) const {
    if (!plan_ || request.texts.size() != 1 || !is_planned_port(*plan_, request.texts[0])) return;
    hand_over_device(request.texts[0], plan_->user);
  }

  void tell(const MonitorAnswer& answer) const {
    const auto bytes = to_bytes(answer);
    // Two runs at a time cannot fill its buffer; a daemon that does not read is hung.
    ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  // ---- the end

  [[nodiscard]] bool ended_well() const {
    const bool by_itself = ended_->si_code == CLD_EXITED;
    if (by_itself && ended_->si_status == 0) return true;
    if (ready_) return false;
    // What gives up before it is ready could not start, and has said why; what was told to end
    // then did not yet catch the signal.
    return by_itself || (ordered_ && ended_->si_status == SIGTERM);
  }

  void record_end() const {
    if (!plan_) return;
    // From here on nothing needs root: what is written is the daemon's.
    if (::setgroups(0, nullptr) != 0 ||
        ::setresgid(plan_->group, plan_->group, plan_->group) != 0 ||
        ::setresuid(plan_->user, plan_->user, plan_->user) != 0)
      return;
    if (ended_well()) {
      if (ready_) forget_exit_record(plan_->state_folder);
      // A service manager that begins a daemon anew sends nothing: who stops it does so on purpose.
      else if (ordered_)
        end_row(plan_->state_folder);
      return;
    }
    const auto before = load_exit_record(plan_->state_folder);
    const auto earlier = before ? ends_of(*before, plan_->version) : 0;
    const auto ran = boot_now() - began_;
    using enum ExitRecord::Cause;
    const auto by_itself = ended_->si_code == CLD_EXITED ? status : signal;
    const auto saved =
        save_exit_record(plan_->state_folder, {.in_a_row = ran >= long_run ? 1 : earlier + 1,
                                               .cause = hung_ ? hung : by_itself,
                                               .number = ended_->si_status,
                                               .ran = ran,
                                               .boot_id = boot_id(),
                                               .version = plan_->version});
    if (!saved) std::fprintf(stderr, "oobmd: %s\n", saved.error().c_str());
  }

  [[noreturn]] void leave() const {
    if (ended_->si_code == CLD_EXITED) ::_exit(ended_->si_status);
    if (!hung_) {
      const int number = ended_->si_status;
      std::signal(number, SIG_DFL);
      sigset_t only;
      sigemptyset(&only);
      sigaddset(&only, number);
      ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
      std::raise(number);
    }
    ::_exit(1);
  }

  UniqueFd socket_;
  UniqueFd signals_;
  ::pid_t daemon_;
  std::chrono::milliseconds limit_;
  ServiceManager manager_;
  core::BootTime began_;
  std::optional<MonitorPlan> plan_;
  std::optional<GuardedRuns> guarded_;  // as soon as there is a plan
  MonitorChildren children_;
  bool ready_ = false;
  bool ordered_ = false;  // to end
  bool doubted_ = false;
  bool hung_ = false;
  std::optional<siginfo_t> ended_;
};

std::unexpected<std::string> failed(const char* what) {
  return std::unexpected(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

std::expected<MonitorLink, std::string> split(std::chrono::milliseconds limit) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return failed("no socket pair for the monitor");
  UniqueFd here(ends[0]);
  UniqueFd there(ends[1]);
  sigset_t watched;
  sigset_t before;
  sigemptyset(&watched);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&watched, number);
  ::sigprocmask(SIG_BLOCK, &watched, &before);
  UniqueFd signals(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return failed("no descriptor for signals");
  const auto monitor = ::getpid();
  const auto daemon = ::fork();
  if (daemon < 0) return failed("no process for the daemon");
  if (daemon > 0) {
    there.reset();
    Monitor(std::move(here), std::move(signals), daemon, limit).run();
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  // What a terminal sends to all of its foreground reaches the monitor, which passes it on once.
  ::setsid();
  return MonitorLink{.socket = std::move(there), .monitor = monitor};
}

}  // namespace oobm::daemon
