// no-inet COMMAND...: runs a command that the kernel kills (SIGSYS) as soon as it, or a child of
// it, asks for an IP or packet socket. What survives under it has sent nothing, whatever a packet
// counter missed.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

bool forbid_network_sockets() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return false;
  bool built = true;
  for (const scmp_datum_t family :
       std::initializer_list<scmp_datum_t>{AF_INET, AF_INET6, AF_PACKET}) {
    const scmp_arg_cmp is_family{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = family, .datum_b = 0};
    built = built && seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket), 1,
                                            &is_family) == 0;
  }
  built = built && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return built;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: no-inet COMMAND [ARGUMENTS]\n", stderr);
    return 2;
  }
  if (!forbid_network_sockets()) {
    std::fputs("no-inet: the kernel takes no seccomp filter\n", stderr);
    return 2;
  }
  execvp(argv[1], argv + 1);
  std::fprintf(stderr, "no-inet: %s: %s\n", argv[1], std::strerror(errno));
  return 2;
}
