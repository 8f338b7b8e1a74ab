#include "agent/ctl/words.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace oobm::ctl {
namespace {

TEST(Words, durations) {
  EXPECT_EQ(duration_words(-5), "0 ms");
  EXPECT_EQ(duration_words(999), "999 ms");
  EXPECT_EQ(duration_words(59'999), "59 s");
  EXPECT_EQ(duration_words(3'599'999), "59 min");
  EXPECT_EQ(duration_words(3'600'000), "1 h");
  EXPECT_EQ(duration_words(12'000'000), "3 h 20 min");
  EXPECT_EQ(duration_words(86'400'000), "1 day");
  EXPECT_EQ(duration_words(187'200'000), "2 days 4 h");
  EXPECT_EQ(duration_words(INT64_MAX), "106751991167 days 7 h");
}

TEST(Words, bytes) {
  EXPECT_EQ(byte_words(0), "0 B");
  EXPECT_EQ(byte_words(999), "999 B");
  EXPECT_EQ(byte_words(6000), "6.0 kB");
  EXPECT_EQ(byte_words(999'960), "1.0 MB");
  EXPECT_EQ(byte_words(249'100'000), "249.1 MB");
  EXPECT_EQ(byte_words(UINT64_MAX), "18446744.1 TB");
}

TEST(Words, decimals) {
  EXPECT_EQ(decimal(-101), "-101");
  EXPECT_EQ(decimal(-12.5), "-12.5");
  EXPECT_EQ(decimal(-0.04), "0");
  EXPECT_EQ(decimal(3.25), "3.3");
}

TEST(Words, counts_and_dates) {
  EXPECT_EQ(count_words(0, "day"), "0 days");
  EXPECT_EQ(count_words(1, "day"), "1 day");
  EXPECT_EQ(date_of("2027-03-01T00:00:00Z"), "2027-03-01");
  EXPECT_EQ(date_of(""), "");
}

}  // namespace
}  // namespace oobm::ctl
