// Command lines are read in the manner that POSIX.1-2017 section 12.2 and getopt_long(3) have made
// usual: "--name VALUE", "--name=VALUE", "-n VALUE", "-nVALUE", and "--" before words that begin
// with a dash. A word that nobody asked for, a value out of its range and an option that stands
// twice are refused, never ignored: a misspelt option must not look like one that was obeyed.
//
// A parser of our own, because those of the libraries speak through iostream, which with its
// locales would be a fifth of the shipped program (docs/dependencies.md).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace oobm::cli {

// Both ends belong to it.
struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

struct OneOf {
  std::vector<std::string_view> words;
};

// One option, flag or word by position. Names and help are literals: they are not copied. What it
// writes to outlives the command line.
class Option {
 public:
  using Target = std::variant<bool*, int*, std::uint64_t*, std::string*>;

  Option(std::string_view names, Target target, std::string_view help)
      : names_(names), help_(help), target_(target) {}

  Option& required();
  Option& check(Range range);  // of an int; without one it takes any
  Option& check(OneOf allowed);
  Option& show_default();  // the help names the value that it has now

 private:
  friend class CommandLine;
  [[nodiscard]] bool is_flag() const { return std::holds_alternative<bool*>(target_); }
  [[nodiscard]] bool by_position() const { return !names_.starts_with('-'); }
  [[nodiscard]] bool answers_to(std::string_view name) const;
  [[nodiscard]] std::string_view shown_name() const;  // the first of its names
  [[nodiscard]] std::string allowed() const;          // "1 to 3600", "show, csr or install"
  [[nodiscard]] std::string help_line() const;
  // Nothing when the value was taken, else what is wrong with it.
  std::optional<std::string> take(std::string_view value);

  std::string_view names_;  // "--last,-n"
  std::string_view help_;
  Target target_;
  std::optional<Range> range_;
  std::vector<std::string_view> words_;
  std::string default_;
  bool required_ = false;
  bool given_ = false;
};

// Nothing is left to be done: help or the version was asked for, or the words make no sense.
struct Ending {
  bool wrong = false;  // for standard error and an exit status that says so
  std::string text;    // whole lines
};

class CommandLine {
 public:
  // Both texts are literals.
  CommandLine(std::string_view name, std::string_view about) : name_(name), about_(about) {}

  // A name with dashes ("--last,-n") or, by position, without ("url").
  Option& add(std::string_view names, Option::Target target, std::string_view help);
  // --version prints this one line.
  void set_version(std::string_view text) { version_ = text; }
  // Stands below the help.
  void set_footer(std::string_view text) { footer_ = text; }
  // A command: exactly one of them has to be named, once there is one. Options of this command line
  // may stand after the command's name too. The reference stays valid.
  CommandLine& add_command(std::string_view name, std::string_view about);

  // argv[0] is not read. Targets that no word named keep their values; after an ending with
  // `wrong` any of them may have changed.
  std::optional<Ending> parse(int argc, const char* const* argv);

  // The index of the command that was named, in the order of add_command().
  [[nodiscard]] std::optional<std::size_t> chosen() const { return chosen_; }
  [[nodiscard]] std::string help() const;

 private:
  struct Words;
  std::optional<Ending> parse_words(Words& words);
  std::optional<Ending> parse_option(std::string_view word, Words& words);
  std::optional<Ending> parse_plain(std::string_view word);
  [[nodiscard]] std::optional<Ending> missing() const;
  Option* find(std::string_view name);
  Option* next_by_position();
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::string usage() const;
  [[nodiscard]] Ending wrong(const std::string& sentence) const;

  std::string_view name_;
  std::string_view about_;
  std::string_view version_;
  std::string_view footer_;
  CommandLine* parent_ = nullptr;
  std::list<Option> options_;
  std::list<CommandLine> commands_;
  CommandLine* command_ = nullptr;
  std::optional<std::size_t> chosen_;
};

}  // namespace oobm::cli
