#include "agent/daemon/daemon_calls.hpp"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/confinement/call_filter.hpp"
#include "tests/unit/confinement/in_child.hpp"

namespace oobm::daemon {
namespace {

using confinement::test::in_child;

// What abort(3) does in glibc and in musl: it must end the process by the signal that is meant.
TEST(DaemonCalls, AnAbortIsAnAbortWithEitherCLibrary) {
  for (const bool musl : {false, true}) {
    const auto end = in_child([musl] {
      using confinement::load_filter;
      if (load_filter(daemon_calls(), confinement::Otherwise::kills) !=
          confinement::FilterOutcome::loaded)
        return 255;
      const auto thread = ::syscall(SYS_gettid);
      if (musl)
        ::syscall(SYS_tkill, thread, SIGABRT);
      else
        ::syscall(SYS_tgkill, ::getpid(), thread, SIGABRT);
      return 0;
    });
    EXPECT_EQ(end.signal, SIGABRT) << musl;
  }
}

}  // namespace
}  // namespace oobm::daemon
