#include "agent/confinement/privileges.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/confinement/sanitized.hpp"

namespace oobm::confinement {
namespace {

constexpr std::pair<int, int> unprivileged_binding{5, 7};  // Linux release
constexpr int most_capabilities = 64;

bool limit(__rlimit_resource_t what, std::uint64_t most) {
  rlimit bound{};
  if (::getrlimit(what, &bound) != 0) return false;
  bound.rlim_max = std::min(bound.rlim_max, static_cast<rlim_t>(most));
  bound.rlim_cur = std::min(bound.rlim_cur, bound.rlim_max);
  return ::setrlimit(what, &bound) == 0;
}

// What no program started from here could ever get back.
bool empty_bounding_set() {
  for (int capability = 0; capability < most_capabilities; ++capability)
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return errno == EINVAL;
  return true;
}

bool keep_capabilities(std::uint32_t set) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const std::array<__user_cap_data_struct, 2> sets{{{set, set, 0}, {0, 0, 0}}};
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

bool change_user(const Ids& ids) {
  return ::setgroups(ids.groups.size(), ids.groups.data()) == 0 &&
         ::setresgid(ids.group, ids.group, ids.group) == 0 &&
         ::setresuid(ids.user, ids.user, ids.user) == 0;
}

bool shut_off() {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0);
}

}  // namespace

bool binds_sockets_unprivileged(std::string_view release) {
  std::pair<int, int> version{0, 0};
  const auto* end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.first);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return false;
  const auto minor = std::from_chars(major.ptr + 1, end, version.second);
  return minor.ec == std::errc{} && version >= unprivileged_binding;
}

std::expected<void, std::string> become(const Ids& ids, bool keep_net_raw) {
  const auto failed = [](std::string_view what) {
    return std::unexpected(std::string(what) + ": " + std::strerror(errno));
  };
  if (ids.user == 0 || ids.group == 0) return std::unexpected("root is not given up for root");
  if (!empty_bounding_set()) return failed("capabilities cannot be given up");
  if (keep_net_raw && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    return failed("a capability cannot be kept");
  if (!change_user(ids)) return failed("the user cannot be changed");
  if (!keep_capabilities(keep_net_raw ? 1U << CAP_NET_RAW : 0))
    return failed("capabilities cannot be given up");
  if (!shut_off()) return failed("new privileges cannot be ruled out");
  if (::setuid(0) == 0) return std::unexpected("the rights of root came back");
  return {};
}

bool end_with_parent(::pid_t parent) {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && ::getppid() == parent;
}

bool limit_use(std::uint64_t data_bytes) {
  return limit(RLIMIT_NOFILE, max_descriptors) && (sanitized || limit(RLIMIT_DATA, data_bytes));
}

}  // namespace oobm::confinement
