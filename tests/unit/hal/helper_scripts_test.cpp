// The board helpers of the project and the conformance check, tried by shell scripts in a user and
// network namespace of their own, where they may make interfaces and routes without touching the
// machine's.
#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

const std::string board = OOBM_SOURCE_DIR "/hal/board";
const std::string helpers = board + "/helpers";
const std::string conformance = board + "/conformance";

void passes(const std::string& script, const std::string& arguments) {
  const std::string isolate =
      geteuid() == 0 ? "unshare --net" : "unshare --user --map-root-user --net";
  const auto command = isolate + " sh " OOBM_SOURCE_DIR "/tests/unit/hal/" + script + " " +
                       arguments + " </dev/null 2>&1";
  FILE* pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): the words are this test's own
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const auto size = fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), size);
  const int status = pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << output;
}

TEST(BenchHelper, does_its_verbs_with_real_interfaces_and_routes) {
  passes("bench_helper_test.sh", helpers + "/bench");
}

TEST(BenchHelper, installs_and_takes_back_over_power_cuts) {
  passes("install_helper_test.sh", helpers + "/bench");
}

TEST(LinuxHelper, does_its_verbs_with_real_interfaces_and_routes) {
  passes("linux_helper_test.sh", helpers + "/linux");
}

TEST(LinuxHelper, dials_and_hangs_up_with_pppd) {
  passes("linux_ppp_helper_test.sh", helpers + "/linux");
}

TEST(OpenWrtHelper, does_its_verbs_with_programs_that_answer_like_openwrt) {
  passes("openwrt_helper_test.sh", helpers + "/openwrt");
}

TEST(OpenWrtHelper, installs_and_takes_back_with_a_program_that_answers_like_opkg) {
  passes("install_opkg_test.sh", helpers + "/openwrt");
}

// One test for each part, so that they may run side by side.
class ConformanceCheck : public testing::TestWithParam<const char*> {};

TEST_P(ConformanceCheck, finds_and_names_each_fault) {
  passes("helper_conformance_bad_test.sh", helpers + " " + conformance + " " + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Section, ConformanceCheck,
                         testing::Values("words", "identity", "wan", "up", "bearer", "down",
                                         "failure", "led", "power", "install", "reboot"),
                         [](const auto& info) { return std::string(info.param); });

class ConformingHelper : public testing::TestWithParam<const char*> {};

TEST_P(ConformingHelper, passes_the_check) {
  passes("helper_conformance_test.sh", helpers + " " + conformance + " " + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Helper, ConformingHelper, testing::Values("bench", "linux", "openwrt"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ConformanceCheckShell, busybox_ash_can_run_it) {
  passes("helper_conformance_test.sh", helpers + " " + conformance + " linux busybox ash");
}

}  // namespace
