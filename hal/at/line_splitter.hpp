// From bytes to lines. Any run of CR and LF ends a line (modules end lines with CR LF, CR alone or
// several of each). A line break inside quotes belongs to the value, but a quote that was never
// closed must not swallow what follows: when a final result code or the name of another answer
// begins a line inside the quotes, or the line grows too long, the quotes are taken as broken and
// the line breaks count.
//
// One line is held at a time, in memory that is taken once: noise costs no allocation, and no line
// is lost because another came first. Each byte is looked at a fixed number of times at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::hal::at {

class LineSplitter {
 public:
  static constexpr std::size_t max_line_bytes = 2048;

  struct Counters {
    std::uint64_t dropped_bytes = 0;   // NUL, other control characters, 8-bit bytes outside quotes
    std::uint64_t overlong_lines = 0;  // thrown away whole
  };

  LineSplitter();

  // Takes bytes from the front of `bytes` until a line is whole, and returns it: never empty,
  // trimmed, a line break inside quotes given as one blank, at most max_line_bytes. The text is
  // valid until the next call of a member. Nothing: all bytes are taken, and no line is whole.
  // Call it until it returns nothing, also when `bytes` is empty: one byte may end several lines.
  std::optional<std::string_view> next(std::string_view& bytes);

  // Forgets the unfinished line.
  void clear();

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  bool take(char c);
  bool end_of_line();
  bool quoted_line_break();
  bool overflow();
  void give(std::size_t end);
  std::optional<std::string_view> next_given();
  void resume();
  [[nodiscard]] bool quotes_are_broken() const;

  std::string line_;         // line breaks inside quotes are kept as LF
  std::size_t segment_ = 0;  // where the text after the last line break in line_ begins
  bool quoted_ = false;      // inside quotes
  bool discarding_ = false;  // the rest of an overlong line

  // While giving_: the lines between given_ and end_ are to be returned; what follows end_ is the
  // beginning of the next.
  bool giving_ = false;
  std::size_t given_ = 0;
  std::size_t end_ = 0;
  Counters counters_;
};

}  // namespace oobm::hal::at
