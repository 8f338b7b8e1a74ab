#include "hal/at/line_splitter.hpp"

#include <algorithm>

#include "hal/at/fields.hpp"
#include "hal/at/result_code.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

bool line_break(char c) { return c == '\r' || c == '\n'; }
bool plain_character(char c) { return (c >= 0x20 && c <= 0x7e) || c == '\t'; }

}  // namespace

LineSplitter::LineSplitter() { line_.reserve(max_line_bytes); }

std::optional<std::string_view> LineSplitter::next(std::string_view& bytes) {
  for (;;) {
    if (giving_) {
      if (const auto line = next_given()) return line;
      resume();
    }
    if (bytes.empty()) return std::nullopt;
    if (take(bytes.front())) bytes.remove_prefix(1);
  }
}

void LineSplitter::clear() {
  line_.clear();
  segment_ = 0;
  quoted_ = discarding_ = giving_ = false;
}

// False: not taken, to be offered again.
bool LineSplitter::take(char c) {
  if (line_break(c)) return quoted_ ? quoted_line_break() : end_of_line();
  if (discarding_) return true;
  const bool eight_bit = static_cast<unsigned char>(c) >= 0x80;
  if (!plain_character(c) && !(quoted_ && eight_bit)) {
    ++counters_.dropped_bytes;
    return true;
  }
  if (line_.size() == max_line_bytes) return overflow();
  if (c == '"') quoted_ = !quoted_;
  line_ += c;
  return true;
}

bool LineSplitter::end_of_line() {
  discarding_ = false;
  if (segment_ > 0 && !quotes_are_broken()) std::ranges::replace(line_, '\n', ' ');
  give(line_.size());
  return true;
}

bool LineSplitter::quoted_line_break() {
  if (segment_ == line_.size()) return true;
  if (quotes_are_broken()) {
    give(line_.size());
    return true;
  }
  if (line_.size() == max_line_bytes) return overflow();
  line_ += '\n';
  segment_ = line_.size();
  return true;
}

// Judged by the text after the last line break: earlier ones were judged when they ended.
bool LineSplitter::quotes_are_broken() const {
  const auto segment = std::string_view(line_).substr(segment_);
  return is_result_code(segment) || (segment_ > 0 && names_an_answer(segment));
}

bool LineSplitter::overflow() {
  if (segment_ > 0) {
    give(segment_);
    return false;
  }
  ++counters_.overlong_lines;
  clear();
  discarding_ = true;
  return false;
}

void LineSplitter::give(std::size_t end) {
  giving_ = true;
  given_ = 0;
  end_ = end;
}

std::optional<std::string_view> LineSplitter::next_given() {
  while (given_ < end_) {
    const auto rest = std::string_view(line_).substr(given_, end_ - given_);
    const auto length = std::min(rest.find('\n'), rest.size());
    given_ += std::min(length + 1, rest.size());
    if (const auto line = trim(rest.substr(0, length)); !line.empty()) return line;
  }
  return std::nullopt;
}

// What is kept here is given next time or thrown away: no byte is moved twice.
void LineSplitter::resume() {
  giving_ = false;
  line_.erase(0, end_);
  segment_ = 0;
  quoted_ = std::ranges::count(line_, '"') % 2 != 0;
}

}  // namespace oobm::hal::at
