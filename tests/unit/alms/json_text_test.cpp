// Rule: text from outside is bounded before a tree is built of it.
#include "agent/alms/json_text.hpp"

#include <string>

#include <gmock/gmock.h>

#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using ::testing::HasSubstr;

std::string refusal(std::string_view text, std::size_t most = max_message_bytes) {
  const auto json = parse_json(text, most);
  return json ? "accepted" : json.error();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonTextTest, RefusesWhatIsTooLongWithoutReadingIt) {
  EXPECT_THAT(refusal("[1,2]", 4), HasSubstr("5 bytes, at most 4"));
  EXPECT_THAT(refusal(std::string(1U << 20U, '[')), HasSubstr("1048576 bytes"));
  EXPECT_EQ(refusal("[1,2]", 5), "accepted");
}

TEST(JsonTextTest, RefusesDeepNesting) {
  EXPECT_EQ(refusal(nested(max_json_depth)), "accepted");
  EXPECT_THAT(refusal(nested(max_json_depth + 1)), HasSubstr("too deeply"));
  EXPECT_THAT(refusal(std::string(60'000, '[')), HasSubstr("too deeply"));
  std::string objects;
  for (int i = 0; i < 9; ++i) objects += "{\"a\":";
  EXPECT_THAT(refusal(objects), HasSubstr("too deeply"));
}

TEST(JsonTextTest, RefusesTooManyValues) {
  std::string list = "[0";
  for (std::size_t i = 0; i < max_json_values; ++i) list += ",0";
  EXPECT_THAT(refusal(list + "]"), HasSubstr("too many values"));
}

TEST(JsonTextTest, RefusesAMemberNamedTwice) {
  EXPECT_THAT(refusal(R"({"a":1,"a":1})"), HasSubstr("twice"));
  EXPECT_THAT(refusal(R"([{"b":{"a":1,"\u0061":2}}])"), HasSubstr("twice"));
  EXPECT_EQ(refusal(R"([{"a":1},{"a":{"a":2}}])"), "accepted");
}

TEST(JsonTextTest, RefusesWhatIsNoJson) {
  for (const char* text :
       {"", " ", "nul", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "[1] [2]", "// c\n1", "\"\x01\"",
        "\"\xff\"", "\"\xc3\"", "\"\\ud800\"", "[1e999]", "[-]", "[1.]"})
    EXPECT_THAT(refusal(text), HasSubstr("not valid JSON")) << text;
  for (const std::string_view text :
       {std::string_view("[1]\0", 4), std::string_view("\0[1]", 4), std::string_view("[1]\0x", 5)})
    EXPECT_THAT(refusal(text), HasSubstr("NUL byte"));
}

TEST(JsonTextTest, RepairsWhatIsNotUtf8WhenPrinting) {
  EXPECT_EQ(print_json(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(WordsTest, CutsAtACharacter) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abc", 2), "ab");
  EXPECT_EQ(cut("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(cut("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
  EXPECT_EQ(cut("\xe2\x82\xac", 1), "");
  EXPECT_EQ(cut("", 0), "");
}

TEST(WordsTest, CleansControlCharacters) {
  EXPECT_EQ(clean("a\x1b[2Jb\n\x7f", 99), "a [2Jb  ");
  EXPECT_EQ(clean("x\xc2\x9by", 99), "x  y");
  EXPECT_EQ(clean("Z\xc3\xbcrich", 99), "Z\xc3\xbcrich");
  EXPECT_FALSE(is_printable("a\tb"));
  EXPECT_FALSE(is_printable("\xc2\x80"));
  EXPECT_TRUE(is_printable("\xc2\xa0"));
}

TEST(WordsTest, QuotesShortly) {
  EXPECT_EQ(in_quotes("ab\x1b\xff"), "\"ab??\"");
  EXPECT_EQ(in_quotes(std::string(99, 'k')), "\"" + std::string(40, 'k') + "...\"");
}

}  // namespace
}  // namespace oobm::alms
