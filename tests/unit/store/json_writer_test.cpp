#include "agent/store/json_writer.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace oobm::store {
namespace {

using nlohmann::json;

std::string written(auto fill) {
  std::string out;
  {
    JsonObject object(out);
    fill(object);
  }
  return out;
}

// Whatever bytes a text came with, the document stays one, and what is UTF-8 comes back.
TEST(JsonWriter, KeepsEveryTextThatIsUtf8) {
  for (const std::string text : {"", "plain ~", "\"quoted\"", "back\\slash", "line\nfeed",
                                 "\x01\x7f", "Zürich", "\xF0\x9F\x93\xA1", "a\tb"}) {
    const auto out = written([&](JsonObject& object) { object.text("key", text); });
    const json read = json::parse(out, nullptr, false);
    ASSERT_TRUE(read.is_object()) << out;
    EXPECT_EQ(read["key"], text);
  }
}

TEST(JsonWriter, KeepsANulByteAndReplacesWhatIsNoUtf8) {
  const std::string with_nul("a\0b", 3);
  const auto out = written(
      [&](JsonObject& object) { object.text("nul", with_nul).text("broken", "a\xff\xc3"); });
  EXPECT_FALSE(out.contains('\0'));
  const json read = json::parse(out);
  EXPECT_EQ(read["nul"], with_nul);
  EXPECT_EQ(read["broken"], "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonWriter, WritesTheEndsOfEveryRange) {
  const auto out = written([](JsonObject& object) {
    object.number("least", std::numeric_limits<std::int64_t>::min());
    object.number("most", std::numeric_limits<std::uint64_t>::max());
    object.number("some", std::optional<std::int64_t>(-1)).number("none", std::optional<int>());
    object.real("level", -101.5).real("no level", std::nullopt);
    object.boolean("yes", true).boolean("no", false);
  });
  EXPECT_EQ(out, R"({"least":-9223372036854775808,"most":18446744073709551615,"some":-1,)"
                 R"("level":-101.5,"yes":true,"no":false})");
}

TEST(JsonWriter, NestsObjectsAndLists) {
  const std::vector<std::string> names{"a", "\""};
  const std::vector<int> none;
  const auto out = written([&](JsonObject& object) {
    object.texts("names", names).numbers("none", none);
    object.member("inner").number("one", 1).member("empty");
    object.each("items", names,
                [](JsonObject&& item, const std::string& name) { item.text("name", name); });
    object.each("no items", none, [](JsonObject&& item, int n) { item.number("n", n); });
  });
  EXPECT_EQ(out, R"({"names":["a","\""],"none":[],"inner":{"one":1,"empty":{}},)"
                 R"("items":[{"name":"a"},{"name":"\""}],"no items":[]})");
  EXPECT_EQ(written([](JsonObject&) {}), "{}");
}

}  // namespace
}  // namespace oobm::store
