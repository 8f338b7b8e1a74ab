#include "agent/ctl/install_view.hpp"

namespace oobm::ctl {
namespace {

std::string outcome(const View& install) {
  if (install.text("phase") != "ended") return "Under way: " + install.text("doing") + ".\n";
  std::string text = install.text("code") + ": " + install.text("sentence") + "\n";
  if (const auto next = install.text("next_step"); !next.empty()) text += "Do: " + next + "\n";
  return text;
}

}  // namespace

std::string render_install(const View& install) {
  const auto running = install.text("running");
  std::string text = "Running " + (running.empty() ? "an unknown version" : running) + ".\n";
  const auto version = install.text("version");
  if (version.empty()) return text + "ALMS has ordered no other.\n";
  text += "Ordered " + version + " from " + install.text("url") + " (task " + install.text("uid") +
          ").\n";
  return text + outcome(install);
}

}  // namespace oobm::ctl
