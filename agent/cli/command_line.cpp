#include "agent/cli/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace oobm::cli {
namespace {

constexpr std::size_t help_column = 28;

// The first of several, "--last" of "--last,-n"; `rest` becomes what follows the comma.
std::string_view next_name(std::string_view& rest) {
  const auto comma = std::min(rest.find(','), rest.size());
  const auto name = rest.substr(0, comma);
  rest.remove_prefix(std::min(comma + 1, rest.size()));
  return name;
}

std::string padded(std::string text) {
  if (text.size() + 2 > help_column) return text + "\n" + std::string(help_column, ' ');
  text.resize(help_column, ' ');
  return text;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

std::string value_word(const Option::Target& target) {
  if (std::holds_alternative<bool*>(target)) return "";
  return std::holds_alternative<std::string*>(target) ? " TEXT" : " NUMBER";
}

std::string current(const Option::Target& target) {
  if (const auto* text = std::get_if<std::string*>(&target)) return **text;
  if (const auto* count = std::get_if<int*>(&target)) return std::to_string(**count);
  if (const auto* size = std::get_if<std::uint64_t*>(&target)) return std::to_string(**size);
  return "";
}

}  // namespace

Option& Option::required() {
  required_ = true;
  return *this;
}

Option& Option::check(Range range) {
  range_ = range;
  return *this;
}

Option& Option::check(OneOf allowed) {
  words_ = std::move(allowed.words);
  return *this;
}

Option& Option::show_default() {
  default_ = current(target_);
  return *this;
}

bool Option::answers_to(std::string_view name) const {
  for (auto rest = names_; !rest.empty();)
    if (next_name(rest) == name) return true;
  return false;
}

std::string_view Option::shown_name() const {
  auto rest = names_;
  return next_name(rest);
}

std::string Option::allowed() const {
  if (range_) return std::to_string(range_->least) + " to " + std::to_string(range_->most);
  std::string text;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (i > 0) text += i + 1 == words_.size() ? " or " : ", ";
    text += words_[i];
  }
  return text;
}

std::string Option::help_line() const {
  std::string shown;
  for (auto rest = names_; !rest.empty();)
    shown.append(shown.empty() ? "" : ", ").append(next_name(rest));
  if (!by_position()) shown += value_word(target_);
  std::string line = padded("  " + shown).append(help_);
  if (const auto bounds = allowed(); !bounds.empty()) line += " (" + bounds + ")";
  if (!default_.empty()) line += " [" + default_ + "]";
  return line + "\n";
}

std::optional<std::string> Option::take(std::string_view value) {
  const auto refuse = [&](std::string_view wanted) {
    return "\"" + std::string(value) + "\" is not allowed, it must be " + std::string(wanted);
  };
  if (auto* const* text = std::get_if<std::string*>(&target_)) {
    if (!words_.empty() && std::ranges::find(words_, value) == words_.end())
      return refuse(allowed());
    **text = value;
  } else if (auto* const* count = std::get_if<int*>(&target_)) {
    const Range whole{std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};
    const auto [least, most] = range_.value_or(whole);
    const auto found = number<std::int64_t>(value);
    if (!found || *found < least || *found > most)
      return refuse(range_ ? allowed() : "a whole number");
    **count = static_cast<int>(*found);
  } else if (auto* const* size = std::get_if<std::uint64_t*>(&target_)) {
    const auto found = number<std::uint64_t>(value);
    if (!found) return refuse("a whole number, 0 or more");
    **size = *found;
  }
  return std::nullopt;
}

// What is still to be read.
struct CommandLine::Words {
  const char* const* next;
  const char* const* end;
  bool options_ended = false;
};

Option& CommandLine::add(std::string_view names, Option::Target target, std::string_view help) {
  return options_.emplace_back(names, target, help);
}

CommandLine& CommandLine::add_command(std::string_view name, std::string_view about) {
  auto& command = commands_.emplace_back(name, about);
  command.parent_ = this;
  return command;
}

std::string CommandLine::path() const {
  return (parent_ == nullptr ? "" : parent_->path() + " ").append(name_);
}

std::string CommandLine::usage() const {
  std::string text = "usage: " + path();
  for (const auto& option : options_)
    if (option.by_position())
      text.append(option.required_ ? " " : " [")
          .append(option.names_)
          .append(option.required_ ? "" : "]");
  text += " [OPTIONS]";
  return text + (commands_.empty() ? "\n" : " COMMAND\n");
}

