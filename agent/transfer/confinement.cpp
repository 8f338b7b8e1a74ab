#include "agent/transfer/confinement.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/confinement/call_filter.hpp"
#include "agent/confinement/sanitized.hpp"
#include "agent/transfer/protocol.hpp"

namespace oobm::transfer {
namespace {

constexpr std::array allowed_calls{
    // the two descriptors, reports
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(close), SCMP_SYS(shutdown),
    SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64),
    SCMP_SYS(fdatasync), SCMP_SYS(fsync), SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(newfstatat),
    SCMP_SYS(fcntl), SCMP_SYS(fcntl64), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    // waiting
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(eventfd2), SCMP_SYS(pipe2),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64), SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(restart_syscall),
    // memory, threads' locks, signals (tkill is musl's way to raise one), the end
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(tkill), SCMP_SYS(exit), SCMP_SYS(exit_group)};

bool limit(__rlimit_resource_t what, std::uint64_t most) {
  const rlimit bound{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
  return ::setrlimit(what, &bound) == 0;
}

std::vector<confinement::CallRule> rules() {
  std::vector<confinement::CallRule> list;
  for (const int call : allowed_calls) list.push_back({.number = call});
  return list;
}

}  // namespace

bool shed() {
  ::umask(077);
  ::clearenv();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // Whatever the daemon forgot to close. An old kernel without the call leaves it at what
  // close-on-exec has closed.
  constexpr unsigned first = file_descriptor + 1;
  if (::syscall(SYS_close_range, first, ~0U, 0) != 0 && errno != ENOSYS) return false;
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

bool limit_resources(std::uint64_t max_file_bytes) {
  return (confinement::sanitized || limit(RLIMIT_AS, max_address_space_bytes)) &&
         limit(RLIMIT_CORE, 0) && limit(RLIMIT_CPU, max_cpu_seconds) &&
         limit(RLIMIT_NOFILE, max_descriptors) && limit(RLIMIT_FSIZE, max_file_bytes);
}

bool filter_system_calls() {
  using enum confinement::FilterOutcome;
  return confinement::sanitized ||
         confinement::load_filter(rules(), confinement::Otherwise::fails) != refused;
}

}  // namespace oobm::transfer
