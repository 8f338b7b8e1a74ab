#include "agent/store/crc32c.hpp"

#include <string>

#include <gtest/gtest.h>

namespace oobm::store {
namespace {

// RFC 3720 appendix B.4, and the check value of the CRC catalogue.
TEST(Crc32c, gives_the_published_values) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
}

TEST(Crc32c, continues_an_earlier_result) {
  const std::string_view all = "Eight bytes at a time, and what is left one by one.";
  for (std::size_t split = 0; split <= all.size(); ++split)
    EXPECT_EQ(crc32c(all.substr(split), crc32c(all.substr(0, split))), crc32c(all)) << split;
  EXPECT_EQ(crc32c(""), 0u);
}

}  // namespace
}  // namespace oobm::store
