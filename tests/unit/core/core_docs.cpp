// core_docs check|write DOCS-FOLDER: the parts of docs/ that are made from the core's tables. What
// stands between "<!-- made from the tables: NAME -->" and "<!-- end -->" is replaced (write) or
// compared (check, which exits with 1 and says what to run when a page is stale).
#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/capability.hpp"
#include "agent/core/lifecycle.hpp"
#include "agent/core/reason.hpp"

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

struct Part {
  const char* page;
  const char* name;
  std::string (*make)();
};
constexpr std::array parts{
    Part{"lifecycle.md", "diagram", diagram},
    Part{"lifecycle.md", "transitions", transition_table},
    Part{"lifecycle.md", "capabilities", capability_table},
    Part{"reasons.md", "reasons", reason_table},
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The page with this part made anew; nothing where the page has no place for it.
std::optional<std::string> renewed(std::string page, const Part& part) {
  const std::string begin = "<!-- made from the tables: " + std::string(part.name) + " -->\n";
  const auto from = page.find(begin);
  if (from == std::string::npos) return std::nullopt;
  const auto to = page.find("<!-- end -->", from);
  if (to == std::string::npos) return std::nullopt;
  const auto start = from + begin.size();
  return page.replace(start, to - start, "\n" + part.make() + "\n");
}

bool handle(const std::string& folder, const Part& part, bool write) {
  const std::string path = folder + "/" + part.page;
  const std::string page = read(path);
  const auto fresh = renewed(page, part);
  if (!fresh) {
    std::printf("%s has no place for the part \"%s\"\n", path.c_str(), part.name);
    return false;
  }
  if (*fresh == page) return true;
  if (!write) {
    std::printf("%s is stale: its part \"%s\" differs from the tables; run core_docs write %s\n",
                path.c_str(), part.name, folder.c_str());
    return false;
  }
  std::ofstream(path, std::ios::binary) << *fresh;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc == 3 ? argv[1] : "";
  if (verb != "check" && verb != "write") {
    std::fputs("usage: core_docs check|write DOCS-FOLDER\n", stderr);
    return 2;
  }
  bool good = true;
  for (const auto& part : parts) good = handle(argv[2], part, verb == "write") && good;
  return good ? 0 : 1;
}
