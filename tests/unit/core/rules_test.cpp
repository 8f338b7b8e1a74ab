// docs/rules.md names the tests that prove each rule: every one that it names exists.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace oobm {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

struct TestName {
  std::string suite;
  std::string name;  // "*": any
};

// What stands between backticks as Suite.Name.
std::vector<TestName> named_tests(const std::string& page) {
  std::vector<TestName> found;
  std::size_t open = 0;
  while ((open = page.find('`', open)) != std::string::npos) {
    const auto close = page.find('`', open + 1);
    if (close == std::string::npos) break;
    const auto token = page.substr(open + 1, close - open - 1);
    open = close + 1;
    const auto dot = token.find('.');
    if (dot == std::string::npos) continue;
    TestName test{token.substr(0, dot), token.substr(dot + 1)};
    if (is_name(test.suite) && (test.name == "*" || is_name(test.name))) found.push_back(test);
  }
  return found;
}

// Every test source of the tree, white space taken out.
std::string all_test_sources() {
  std::string text;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(OOBM_SOURCE_DIR) + "/tests")) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".py") continue;
    auto source = read(entry.path());
    std::erase_if(source, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
    text += source;
  }
  return text;
}

bool exists(const TestName& test, const std::string& sources) {
  if (test.name.starts_with("test_"))
    return sources.contains("class" + test.suite + "(") &&
           sources.contains("def" + test.name + "(");
  return sources.contains("(" + test.suite + "," + (test.name == "*" ? "" : test.name + ")"));
}

TEST(RulesPage, NamesOnlyTestsThatExist) {
  const auto sources = all_test_sources();
  const auto tests = named_tests(read(std::string(OOBM_SOURCE_DIR) + "/docs/rules.md"));
  EXPECT_GT(tests.size(), 90U);
  for (const auto& test : tests)
    EXPECT_TRUE(exists(test, sources)) << test.suite << "." << test.name;
}

TEST(RulesPage, TheCheckWouldNoticeATestThatIsGone) {
  const auto sources = all_test_sources();
  const std::string suite = "RulesPage";
  EXPECT_FALSE(exists({suite, "NoSuch" + suite}, sources));
  EXPECT_TRUE(exists({suite, "NamesOnlyTestsThatExist"}, sources));
}

}  // namespace
}  // namespace oobm
