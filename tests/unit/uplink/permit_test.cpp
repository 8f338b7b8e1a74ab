// A router without permission opens no network socket at all: proven by a kernel that kills the
// process for the attempt.
#include <cerrno>
#include <csignal>
#include <utility>

#include <gtest/gtest.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/uplink/bound_socket.hpp"
#include "tests/unit/uplink/support/bench.hpp"

namespace oobm::uplink::test {
namespace {

void kill_on_network_sockets() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  for (const int family : {AF_INET, AF_INET6, AF_PACKET}) {
    seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket), 1,
                     scmp_arg_cmp{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(family), 0});
  }
  if (seccomp_load(filter) != 0) ::_exit(70);
  seccomp_release(filter);
}

// Exit status of a child that tries to connect under the filter; minus the signal that killed it.
int attempt_under_filter(const LinkRequest& request, std::optional<Refusal> refusal) {
  const pid_t child = ::fork();
  if (child == 0) {
    kill_on_network_sockets();
    Bench bench;
    bench.permit.refusal = std::move(refusal);
    const Failure result = bench.link_failure(request);
    ::_exit(result.code == Code::permit_refused && bench.permit.asked == 1 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

const Refusal region{"REGION_MISMATCH", "This router belongs elsewhere."};

TEST(Permit, RefusedMakesNoTcpSocket) {
  EXPECT_EQ(attempt_under_filter(Bench::request(8883), region), 0);
}

TEST(Permit, RefusedMakesNoDnsSocket) {
  auto request = Bench::request(8883);
  request.target.static_addresses.clear();
  request.target.dns_servers = {"127.0.0.1:5353"};
  EXPECT_EQ(attempt_under_filter(request, region), 0);
}

TEST(Permit, TheProofWouldSeeASocket) {
  EXPECT_EQ(attempt_under_filter(Bench::request(8883), std::nullopt), -SIGSYS);
}

// What make_bound_socket() says where the kernel answers a binding with `error`; 0: it claims to
// have bound and has not.
Code bound_under_filter(int error) {
  const pid_t child = ::fork();
  if (child == 0) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(static_cast<std::uint16_t>(error)),
                     SCMP_SYS(setsockopt), 1, scmp_arg_cmp{2, SCMP_CMP_EQ, SO_BINDTODEVICE, 0});
    if (seccomp_load(filter) != 0) ::_exit(250);
    CountingPermit permit;
    Target target;
    target.interface = "lo";
    const auto made = make_bound_socket(permit, target, AF_INET, SOCK_STREAM);
    ::_exit(made ? 251 : std::to_underlying(made.error().code));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return static_cast<Code>(WEXITSTATUS(status));
}

TEST(Permit, ASocketThatIsNotBoundIsNotMade) {
  EXPECT_EQ(bound_under_filter(EPERM), Code::bind_failed);
  EXPECT_EQ(bound_under_filter(0), Code::bind_failed) << "the binding is read back";
  EXPECT_EQ(bound_under_filter(ENODEV), Code::interface_missing);
}

TEST(Permit, TheRefusalReachesTheCaller) {
  Bench bench;
  bench.permit.refusal = region;
  const auto outcome = bench.open_link(Bench::request(8883));
  ASSERT_TRUE(outcome->closed);
  EXPECT_EQ(outcome->closed->layer, Layer::permit);
  EXPECT_EQ(to_string(*outcome->closed),
            "PERMIT_REFUSED: REGION_MISMATCH: This router belongs elsewhere.");
  EXPECT_EQ(bench.gate.traffic("lo"), Traffic{});
}

TEST(Permit, IsAskedAgainForEachAddress) {
  Bench bench;
  auto request = Bench::request(1);  // nothing listens on port 1
  request.target.static_addresses = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};
  EXPECT_EQ(bench.link_failure(request).code, Code::tcp_refused);
  EXPECT_EQ(bench.permit.asked, 3);
}

}  // namespace
}  // namespace oobm::uplink::test
