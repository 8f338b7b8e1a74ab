// From bytes to lines. Any run of CR and LF ends a line (modules end lines with CR LF, CR alone or
// several of each). A line break inside quotes belongs to the value, but a quote that was never
// closed must not swallow what follows: when a final result code stands alone on a line inside the
// quotes, or the line grows too long, the quotes are taken as broken and the line breaks count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::hal::at {

class LineSplitter {
 public:
  static constexpr std::size_t max_line_bytes = 2048;
  static constexpr std::size_t max_lines = 256;  // waiting to be taken; the oldest gives way

  struct Counters {
    std::uint64_t dropped_bytes = 0;   // NUL, other control characters, 8-bit bytes outside quotes
    std::uint64_t overlong_lines = 0;  // thrown away whole
    std::uint64_t dropped_lines = 0;   // not taken in time
  };

  void feed(std::string_view bytes);

  // The next whole line: never empty, trimmed, a line break inside quotes given as one blank.
  std::optional<std::string> next();

  // Forgets the unfinished line and all waiting ones.
  void clear();

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  void take(char c);
  void end_of_line();
  void quoted_line_break();
  void split_broken_quotes();
  void overflow();
  void emit(std::string_view line);

  std::string line_;         // unfinished; line breaks inside quotes are kept as LF
  std::size_t segment_ = 0;  // where the text after the last line break in line_ begins
  bool quoted_ = false;
  bool discarding_ = false;  // the rest of an overlong line
  std::deque<std::string> lines_;
  Counters counters_;
};

}  // namespace oobm::hal::at
