#include "agent/ctl/identity_view.hpp"

namespace oobm::ctl {
namespace {

std::string certificate(const std::string& title, const View& facts) {
  if (facts.has("error")) return title + ": " + facts.text("error") + "\n";
  return title + ": " + facts.text("subject") + "\n  issued by " + facts.text("issuer") +
         "\n  valid   " + facts.text("not_before") + " to " + facts.text("not_after") +
         "\n  key     " + facts.text("key") + "\n";
}

}  // namespace

std::string render_identity(const View& identity) {
  std::string text = identity.has("in_use") ? certificate("In use", identity.at("in_use"))
                                            : std::string("No certificate.\n");
  if (identity.has("on_trial")) {
    text += certificate("On trial", identity.at("on_trial"));
    text += "  It is shown at the next connection; the one in use stays until it is accepted.\n";
  }
  if (identity.has("refusal"))
    text += "The last new one was refused: " + identity.text("refusal") + "\n";
  if (identity.flag("request_open"))
    text += "A request was made; no certificate has been installed for it yet.\n";
  if (identity.has("session")) {
    const View session = identity.at("session");
    text += "Last session: " + session.text("tls") + ", " +
            (session.flag("resumed") ? "resumed\n" : "with certificates shown\n");
  }
  return text;
}

}  // namespace oobm::ctl
