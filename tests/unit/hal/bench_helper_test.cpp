// Runs bench_helper_test.sh in a user and network namespace of its own, where it may make
// interfaces and routes without touching the machine's.
#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

TEST(BenchHelper, does_its_verbs_with_real_interfaces_and_routes) {
  const std::string source = OOBM_SOURCE_DIR;
  const std::string isolate =
      geteuid() == 0 ? "unshare --net" : "unshare --user --map-root-user --net";
  const auto command = isolate + " sh " + source + "/tests/unit/hal/bench_helper_test.sh " +
                       source + "/hal/board/helpers/bench 2>&1";
  FILE* pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): the words are this test's own
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const auto size = fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), size);
  const int status = pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << output;
}

}  // namespace
