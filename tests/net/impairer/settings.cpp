#include "tests/net/impairer/settings.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace oobm::netbench {
namespace {

using std::chrono::milliseconds;

struct Word {
  std::string_view name;
  std::uint32_t most;
  void (*set)(Settings&, std::uint32_t);
};

constexpr std::uint32_t longest_delay_ms = 10'000;
constexpr std::uint32_t longest_idle_ms = 600'000;
constexpr std::uint32_t highest_rate = 1'000'000'000;
constexpr std::uint32_t latest_reset = 1'000;

constexpr std::array<Word, 10> words_known{{
    {"loss", 100, [](Settings& s, std::uint32_t v) { s.loss = v; }},
    {"duplicate", 100, [](Settings& s, std::uint32_t v) { s.duplicate = v; }},
    {"reorder", 100, [](Settings& s, std::uint32_t v) { s.reorder = v; }},
    {"delay", longest_delay_ms, [](Settings& s, std::uint32_t v) { s.delay = milliseconds(v); }},
    {"jitter", longest_delay_ms, [](Settings& s, std::uint32_t v) { s.jitter = milliseconds(v); }},
    {"rate", highest_rate, [](Settings& s, std::uint32_t v) { s.rate = v; }},
    {"black_hole", 1, [](Settings& s, std::uint32_t v) { s.black_hole = v == 1; }},
    {"nat_idle", longest_idle_ms,
     [](Settings& s, std::uint32_t v) { s.nat_idle = milliseconds(v); }},
    {"reset_at", latest_reset, [](Settings& s, std::uint32_t v) { s.reset_at = v; }},
    {"deaf_port", std::numeric_limits<std::uint16_t>::max(),
     [](Settings& s, std::uint32_t v) { s.deaf_port = static_cast<std::uint16_t>(v); }},
}};

std::unexpected<std::string> bad(std::string_view word, const std::string& why) {
  return std::unexpected(std::string(word) + ": " + why);
}

std::expected<void, std::string> apply_number(Settings& settings, std::string_view word) {
  const auto equals = word.find('=');
  const auto name = word.substr(0, equals);
  for (const auto& known : words_known) {
    if (known.name != name) continue;
    const auto text = equals == std::string_view::npos ? "" : word.substr(equals + 1);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > known.most)
      return bad(word, "wants 0 to " + std::to_string(known.most));
    known.set(settings, value);
    return {};
  }
  return bad(word, "is no setting");
}

std::expected<void, std::string> apply_word(Settings& settings, std::string_view word) {
  if (word == "clear") {
    settings = {};
    return {};
  }
  if (word == "nat=drop" || word == "nat=reset") {
    settings.nat_resets = word == "nat=reset";
    return {};
  }
  return apply_number(settings, word);
}

}  // namespace

std::expected<void, std::string> apply(Settings& settings, std::string_view words) {
  auto changed = settings;
  while (!words.empty()) {
    const auto blank = words.find(' ');
    const auto word = words.substr(0, blank);
    words.remove_prefix(blank == std::string_view::npos ? words.size() : blank + 1);
    if (word.empty()) continue;
    if (const auto done = apply_word(changed, word); !done) return done;
  }
  settings = changed;
  return {};
}

}  // namespace oobm::netbench
