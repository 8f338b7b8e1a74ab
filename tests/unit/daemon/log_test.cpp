#include "agent/daemon/log.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Log, a_value_cannot_forge_a_line_or_a_field) {
  EXPECT_EQ(log_line("task", {{"text", "x\nlevel=error event=fake"}}),
            R"(event=task text="x\nlevel=error event=fake")");
  EXPECT_EQ(log_line("task", {{"text", "a\" b=\"c"}}), R"(event=task text="a\" b=\"c")");
  EXPECT_EQ(log_line("task", {{"text", "a\\"}}), R"(event=task text="a\\")");
  EXPECT_EQ(log_line("task", {{"text", "\x1b[2J\xff"}}), R"(event=task text="\x1b[2J\xff")");
  EXPECT_EQ(log_line("task", {{"text", ""}}), R"(event=task text="")");
}

TEST(Log, a_value_and_a_line_have_a_bound) {
  const auto line = log_line("e", {{"a", std::string(5000, 'x')}});
  EXPECT_THAT(line, HasSubstr("xxx...\""));
  EXPECT_LE(line.size(), max_log_value_bytes + 20);
  const std::string part(200, 'y');
  const auto full =
      log_line("e", {{"a", part}, {"b", part}, {"c", part}, {"d", part}, {"e", part}, {"f", part}});
  EXPECT_LE(full.size(), max_log_line_bytes);
  EXPECT_THAT(full, testing::EndsWith(" cut=yes"));
  // Escapes make a value longer; the bound holds for what is written.
  EXPECT_LE(log_line("e", {{"a", std::string(5000, '\x01')}}).size(), max_log_value_bytes + 20);
}

TEST(Log, secrets_are_withheld) {
  const std::string jws =
      "eyJhbGciOiJFUzI1NiJ9." + std::string(80, 'p') + "." + std::string(86, 's');
  const std::string pem = "-----BEGIN EC PRIVATE KEY-----\nMHc";
  for (const auto& line :
       {log_line("e", {{"imsi", "310260123456789"}}), log_line("e", {{"nonce", "bm9uY2U"}}),
        log_line("e", {{"password", "hunter2"}}), log_line("e", {{"text", jws}}),
        log_line("e", {{"file", pem}})})
    EXPECT_THAT(line, testing::EndsWith("=(withheld)"));
  EXPECT_THAT(log_line("e", {{"imei", "490154203237518"}}), HasSubstr("imei=490154203237518"));
}

TEST(Log, says_nothing_below_its_threshold) {
  std::vector<std::string> lines;
  const Log log(LogLevel::notice, [&](LogLevel level, std::string_view line) {
    lines.push_back(std::string(to_text(level)) + " " + std::string(line));
  });
  log.debug("a");
  log.info("b");
  log.notice("c");
  log.warning("d", {{"n", 7}, {"up", true}});
  log.error("e");
  EXPECT_THAT(lines, ElementsAre("notice event=c", "warning event=d n=7 up=yes", "error event=e"));
}

TEST(Log, levels_have_names) {
  for (const auto level :
       {LogLevel::error, LogLevel::warning, LogLevel::notice, LogLevel::info, LogLevel::debug})
    EXPECT_EQ(log_level_from_text(to_text(level)), level);
  EXPECT_EQ(log_level_from_text("verbose"), std::nullopt);
}

TEST(Log, standard_error_gets_one_line_each) {
  testing::internal::CaptureStderr();
  const Log log(LogLevel::info, stderr_sink());
  log.info("started", {{"version", "0.1.0"}});
  log.error("stopped");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "level=info event=started version=0.1.0\nlevel=error event=stopped\n");
}

}  // namespace
}  // namespace oobm::daemon
