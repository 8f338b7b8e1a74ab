#include "agent/cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oobm::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Values {
  std::string socket = "/run/s";
  bool json = false;
  int last = 7;
  std::uint64_t size = 0;
  std::string action = "show";
  std::string url;
};

// A command line with everything that there is.
struct Bench {
  Values values;
  CommandLine line{"tool", "A tool."};

  Bench() {
    line.set_version("tool 1.2");
    line.set_footer("That was all.");
    line.add("--socket", &values.socket, "Where").show_default();
    auto& list = line.add_command("list", "Lists");
    list.add("--json,-j", &values.json, "As JSON");
    list.add("--last,-n", &values.last, "How many").check(Range{0, 9}).show_default();
    auto& fetch = line.add_command("fetch", "Fetches");
    fetch.add("url", &values.url, "From where").required();
    fetch.add("action", &values.action, "What").check(OneOf{{"show", "csr", "install"}});
    fetch.add("--size", &values.size, "Bytes").required();
  }

  std::optional<Ending> parse(std::vector<const char*> words) {
    words.insert(words.begin(), "tool");
    return line.parse(static_cast<int>(words.size()), words.data());
  }
};

std::string complaint(const std::vector<const char*>& words) {
  const auto ending = Bench().parse(words);
  return ending && ending->wrong ? ending->text : "";
}

TEST(CommandLine, nothing_is_ignored) {
  EXPECT_THAT(complaint({}), HasSubstr("tool: a command is missing."));
  EXPECT_THAT(complaint({"dance"}), HasSubstr("there is no command dance"));
  EXPECT_THAT(complaint({"list", "more"}), HasSubstr("\"more\" is one word too many"));
  EXPECT_THAT(complaint({"list", "--jsno"}), HasSubstr("there is no option --jsno"));
  EXPECT_THAT(complaint({"--last", "1", "list"}), HasSubstr("there is no option --last"));
  EXPECT_THAT(complaint({"list", "-x"}), HasSubstr("there is no option -x"));
  EXPECT_THAT(complaint({"list", "--json", "-j"}), HasSubstr("-j stands twice"));
  EXPECT_THAT(complaint({"list", "--json=yes"}), HasSubstr("--json takes no value"));
  EXPECT_THAT(complaint({"list", "--last"}), HasSubstr("--last wants a value"));
}

TEST(CommandLine, what_is_required_is_asked_for) {
  EXPECT_THAT(complaint({"fetch", "--size", "1"}), HasSubstr("url is missing"));
  EXPECT_THAT(complaint({"fetch", "u"}), HasSubstr("--size is missing"));
}

TEST(CommandLine, values_out_of_bounds_are_refused_with_the_bounds) {
  for (const char* wrong : {"-1", "10", "x", "", "1x", "99999999999999999999"})
    EXPECT_THAT(complaint({"list", "--last", wrong}), HasSubstr("must be 0 to 9")) << wrong;
  for (const char* wrong : {"-1", "x", "", "18446744073709551616"})
    EXPECT_THAT(complaint({"fetch", "u", "--size", wrong}), HasSubstr("a whole number")) << wrong;
  EXPECT_THAT(complaint({"fetch", "u", "dance"}), HasSubstr("must be show, csr or install"));
}

TEST(CommandLine, a_complaint_says_where_more_is_to_be_read) {
  EXPECT_THAT(complaint({"list", "more"}), HasSubstr("More: tool list --help\n"));
  EXPECT_THAT(complaint({"fetch"}), HasSubstr("usage: tool fetch url [action] [OPTIONS]\n"));
}

TEST(CommandLine, every_way_to_write_a_value) {
  for (const auto& words : std::vector<std::vector<const char*>>{{"list", "--last", "3", "--json"},
                                                                 {"list", "--last=3", "-j"},
                                                                 {"list", "-n", "3", "-j"},
                                                                 {"list", "-j", "-n3"}}) {
    Bench bench;
    EXPECT_FALSE(bench.parse(words));
    EXPECT_EQ(bench.values.last, 3);
    EXPECT_TRUE(bench.values.json);
    EXPECT_EQ(bench.line.chosen(), 0U);
  }
}

TEST(CommandLine, what_is_not_named_keeps_its_value) {
  Bench bench;
  EXPECT_FALSE(bench.parse({"list"}));
  EXPECT_EQ(bench.values.last, 7);
  EXPECT_EQ(bench.values.socket, "/run/s");
  EXPECT_FALSE(bench.values.json);
}

TEST(CommandLine, common_options_stand_before_or_after_the_command) {
  for (const auto& words :
       std::vector<std::vector<const char*>>{{"--socket", "/s", "list"}, {"list", "--socket=/s"}}) {
    Bench bench;
    EXPECT_FALSE(bench.parse(words));
    EXPECT_EQ(bench.values.socket, "/s");
  }
}

TEST(CommandLine, words_by_position_and_words_that_begin_with_a_dash) {
  Bench bench;
  EXPECT_FALSE(bench.parse({"fetch", "--size", "18446744073709551615", "--", "-u-", "csr"}));
  EXPECT_EQ(bench.values.url, "-u-");
  EXPECT_EQ(bench.values.action, "csr");
  EXPECT_EQ(bench.values.size, UINT64_MAX);
  EXPECT_EQ(bench.line.chosen(), 1U);
}

TEST(CommandLine, help_and_version_are_no_mistakes) {
  for (const char* word : {"--help", "-h", "--version"}) {
    const auto ending = Bench().parse({word});
    ASSERT_TRUE(ending);
    EXPECT_FALSE(ending->wrong);
  }
  EXPECT_EQ(Bench().parse({"--version"})->text, "tool 1.2\n");
  EXPECT_THAT(complaint({"list", "--version"}), HasSubstr("there is no option --version"));
}

TEST(CommandLine, help_names_everything) {
  const auto whole = Bench().parse({"--help"})->text;
  for (const char* part : {"A tool.\n", "usage: tool [OPTIONS] COMMAND\n", "--socket TEXT",
                           "[/run/s]", "--version", "  list ", "Fetches\n", "\nThat was all.\n"})
    EXPECT_THAT(whole, HasSubstr(part));
  const auto list = Bench().parse({"list", "--help"})->text;
  for (const char* part : {"--json, -j", "--last, -n NUMBER", "How many (0 to 9) [7]\n"})
    EXPECT_THAT(list, HasSubstr(part));
  EXPECT_THAT(list, Not(HasSubstr("Commands:")));
}

}  // namespace
}  // namespace oobm::cli
