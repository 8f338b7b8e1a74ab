#include "agent/ctl/event_view.hpp"

#include "agent/ctl/words.hpp"

namespace oobm::ctl {

std::string render_event(const View& event) {
  std::string when = event.text("time");
  if (when.empty()) when = "boot + " + duration_words(event.integer("at_ms").value_or(0));
  std::string line = when + "  " + event.text("event");
  const std::string code = event.text("code");
  const std::string text = event.text("text");
  const std::string words = text.empty() ? event.text("sentence") : text;
  if (!code.empty()) line += "  " + code;
  if (!words.empty()) line += (code.empty() ? "  " : ": ") + words;
  return line + "\n";
}

}  // namespace oobm::ctl
