#include "agent/ctl/time_view.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "agent/ctl/words.hpp"

namespace oobm::ctl {
namespace {

constexpr const char* sources[] = {"alms", "modem", "system"};
constexpr std::size_t name_width = 32;

std::string known(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string ago(const View& reading) {
  return duration_words(reading.integer("age_ms").value_or(0)) + " ago";
}

std::string difference(std::int64_t seconds) {
  if (seconds == 0) return "as believed";
  const auto words = duration_words(std::abs(seconds) * 1000);
  return words + (seconds > 0 ? " ahead of it" : " behind it");
}

std::string reading_words(const View& source) {
  if (source.text("utc").empty()) return "silent in this boot";
  return source.text("utc") + ", read " + ago(source) + ", " +
         difference(source.integer("difference_s").value_or(0));
}

std::string source_lines(const View& source) {
  auto name = source.text("name");
  if (name.empty()) return {};
  name.resize(std::max(name_width, name.size()), ' ');
  if (!source.has("refused")) return "  " + name + reading_words(source) + "\n";
  const View refused = source.at("refused");
  return "  " + name + "said " + known(refused.text("utc")) + " " + ago(refused) +
         ", refused: " + known(refused.text("because")) + "\n";
}

}  // namespace

std::string time_sentence(const View& time) {
  return "I believe it is " + known(time.text("utc")) + " because " + known(time.text("because")) +
         " (level " + known(time.text("level")) + ").";
}

std::string render_time(const View& time) {
  std::string text = time_sentence(time) + "\n\nSources\n";
  for (const char* source : sources) text += source_lines(time.at("sources").at(source));
  return text + "\nCertain: not before " + known(time.text("not_before")) +
         ".\nTo raise the level: " + known(time.text("to_raise")) + ".\n";
}

}  // namespace oobm::ctl
