// Words from outside are bounded, end at a character's end and carry no control byte.
#include "agent/core/text.hpp"

#include <gtest/gtest.h>

namespace oobm::core {
namespace {

TEST(Text, ACharacterIsKeptWholeOrLeftOut) {
  const std::string text = "Soci\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa1";
  EXPECT_EQ(head(text, 5), "Soci");
  EXPECT_EQ(head(text, 6), "Soci\xc3\xa9");
  EXPECT_EQ(head(text, 11), "Soci\xc3\xa9t\xc3\xa9 ");
  EXPECT_EQ(head(text, 12), "Soci\xc3\xa9t\xc3\xa9 ");
  EXPECT_EQ(head(text, 17), "Soci\xc3\xa9t\xc3\xa9 \xe2\x82\xac ");
  EXPECT_EQ(head(text, 100), text);
  EXPECT_EQ(head(text, 0), "");
}

TEST(Text, BytesThatAreNoCharactersAreStillBounded) {
  EXPECT_LE(head(std::string(50, '\x80'), 10).size(), 10U);
  EXPECT_LE(head(std::string(50, '\xff'), 10).size(), 10U);
}

TEST(Text, ControlCharactersAreReplaced) {
  EXPECT_EQ(clean("a\x1b[2J\r\n\x7f", 40), "a?[2J???");
  EXPECT_EQ(clean(std::string("a\0b", 3), 40), "a?b");
  EXPECT_EQ(clean("\xc3\xa9", 40), "\xc3\xa9");
}

TEST(Text, TextOfUnknownEncodingBecomesAscii) {
  EXPECT_EQ(clean_ascii("\xc3\xa9\x1b\xff"
                        "x",
                        40),
            "????x");
}

}  // namespace
}  // namespace oobm::core
