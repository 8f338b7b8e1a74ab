#include "agent/confinement/call_filter.hpp"

#include <array>
#include <cerrno>
#include <vector>

#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/confinement/in_child.hpp"

namespace oobm::confinement {
namespace {

using test::in_child;

constexpr std::array<std::uint32_t, 2> local{AF_UNIX, AF_NETLINK};
constexpr std::array<std::uint32_t, 1> none{0};
constexpr std::uint32_t high_bit = 0x80;

// Enough for a child to end, also under a sanitizer, and the calls that the tests ask about.
std::vector<CallRule> rules() {
  return {{.number = SCMP_SYS(exit_group)},
          {.number = SCMP_SYS(mmap)},
          {.number = SCMP_SYS(munmap)},
          {.number = SCMP_SYS(madvise)},
          {.number = SCMP_SYS(futex)},
          {.number = SCMP_SYS(gettid)},
          {.number = SCMP_SYS(sched_yield)},
          {.number = SCMP_SYS(rt_sigprocmask)},
          {.number = SCMP_SYS(sigaltstack)},
          {.number = SCMP_SYS(write)},
          {.number = -1},
          {.number = SCMP_SYS(socket), .argument = 0, .values = local},
          {.number = SCMP_SYS(umask), .argument = 0, .mask = high_bit, .values = none},
          {.number = SCMP_SYS(getppid), .error = ENOSYS}};
}

// The exit status is the errno of the call; 0: it was carried out.
test::End under_filter(Otherwise otherwise, auto call) {
  return in_child([&] {
    if (load_filter(rules(), otherwise) != FilterOutcome::loaded) return 255;
    errno = 0;
    call();
    return errno;
  });
}

TEST(CallFilter, AForbiddenCallKills) {
  EXPECT_EQ(under_filter(Otherwise::kills, [] { ::syscall(SYS_getpid); }).signal, SIGSYS);
}

TEST(CallFilter, OrFailsWhereThatIsWanted) {
  EXPECT_EQ(under_filter(Otherwise::fails, [] { ::syscall(SYS_getpid); }).status, EPERM);
}

TEST(CallFilter, ACallOfTheListIsCarriedOut) {
  EXPECT_EQ(under_filter(Otherwise::kills, [] { ::syscall(SYS_write, -1, "", 0); }).status, EBADF);
}

TEST(CallFilter, AnArgumentIsLookedAt) {
  const auto make = [](int family) {
    return [family] { ::syscall(SYS_socket, family, SOCK_RAW, 0); };
  };
  EXPECT_EQ(under_filter(Otherwise::kills, make(AF_NETLINK)).status, 0);
  EXPECT_EQ(under_filter(Otherwise::kills, make(AF_PACKET)).signal, SIGSYS);
  EXPECT_EQ(under_filter(Otherwise::fails, make(AF_INET)).status, EPERM);
}

TEST(CallFilter, AnArgumentIsLookedAtThroughAMask) {
  EXPECT_EQ(under_filter(Otherwise::kills, [] { ::syscall(SYS_umask, 0x7F); }).status, 0);
  EXPECT_EQ(under_filter(Otherwise::kills, [] { ::syscall(SYS_umask, 0xFF); }).signal, SIGSYS);
}

TEST(CallFilter, ACallMayBeSaidNotToExist) {
  EXPECT_EQ(under_filter(Otherwise::kills, [] { ::syscall(SYS_getppid); }).status, ENOSYS);
}

#if defined(__x86_64__)
TEST(CallFilter, TheNumbersOfAnotherArchitectureKill) {
  constexpr long second_set = 0x40000000;  // the numbers of x32
  EXPECT_EQ(under_filter(Otherwise::kills, [] { ::syscall(second_set | SYS_write); }).signal,
            SIGSYS);
}
#endif

TEST(CallFilter, ASecondFilterNarrowsTheFirst) {
  const auto end = in_child([] {
    const std::vector<CallRule> wide{{.number = SCMP_SYS(exit_group)},
                                     {.number = SCMP_SYS(prctl)},
                                     {.number = SCMP_SYS(seccomp)},
                                     {.number = SCMP_SYS(getpid)}};
    if (load_filter(wide, Otherwise::kills) != FilterOutcome::loaded) return 255;
    ::syscall(SYS_getpid);
    if (load_filter(rules(), Otherwise::kills) != FilterOutcome::loaded) return 254;
    ::syscall(SYS_getpid);
    return 0;
  });
  EXPECT_EQ(end.signal, SIGSYS) << end.status;
}

TEST(CallFilter, TooManyRulesAreRefused) {
  const std::vector<CallRule> many(1001, CallRule{.number = SCMP_SYS(read)});
  EXPECT_EQ(load_filter(many, Otherwise::kills), FilterOutcome::refused);
}

}  // namespace
}  // namespace oobm::confinement
