#include "tests/net/impairer/script.hpp"

#include <charconv>
#include <system_error>

#include "tests/net/impairer/settings.hpp"

namespace oobm::netbench {
namespace {

constexpr double longest_seconds = 86'400;

std::expected<ScriptLine, std::string> parse_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected("has no colon");
  double seconds = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + colon, seconds);
  const bool whole = error == std::errc() && end == line.data() + colon;
  const bool in_range = seconds >= 0 && seconds <= longest_seconds;  // a NaN is not
  if (!whole || !in_range) {
    return std::unexpected("wants seconds before the colon");
  }
  const auto words = line.substr(colon + 1);
  Settings trial;
  if (const auto done = apply(trial, words); !done) return std::unexpected(done.error());
  return ScriptLine{std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000)),
                    std::string(words)};
}

}  // namespace

std::expected<std::vector<ScriptLine>, std::string> parse_script(std::string_view text) {
  std::vector<ScriptLine> script;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    auto parsed = parse_line(line);
    if (parsed && !script.empty() && parsed->at < script.back().at)
      parsed = std::unexpected("is earlier than the one before");
    if (!parsed) return std::unexpected("line " + std::to_string(number) + ": " + parsed.error());
    script.push_back(*std::move(parsed));
  }
  return script;
}

}  // namespace oobm::netbench
