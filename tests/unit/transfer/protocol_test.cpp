#include "agent/transfer/protocol.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace oobm::transfer {
namespace {

using Kind = Report::Kind;

Job sample_job() {
  return {.host = "files.example:8443",
          .target = "/fw/image.bin?v=1",
          .user_agent = "oobm/0.1",
          .validator = "\"a1\"",
          .offset = 4096,
          .max_bytes = 1'000'000,
          .bytes_per_s = 2000,
          .min_bytes_per_s = 10,
          .stall_s = 30,
          .time_limit_s = 600,
          .progress_ms = 500};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(TransferJob, WhatIsNoJobIsRefused) {
  const auto good = to_text(sample_job());
  for (const std::string& text : {std::string(),
                                  std::string("host"),
                                  good.substr(0, good.size() - 1),
                                  good + "more=1\n",
                                  good + "put=\n",
                                  good + "put=text/plain",
                                  good + "put=text/plain\nput=text/plain\n",
                                  good + "put=text/plain\n",
                                  good + good,
                                  replaced(good, "target=/", "target="),
                                  replaced(good, "host=", "hosts="),
                                  replaced(good, "files.example:8443", ""),
                                  replaced(good, "files", "fi\rles"),
                                  replaced(good, "=4096", "=-1"),
                                  replaced(good, "=4096", "= 1"),
                                  replaced(good, "=4096", "=0x10"),
                                  replaced(good, "=4096", "=9223372036854775808"),
                                  replaced(good, "max_bytes=1000000", "max_bytes=0"),
                                  replaced(good, "stall_s=30", "stall_s=4294967296"),
                                  replaced(good, "stall_s=30", "stall_s="),
                                  replaced(good, "/fw", "/" + std::string(max_target_bytes, 'x'))})
    EXPECT_FALSE(parse_job(text)) << text;
}

TEST(TransferJob, ReadsAsItWasWritten) {
  EXPECT_EQ(parse_job(to_text(sample_job())), sample_job());
  auto fresh = sample_job();
  fresh.validator.clear();
  fresh.offset = 0;
  EXPECT_EQ(parse_job(to_text(fresh)), fresh);
}

TEST(TransferJob, OnlyOneThatSendsHasALineAboutIt) {
  auto job = sample_job();
  job.offset = 0;
  EXPECT_EQ(to_text(job).find("put="), std::string::npos);
  job.put_type = "application/json";
  EXPECT_EQ(parse_job(to_text(job)), job);
  EXPECT_FALSE(parse_job(to_text(job) + "more=1\n"));
  job.put_type.assign(max_type_bytes + 1, 't');
  EXPECT_FALSE(parse_job(to_text(job)));
}

TEST(TransferJob, TheLargestFitsIntoItsBound) {
  auto job = sample_job();
  job.host.assign(max_host_bytes, 'h');
  job.target.assign(max_target_bytes, '/');
  job.user_agent.assign(max_agent_bytes, 'a');
  job.validator.assign(max_validator_bytes, 'v');
  job.offset = job.max_bytes = job.bytes_per_s = INT64_MAX;
  EXPECT_TRUE(parse_job(to_text(job)));
  job.put_type.assign(max_type_bytes, 't');
  EXPECT_LE(to_text(job).size(), max_job_bytes);
}

TEST(TransferReport, WhatIsNoReportIsRefused) {
  for (const std::string& line :
       {std::string(), std::string("got"), std::string("got="), std::string("got=1 "),
        std::string("got=+1"), std::string("got=99999999999999999999"), std::string("gotten=1"),
        std::string("status=1000"), std::string("=1"), std::string("detail=\x1b[2J"),
        std::string("location=\xc3\xa4"), "validator=" + std::string(max_validator_bytes + 1, 'x')})
    EXPECT_FALSE(parse_report(line)) << line;
}

TEST(TransferReport, ReadsAsItWasWritten) {
  const std::vector<Report> reports{{Kind::status, 206, {}},
                                    {Kind::from, 4096, {}},
                                    {Kind::total, INT64_MAX, {}},
                                    {Kind::got, 0, {}},
                                    {Kind::validator, 0, "\"a=b\""},
                                    {Kind::location, 0, "https://files.example/x"},
                                    {Kind::detail, 0, ""}};
  for (const auto& report : reports) {
    const auto line = to_line(report);
    EXPECT_EQ(parse_report(line.substr(0, line.size() - 1)), report) << line;
  }
}

TEST(TransferReport, WordsThatAreNoReportAreMadeOne) {
  EXPECT_EQ(to_line({Kind::detail, 0, "a\nb\x80"}), "detail=a?b?\n");
  EXPECT_LE(to_line({Kind::detail, 0, std::string(9000, 'x')}).size(), max_report_bytes);
}

std::vector<Report> read(const std::vector<std::string>& parts, bool* good = nullptr) {
  std::vector<Report> got;
  ReportReader reader;
  bool all = true;
  for (const auto& part : parts)
    all = reader.feed(part, [&](const Report& report) { got.push_back(report); });
  if (good != nullptr) *good = all;
  return got;
}

TEST(TransferReports, NothingIsReadAfterRubbish) {
  bool good = true;
  EXPECT_EQ(read({"got=1\nrubbish\ngot=2\n", "got=3\n"}, &good).size(), 1U);
  EXPECT_FALSE(good);
}

TEST(TransferReports, ALineWithoutEndIsNotCollectedForEver) {
  ReportReader reader;
  const std::string part(1000, 'x');
  const auto ignore = [](const Report&) {};
  EXPECT_TRUE(reader.feed("detail=", ignore));
  EXPECT_TRUE(reader.feed(part, ignore));
  EXPECT_TRUE(reader.feed(part, ignore));
  EXPECT_FALSE(reader.feed(part, ignore));
}

TEST(TransferReports, MayComeInAnyPieces) {
  const auto whole = read({"status=200\nfrom=0\ngot=7\n"});
  ASSERT_EQ(whole.size(), 3U);
  EXPECT_EQ(read({"sta", "tus=2", "00\nfrom=0", "\n", "got=7\n"}), whole);
}

TEST(TransferExit, AStatusThatIsNoneIsNoExit) {
  for (const int status : {-1, 1, 9, 12, 29, 127, 255}) EXPECT_FALSE(exit_from(status)) << status;
  EXPECT_EQ(exit_from(0), Exit::finished);
  EXPECT_EQ(exit_from(26), Exit::no_space);
}

}  // namespace
}  // namespace oobm::transfer
