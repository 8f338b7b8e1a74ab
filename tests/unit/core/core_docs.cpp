// core_docs check|write DOCS-FOLDER: the parts of docs/ that are made from the core's tables. What
// stands between "<!-- made from the tables: NAME -->" and "<!-- end -->" is replaced (write) or
// compared (check, which exits with 1 and says what to run when a page is stale).
#include <array>
#include <string>
#include <string_view>

#include "agent/core/capability.hpp"
#include "agent/core/lifecycle.hpp"
#include "agent/core/reason.hpp"
#include "tests/support/made_page.hpp"

namespace {

using namespace oobm::core;

std::string cell(std::string_view text) { return " " + std::string(text) + " |"; }
std::string line(std::string_view text) { return std::string(text) + "\n"; }

std::string transition_table() {
  std::string out = line("| in state | on | if | goes to | and does | reason |");
  out += line("| --- | --- | --- | --- | --- | --- |");
  for (const auto& t : transitions())
    out += line("|" + cell(to_text(t.from)) + cell(to_text(t.on)) + cell(to_text(t.guard)) +
                cell(to_text(t.to)) + cell(to_text(t.action)) +
                cell("`" + std::string(code(t.reason)) + "`"));
  return out;
}

std::string diagram() {
  std::string out = line("```mermaid") + line("stateDiagram-v2") + line("    [*] --> UNREGISTERED");
  for (const auto& t : transitions()) {
    if (t.from == t.to) continue;
    std::string label(to_text(t.on));
    if (t.guard != Guard::always) label += " [" + std::string(to_text(t.guard)) + "]";
    out += line("    " + std::string(to_text(t.from)) + " --> " + std::string(to_text(t.to)) +
                ": " + label);
  }
  return out + line("```");
}

std::string capability_table() {
  constexpr std::array capabilities{Capability::connect,      Capability::lifecycle_task,
                                    Capability::service_task, Capability::heartbeat,
                                    Capability::telemetry,    Capability::file_transfer,
                                    Capability::bearer,       Capability::local_cli};
  std::string out = "| capability |";
  std::string rule = "| --- |";
  for (const auto state : all_lifecycles()) {
    out += cell(to_text(state));
    rule += " --- |";
  }
  out += " BLOCKED over any | ACTIVE, data used up |\n" + rule + " --- | --- |\n";
  for (const auto capability : capabilities) {
    out += "|" + cell(to_text(capability));
    for (const auto state : all_lifecycles()) out += cell(to_text(grant(state, false, capability)));
    out += cell(to_text(grant(Lifecycle::active, true, capability)));
    const Grant served = grant(Lifecycle::active, false, capability);
    out += cell(to_text(when_used_up(served, capability))) + "\n";
  }
  return out;
}

std::string reason_table() {
  std::string out = line("| code | what it says | what to do next |") + line("| --- | --- | --- |");
  for (const auto& row : reasons())
    out += line("|" + cell("`" + std::string(row.code) + "`") + cell(row.sentence) +
                (row.next_step.empty() ? " - |" : cell(row.next_step)));
  return out;
}

constexpr std::array parts{
    oobm::test::MadePart{"lifecycle.md", "diagram", diagram},
    oobm::test::MadePart{"lifecycle.md", "transitions", transition_table},
    oobm::test::MadePart{"lifecycle.md", "capabilities", capability_table},
    oobm::test::MadePart{"reasons.md", "reasons", reason_table},
};

}  // namespace

int main(int argc, char** argv) {
  return oobm::test::made_pages_main(argc, argv, parts, "core_docs");
}
