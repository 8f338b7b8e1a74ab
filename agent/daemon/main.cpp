// One executable, two programs: called as oobmd it is the daemon, as oobmctl the technician's
// command. Sharing one file costs the flash half of two.
#include <cstdio>
#include <string_view>

#include "agent/ctl/ctl.hpp"
#include "agent/daemon/daemon_main.hpp"

namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

int dispatch(int argc, char** argv) {
  const auto name = base_name(argc > 0 ? argv[0] : "");
  if (name == "oobmd") return oobm::daemon::daemon_main(argc, argv);
  if (name == "oobmctl") return oobm::ctl::ctl_main(argc, argv);
  return -1;
}

}  // namespace

int main(int argc, char** argv) {
  int status = dispatch(argc, argv);
  if (status < 0 && argc > 1) status = dispatch(argc - 1, argv + 1);  // oobm oobmctl ...
  if (status >= 0) return status;
  std::fputs("usage: oobm oobmd|oobmctl [ARGUMENTS], or call it by one of these names\n", stderr);
  return 2;
}
