// Rule: what is there and breaks a rule refuses the whole document and is named by its place; what
// is not there is as it was.
#include "agent/store/json_reader.hpp"

#include <gtest/gtest.h>

namespace oobm::store {
namespace {

// "place: sentence" of the first error; empty: there is none.
std::string error_in(std::string_view text, auto read) {
  const auto root = nlohmann::json::parse(text, nullptr, false);
  std::optional<CodecError> error;
  read(JsonReader(root, "", error));
  return error ? error->where + ": " + error->sentence : std::string();
}

constexpr Range<std::int64_t> small{.least = -5, .most = 5};

TEST(JsonReader, ANumberKeepsToItsRange) {
  const auto read = [](const JsonReader& in) {
    std::int64_t number = 3;
    std::optional<std::int64_t> maybe;
    in.number("n", number, small);
    in.number("m", maybe, small);
  };
  for (const char* text : {R"({"n":6})", R"({"n":-6})", R"({"n":18446744073709551615})"})
    EXPECT_EQ(error_in(text, read), "n: out of range") << text;
  for (const char* text : {R"({"n":1.0})", R"({"n":"1"})", R"({"n":true})", R"({"n":null})"})
    EXPECT_EQ(error_in(text, read), "n: not a whole number") << text;
  EXPECT_EQ(error_in(R"({"m":9})", read), "m: out of range");
  for (const char* text : {"{}", R"({"n":5,"m":-5})"}) EXPECT_EQ(error_in(text, read), "") << text;
}

TEST(JsonReader, NumbersKeepToTheirRangeAndTheirCount) {
  const auto read = [](const JsonReader& in) {
    std::vector<std::int64_t> numbers;
    in.numbers("n", 2, numbers, small);
  };
  EXPECT_EQ(error_in("{}", read), "n: missing");
  EXPECT_EQ(error_in(R"({"n":[1,2,3]})", read), "n: more than 2 entries");
  EXPECT_EQ(error_in(R"({"n":[1,6]})", read), "n[1]: no whole number in range");
  EXPECT_EQ(error_in(R"({"n":[null]})", read), "n[0]: no whole number in range");
  EXPECT_EQ(error_in(R"({"n":[-5,5]})", read), "");
}

TEST(JsonReader, WhatIsRequiredMustBeThere) {
  const auto read = [](const JsonReader& in) { in.require({"a", "b"}); };
  EXPECT_EQ(error_in(R"({"a":1})", read), "b: missing");
  EXPECT_EQ(error_in("[]", read), ": not an object");
  EXPECT_EQ(error_in(R"({"a":null,"b":0})", read), "");
}

TEST(JsonReader, TextAndBytesHaveABound) {
  std::string text = "as it was";
  std::string bytes;
  const auto read = [&](const JsonReader& in) {
    in.text("t", text, 3);
    in.bytes("b", bytes, 2);
  };
  EXPECT_EQ(error_in(R"({"t":"four"})", read), "t: longer than 3 bytes");
  EXPECT_EQ(error_in(R"({"b":"010203"})", read), "b: longer than 4 bytes");
  for (const char* bad : {R"({"b":""})", R"({"b":"0"})", R"({"b":"zz"})"})
    EXPECT_EQ(error_in(bad, read), "b: no bytes in hexadecimal digits") << bad;
  EXPECT_EQ(error_in(R"({"b":"0a0b"})", read), "");
  EXPECT_EQ(bytes, "\x0a\x0b");
  EXPECT_EQ(text, "as it was");
}

TEST(JsonReader, ADocumentIsWholeOrNone) {
  struct Pair {
    int a = 0;
    int b = 0;
  };
  const auto from = [](std::string_view text) {
    return document_from<Pair>(text, [](const JsonReader& in, Pair& pair) {
      in.number("a", pair.a);
      in.number("b", pair.b);
    });
  };
  for (const char* text : {"", "{", "7", R"({"a":1,"b":"x"})"}) EXPECT_FALSE(from(text)) << text;
  // The parser alone would take what stands before the NUL.
  using std::string_view_literals::operator""sv;
  for (const auto text : {"{\"a\":1,\"b\":2}\0"sv, "{\"a\":1,\"b\":2}\0{\"a\":9}"sv, "\0{}"sv})
    EXPECT_FALSE(from(text)) << text.size();
  EXPECT_EQ(from(R"({"a":1,"b":2})")->b, 2);
}

}  // namespace
}  // namespace oobm::store
