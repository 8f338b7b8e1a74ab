// Rule: a document is one line of ASCII whatever its words are, and digits that hex() did not write
// are none.
#include "agent/store/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace oobm::store {
namespace {

TEST(Hex, WhatIsNoPairOfSmallDigitsIsRefused) {
  for (const char* text : {"0", "0g", "0A", " 0", "0x", "000"})
    EXPECT_FALSE(from_hex(text)) << text;
  EXPECT_FALSE(from_hex(std::string_view("0\0", 2)));
}

TEST(Hex, EveryByteComesBack) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  EXPECT_EQ(hex(std::string_view("\0\x7f\xff", 3)), "007fff");
  EXPECT_EQ(from_hex(hex(bytes)), bytes);
  EXPECT_EQ(from_hex(""), "");
}

TEST(OneLine, IsAsciiWithoutEnds) {
  EXPECT_EQ(one_line({{"b", "\xff\n"}, {"a", "\u00e9"}}), R"({"b":"\ufffd\n","a":"\u00e9"})");
}

}  // namespace
}  // namespace oobm::store
