// What a technician takes away from the daemon, and what he brings.
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/cli/command_line.hpp"
#include "agent/ctl/command.hpp"
#include "agent/ctl/record_view.hpp"
#include "agent/ctl/verdict.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;

// More than a signed text may have, so that the daemon says what is wrong with a longer one.
constexpr std::size_t max_statement_file_bytes = 4 * 1024;

std::unexpected<Failure> wrong_file(const std::string& file, const char* what) {
  return std::unexpected(Failure{exit_usage, "\"" + file + "\" " + what});
}

// A signed text without the blanks and line feeds that editors and mail add.
Result<std::string> statement_in(const std::string& file) {
  std::string text(max_statement_file_bytes + 1, '\0');
  std::FILE* source = std::fopen(file.c_str(), "re");
  if (source == nullptr) return wrong_file(file, "cannot be read");
  text.resize(std::fread(text.data(), 1, text.size(), source));
  std::fclose(source);
  if (text.size() > max_statement_file_bytes)
    return wrong_file(file, "is too large for a signed text");
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  if (text.empty()) return wrong_file(file, "is empty");
  return text;
}

Result<json> record_of(Client& client, const json& request) {
  const auto reply = ask(client, request);
  if (!reply) return reply;
  const auto record = reply->find("record");
  if (record == reply->end() || !record->is_object()) return parse_line("");
  return *record;
}

Result<json> record_of(const Options& options, const json& request) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  return record_of(*client, request);
}

Result<int> bring(const Options& options, const char* command) {
  const auto statement = statement_in(options.file);
  if (!statement) return std::unexpected(statement.error());
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto record = record_of(*client, {{"cmd", command}, {"statement", *statement}});
  if (!record) return std::unexpected(record.error());
  const auto status = status_of(*client);
  if (!status) return std::unexpected(status.error());
  const Verdict judged = verdict(View(*status));
  print("Accepted.\n" + judged.headline + "\nNext: " + judged.next + "\n");
  return exit_in_service;
}

// A bundle is for the one who asked: mode 0600, and never through a link that somebody left there.
Result<int> write_file(const std::string& file, const std::string& text) {
  const int handle =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (handle < 0) return wrong_file(file, "cannot be written");
  std::size_t done = 0;
  while (done < text.size()) {
    const auto count = ::write(handle, text.data() + done, text.size() - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (::close(handle) != 0 || done < text.size())
    return wrong_file(file, "cannot be written whole");
  print("Written to " + file + ".\n");
  return exit_in_service;
}

}  // namespace

Result<int> run_entitlement(const Options& options) {
  if (options.action == "import") return bring(options, "entitlement_import");
  const auto request = record_of(options, {{"cmd", "entitlement_request"}});
  if (!request) return std::unexpected(request.error());
  print(options.as_json ? request->dump() + "\n" : render_request(View(*request)));
  return exit_in_service;
}

Result<int> run_trust(const Options& options) { return bring(options, "trust_import"); }

Result<int> run_state(const Options& options) {
  const auto state = record_of(options, {{"cmd", "state"}});
  if (!state) return std::unexpected(state.error());
  print(state->dump(options.as_json ? -1 : 2) + "\n");
  return exit_in_service;
}

Result<int> run_support_bundle(const Options& options) {
  const auto bundle = record_of(options, {{"cmd", "support_bundle"}});
  if (!bundle) return std::unexpected(bundle.error());
  const auto text = bundle->dump() + "\n";
  if (!options.file.empty()) return write_file(options.file, text);
  print(text);
  return exit_in_service;
}

void entitlement_options(cli::CommandLine& line, Options& options) {
  line.add("action", &options.action,
           "request: what to carry to ALMS; import: take the signed text in FILE")
      .required()
      .check(cli::OneOf{{"request", "import"}});
  line.add("file", &options.file, "The signed text, for import");
  line.add("--json", &options.as_json, "Print the request as one line of JSON");
}

void trust_options(cli::CommandLine& line, Options& options) {
  line.add("action", &options.action, "import: take the signed set of keys in FILE")
      .required()
      .check(cli::OneOf{{"import"}});
  line.add("file", &options.file, "The signed set of keys").required();
}

void state_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json, "Print it as one line");
}

void support_bundle_options(cli::CommandLine& line, Options& options) {
  line.add("file", &options.file, "Where to write it, mode 0600; else standard output");
}

}  // namespace oobm::ctl
