#include "agent/daemon/daemon_calls.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

namespace oobm::daemon {
namespace {

using confinement::CallRule;

constexpr std::array<std::uint32_t, 1> zero{0};
constexpr std::array<std::uint32_t, 4> socket_families{AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
constexpr std::array<std::uint32_t, 1> thread_flags{CLONE_VM | CLONE_THREAD};
constexpr std::array<std::uint32_t, 1> thread_names{PR_SET_NAME};
// Modes of descriptors; names of interfaces; the serial line, in the old and in the new way
// (ioctl_tty(2)). Faking input to a terminal (TIOCSTI) is not among them.
constexpr std::array<std::uint32_t, 22> requests{
    FIONBIO, FIONREAD, FIOCLEX,  SIOCGIFINDEX, SIOCGIFNAME, TCGETS,  TCSETS,  TCSETSW,
    TCSETSF, TCGETS2,  TCSETS2,  TCSETSW2,     TCSETSF2,    TCSBRK,  TCSBRKP, TCXONC,
    TCFLSH,  TIOCEXCL, TIOCNXCL, TIOCMGET,     TIOCMBIS,    TIOCMBIC};

constexpr CallRule with(int number, int argument, std::span<const std::uint32_t> values,
                        std::uint32_t mask = ~std::uint32_t{0}) {
  return {.number = number, .argument = argument, .mask = mask, .values = values};
}
constexpr CallRule call(int number) { return {.number = number}; }

constexpr std::array rules{
    // waiting and time
    call(SCMP_SYS(epoll_wait)), call(SCMP_SYS(epoll_pwait)), call(SCMP_SYS(epoll_pwait2)),
    call(SCMP_SYS(epoll_ctl)), call(SCMP_SYS(epoll_create1)), call(SCMP_SYS(eventfd2)),
    call(SCMP_SYS(timerfd_create)), call(SCMP_SYS(timerfd_settime)),
    call(SCMP_SYS(timerfd_settime64)), call(SCMP_SYS(poll)), call(SCMP_SYS(ppoll)),
    call(SCMP_SYS(ppoll_time64)), call(SCMP_SYS(select)), call(SCMP_SYS(_newselect)),
    call(SCMP_SYS(pselect6)), call(SCMP_SYS(pselect6_time64)), call(SCMP_SYS(clock_gettime)),
    call(SCMP_SYS(clock_gettime64)), call(SCMP_SYS(clock_getres)), call(SCMP_SYS(gettimeofday)),
    call(SCMP_SYS(time)), call(SCMP_SYS(clock_nanosleep)), call(SCMP_SYS(clock_nanosleep_time64)),
    call(SCMP_SYS(nanosleep)), call(SCMP_SYS(adjtimex)), call(SCMP_SYS(clock_adjtime)),
    call(SCMP_SYS(restart_syscall)),
    // descriptors
    call(SCMP_SYS(read)), call(SCMP_SYS(write)), call(SCMP_SYS(readv)), call(SCMP_SYS(writev)),
    call(SCMP_SYS(pread64)), call(SCMP_SYS(pwrite64)), call(SCMP_SYS(close)), call(SCMP_SYS(dup)),
    call(SCMP_SYS(dup3)), call(SCMP_SYS(fcntl)), call(SCMP_SYS(fcntl64)), call(SCMP_SYS(pipe2)),
    with(SCMP_SYS(ioctl), 1, requests),
    // sockets
    with(SCMP_SYS(socket), 0, socket_families), with(SCMP_SYS(socketpair), 0, socket_families),
    call(SCMP_SYS(connect)), call(SCMP_SYS(bind)), call(SCMP_SYS(listen)), call(SCMP_SYS(accept)),
    call(SCMP_SYS(accept4)), call(SCMP_SYS(shutdown)), call(SCMP_SYS(sendto)),
    call(SCMP_SYS(sendmsg)), call(SCMP_SYS(sendmmsg)), call(SCMP_SYS(send)),
    call(SCMP_SYS(recvfrom)), call(SCMP_SYS(recvmsg)), call(SCMP_SYS(recv)),
    call(SCMP_SYS(setsockopt)), call(SCMP_SYS(getsockopt)), call(SCMP_SYS(getsockname)),
    call(SCMP_SYS(getpeername)),
    // files
    call(SCMP_SYS(open)), call(SCMP_SYS(openat)), call(SCMP_SYS(stat)), call(SCMP_SYS(stat64)),
    call(SCMP_SYS(lstat)), call(SCMP_SYS(lstat64)), call(SCMP_SYS(fstat)), call(SCMP_SYS(fstat64)),
    call(SCMP_SYS(newfstatat)), call(SCMP_SYS(fstatat64)), call(SCMP_SYS(statx)),
    call(SCMP_SYS(statfs)), call(SCMP_SYS(statfs64)), call(SCMP_SYS(fstatfs)),
    call(SCMP_SYS(fstatfs64)), call(SCMP_SYS(access)), call(SCMP_SYS(faccessat)),
    call(SCMP_SYS(faccessat2)), call(SCMP_SYS(lseek)), call(SCMP_SYS(_llseek)),
    call(SCMP_SYS(getdents64)), call(SCMP_SYS(readlink)), call(SCMP_SYS(readlinkat)),
    call(SCMP_SYS(mkdir)), call(SCMP_SYS(mkdirat)), call(SCMP_SYS(rmdir)), call(SCMP_SYS(unlink)),
    call(SCMP_SYS(unlinkat)), call(SCMP_SYS(rename)), call(SCMP_SYS(renameat)),
    call(SCMP_SYS(renameat2)), call(SCMP_SYS(chmod)), call(SCMP_SYS(fchmod)),
    call(SCMP_SYS(fchmodat)), call(SCMP_SYS(fchmodat2)), call(SCMP_SYS(umask)),
    call(SCMP_SYS(truncate)), call(SCMP_SYS(truncate64)), call(SCMP_SYS(ftruncate)),
    call(SCMP_SYS(ftruncate64)), call(SCMP_SYS(fsync)), call(SCMP_SYS(fdatasync)),
    call(SCMP_SYS(flock)), call(SCMP_SYS(fadvise64)), call(SCMP_SYS(getcwd)),
    // a support bundle that is sent, as a file for the transfer helper that is not in the flash;
    // none can be executed, since there is no exec
    call(SCMP_SYS(memfd_create)),
    // memory: none of it becomes executable
    call(SCMP_SYS(brk)), with(SCMP_SYS(mmap), 2, zero, PROT_EXEC),
    with(SCMP_SYS(mmap2), 2, zero, PROT_EXEC), with(SCMP_SYS(mprotect), 2, zero, PROT_EXEC),
    call(SCMP_SYS(munmap)), call(SCMP_SYS(mremap)), call(SCMP_SYS(madvise)),
    call(SCMP_SYS(getrandom)),
    // threads; clone3() hides its flags, and the C library then takes the call that shows them
    CallRule{.number = SCMP_SYS(clone3), .error = ENOSYS},
    with(SCMP_SYS(clone), 0, thread_flags, CLONE_VM | CLONE_THREAD), call(SCMP_SYS(futex)),
    call(SCMP_SYS(futex_time64)), call(SCMP_SYS(set_robust_list)), call(SCMP_SYS(rseq)),
    call(SCMP_SYS(set_tid_address)), call(SCMP_SYS(sched_getaffinity)), call(SCMP_SYS(sched_yield)),
    call(SCMP_SYS(membarrier)), with(SCMP_SYS(prctl), 0, thread_names),
    // itself: who it is, its signals (tkill is musl's way to raise one), its end
    call(SCMP_SYS(getpid)), call(SCMP_SYS(gettid)), call(SCMP_SYS(getuid)), call(SCMP_SYS(geteuid)),
    call(SCMP_SYS(getgid)), call(SCMP_SYS(getegid)), call(SCMP_SYS(uname)), call(SCMP_SYS(sysinfo)),
    call(SCMP_SYS(getrlimit)), with(SCMP_SYS(prlimit64), 2, zero), call(SCMP_SYS(getrusage)),
    call(SCMP_SYS(rt_sigaction)), call(SCMP_SYS(rt_sigprocmask)), call(SCMP_SYS(rt_sigreturn)),
    call(SCMP_SYS(sigreturn)), call(SCMP_SYS(tgkill)), call(SCMP_SYS(tkill)), call(SCMP_SYS(exit)),
    call(SCMP_SYS(exit_group))};

}  // namespace

std::span<const CallRule> daemon_calls() { return rules; }

}  // namespace oobm::daemon
