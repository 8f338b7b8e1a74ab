#include "agent/transfer/confinement.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/transfer/protocol.hpp"

namespace oobm::transfer {
namespace {

// Sanitizers reserve terabytes of addresses and need calls of their own.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

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
    // memory, threads' locks, signals, the end
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group)};

bool limit(__rlimit_resource_t what, std::uint64_t most) {
  const rlimit bound{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
  return ::setrlimit(what, &bound) == 0;
}

// A kernel without filters says EINVAL; user-mode emulation has no filters to give either.
bool kernel_has_filters() { return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0; }

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
  return (sanitized || limit(RLIMIT_AS, max_address_space_bytes)) && limit(RLIMIT_CORE, 0) &&
         limit(RLIMIT_CPU, max_cpu_seconds) && limit(RLIMIT_NOFILE, max_descriptors) &&
         limit(RLIMIT_FSIZE, max_file_bytes);
}

bool filter_system_calls() {
  if (sanitized || !kernel_has_filters()) return true;
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) return false;
  bool good = true;
  for (const int call : allowed_calls) {
    // Numbers below zero are calls that this architecture does not have.
    if (call >= 0) good = good && ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  }
  const int loaded = good ? ::seccomp_load(filter) : -EINVAL;
  ::seccomp_release(filter);
  return loaded == 0;
}

}  // namespace oobm::transfer
