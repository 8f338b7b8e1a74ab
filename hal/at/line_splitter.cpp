#include "hal/at/line_splitter.hpp"

#include <algorithm>

#include "hal/at/result_code.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

bool line_break(char c) { return c == '\r' || c == '\n'; }
bool plain_character(char c) { return (c >= 0x20 && c <= 0x7e) || c == '\t'; }

}  // namespace

void LineSplitter::feed(std::string_view bytes) {
  for (char c : bytes) take(c);
}

std::optional<std::string> LineSplitter::next() {
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  return line;
}

void LineSplitter::clear() {
  line_.clear();
  lines_.clear();
  segment_ = 0;
  quoted_ = discarding_ = false;
}

void LineSplitter::take(char c) {
  if (line_break(c)) return quoted_ ? quoted_line_break() : end_of_line();
  if (discarding_) return;
  const bool eight_bit = static_cast<unsigned char>(c) >= 0x80;
  if (!plain_character(c) && !(quoted_ && eight_bit)) {
    ++counters_.dropped_bytes;
    return;
  }
  if (c == '"') quoted_ = !quoted_;
  line_ += c;
  if (line_.size() > max_line_bytes) overflow();
}

void LineSplitter::end_of_line() {
  discarding_ = false;
  emit(line_);
  line_.clear();
  segment_ = 0;
}

void LineSplitter::quoted_line_break() {
  if (segment_ == line_.size()) return;
  if (parse_result_code(std::string_view(line_).substr(segment_))) return split_broken_quotes();
  line_ += '\n';
  segment_ = line_.size();
  if (line_.size() > max_line_bytes) overflow();
}

void LineSplitter::split_broken_quotes() {
  std::string_view rest = line_;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    emit(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  line_.clear();
  segment_ = 0;
  quoted_ = false;
}

void LineSplitter::overflow() {
  const bool has_breaks = segment_ != 0;
  if (has_breaks) return split_broken_quotes();
  ++counters_.overlong_lines;
  line_.clear();
  quoted_ = false;
  discarding_ = true;
}

void LineSplitter::emit(std::string_view line) {
  line = trim(line);
  if (line.empty()) return;
  if (lines_.size() == max_lines) {
    lines_.pop_front();
    ++counters_.dropped_lines;
  }
  std::string whole(line);
  std::ranges::replace(whole, '\n', ' ');
  lines_.push_back(std::move(whole));
}

}  // namespace oobm::hal::at
