#include "agent/confinement/privileges.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/unit/confinement/in_child.hpp"

namespace oobm::confinement {
namespace {

using test::in_child;

constexpr int net_raw = 13;  // CAP_NET_RAW, capabilities(7)
const Ids somebody{.user = 977, .group = 978, .groups = {978, 20}};

// The value of a line of /proc/self/status.
std::string own(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  return {};
}

// The first line that is not as expected, as a number from 1; 0: all are.
int first_wrong(std::initializer_list<std::pair<const char*, const char*>> lines) {
  int number = 0;
  for (const auto& [name, value] : lines) {
    ++number;
    if (own(name) != value) return number;
  }
  return 0;
}

TEST(Privileges, NothingOfRootIsLeft) {
  const auto end = in_child([] {
    if (!become(somebody, false)) return 100;
    return first_wrong({{"Uid", "977\t977\t977\t977"},
                        {"Gid", "978\t978\t978\t978"},
                        {"Groups", "20 978 "},
                        {"CapInh", "0000000000000000"},
                        {"CapPrm", "0000000000000000"},
                        {"CapEff", "0000000000000000"},
                        {"CapBnd", "0000000000000000"},
                        {"CapAmb", "0000000000000000"},
                        {"NoNewPrivs", "1"}});
  });
  EXPECT_EQ(end.status, 0);
}

TEST(Privileges, OneCapabilityMayBeKept) {
  const auto end = in_child([] {
    if (!become(somebody, true)) return 100;
    return first_wrong({{"Uid", "977\t977\t977\t977"},
                        {"CapPrm", "0000000000002000"},
                        {"CapEff", "0000000000002000"},
                        {"CapBnd", "0000000000000000"}});
  });
  static_assert(1 << net_raw == 0x2000);
  EXPECT_EQ(end.status, 0);
}

TEST(Privileges, RootIsNotGivenUpForRoot) {
  EXPECT_FALSE(become({.user = 0, .group = 978, .groups = {}}, false));
  EXPECT_FALSE(become({.user = 977, .group = 0, .groups = {}}, false));
}

TEST(Privileges, MemoryIsNeitherDumpedNorWithoutBound) {
  const auto end = in_child([] {
    if (!become(somebody, false) || !limit_use(1 << 20)) return 100;
    rlimit core{};
    rlimit files{};
    ::getrlimit(RLIMIT_CORE, &core);
    ::getrlimit(RLIMIT_NOFILE, &files);
    if (core.rlim_max != 0 || ::prctl(PR_GET_DUMPABLE) != 0) return 1;
    return files.rlim_max <= max_descriptors ? 0 : 2;
  });
  EXPECT_EQ(end.status, 0);
}

TEST(Privileges, EndsWithItsParent) {
  EXPECT_EQ(in_child([parent = ::getpid()] { return end_with_parent(parent) ? 0 : 1; }).status, 0);
  EXPECT_EQ(in_child([] { return end_with_parent(1) ? 0 : 1; }).status, 1) << "another parent";
}

TEST(Privileges, WhichKernelsBindSocketsForAnybody) {
  EXPECT_FALSE(binds_sockets_unprivileged("4.14.180"));
  EXPECT_FALSE(binds_sockets_unprivileged("5.4.0-openwrt"));
  EXPECT_FALSE(binds_sockets_unprivileged("5"));
  EXPECT_FALSE(binds_sockets_unprivileged(""));
  EXPECT_TRUE(binds_sockets_unprivileged("5.7"));
  EXPECT_TRUE(binds_sockets_unprivileged("5.10.161"));
  EXPECT_TRUE(binds_sockets_unprivileged("6.12.1-rc3"));
}

}  // namespace
}  // namespace oobm::confinement