Ending CommandLine::wrong(const std::string& sentence) const {
  return {.wrong = true,
          .text = path() + ": " + sentence + ".\n" + usage() + "More: " + path() + " --help\n"};
}

std::string CommandLine::help() const {
  std::string text = std::string(about_) + "\n" + usage() + "\nOptions:\n";
  text += padded("  -h, --help") + "Print this\n";
  if (!version_.empty()) text += padded("  --version") + "Print the version\n";
  for (const auto& option : options_) text += option.help_line();
  if (!commands_.empty()) text += "\nCommands:\n";
  for (const auto& command : commands_)
    text += padded("  " + std::string(command.name_)).append(command.about_) + "\n";
  if (!footer_.empty()) text.append("\n").append(footer_).append("\n");
  return text;
}

Option* CommandLine::find(std::string_view name) {
  const auto found =
      std::ranges::find_if(options_, [&](const Option& option) { return option.answers_to(name); });
  if (found != options_.end()) return &*found;
  return parent_ == nullptr ? nullptr : parent_->find(name);
}

Option* CommandLine::next_by_position() {
  const auto found = std::ranges::find_if(
      options_, [](const Option& option) { return option.by_position() && !option.given_; });
  return found == options_.end() ? nullptr : &*found;
}

std::optional<Ending> CommandLine::parse_option(std::string_view word, Words& words) {
  if (word == "--help" || word == "-h") return Ending{.wrong = false, .text = help()};
  if (word == "--version" && !version_.empty())
    return Ending{.wrong = false, .text = std::string(version_) + "\n"};
  // "--name=VALUE", "-nVALUE"
  const bool is_long = word.starts_with("--");
  const auto cut = is_long ? std::min(word.find('='), word.size()) : std::size_t{2};
  const auto name = word.substr(0, cut);
  auto value = word.substr(std::min(is_long ? cut + 1 : cut, word.size()));
  const bool attached = word.size() > cut;

  Option* option = find(name);
  if (option == nullptr) return wrong("there is no option " + std::string(name));
  if (option->given_) return wrong(std::string(name) + " stands twice");
  option->given_ = true;
  if (bool* const* flag = std::get_if<bool*>(&option->target_)) {
    if (attached) return wrong(std::string(name) + " takes no value");
    **flag = true;
    return std::nullopt;
  }
  if (!attached) {
    if (words.next == words.end) return wrong(std::string(name) + " wants a value");
    value = *words.next++;
  }
  if (const auto why = option->take(value)) return wrong(std::string(name) + ": " + *why);
  return std::nullopt;
}

std::optional<Ending> CommandLine::parse_plain(std::string_view word) {
  if (!commands_.empty()) {
    const auto found = std::ranges::find(commands_, word, &CommandLine::name_);
    if (found == commands_.end()) return wrong("there is no command " + std::string(word));
    command_ = &*found;
    chosen_ = static_cast<std::size_t>(std::distance(commands_.begin(), found));
    return std::nullopt;
  }
  Option* option = next_by_position();
  if (option == nullptr) return wrong("\"" + std::string(word) + "\" is one word too many");
  option->given_ = true;
  if (const auto why = option->take(word)) return wrong(std::string(option->names_) + ": " + *why);
  return std::nullopt;
}

std::optional<Ending> CommandLine::parse_words(Words& words) {
  while (words.next != words.end) {
    const std::string_view word = *words.next++;
    std::optional<Ending> ending;
    if (!words.options_ended && word == "--")
      words.options_ended = true;
    else if (!words.options_ended && word.size() > 1 && word.starts_with('-'))
      ending = parse_option(word, words);
    else
      ending = parse_plain(word);
    if (ending) return ending;
    if (command_ != nullptr) return command_->parse_words(words);
  }
  return missing();
}

std::optional<Ending> CommandLine::missing() const {
  if (!commands_.empty()) return wrong("a command is missing");
  for (const auto* line = this; line != nullptr; line = line->parent_)
    for (const auto& option : line->options_)
      if (option.required_ && !option.given_)
        return wrong(std::string(option.shown_name()) + " is missing");
  return std::nullopt;
}

std::optional<Ending> CommandLine::parse(int argc, const char* const* argv) {
  Words words{.next = argv + std::min(argc, 1), .end = argv + argc};
  return parse_words(words);
}

}  // namespace oobm::cli
