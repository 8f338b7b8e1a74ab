#include "agent/ctl/ctl.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <expected>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/cli/command_line.hpp"
#include "agent/ctl/client.hpp"
#include "agent/ctl/command.hpp"
#include "agent/ctl/components.hpp"
#include "agent/ctl/doctor.hpp"
#include "agent/ctl/event_view.hpp"
#include "agent/ctl/identity_view.hpp"
#include "agent/ctl/install_view.hpp"
#include "agent/ctl/status_view.hpp"
#include "agent/ctl/time_view.hpp"
#include "agent/ctl/usage_view.hpp"
#include "agent/ctl/verdict.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds sync_poll{500};
constexpr seconds watch_period{2};
// The daemon gives up after 390 s at the latest.
constexpr seconds at_limit{400};
constexpr std::size_t max_certificate_bytes = 12 * 1024;  // as oobmd takes them

int exit_for(const json& status) {
  return verdict(View(status)).in_service ? exit_in_service : exit_not_in_service;
}

Result<int> show_status(Client& client, const Options& options) {
  const auto status = status_of(client);
  if (!status) {
    const auto& reply = status.error().reply;
    if (options.as_json && !reply.is_null()) print(reply.dump() + "\n");
    return std::unexpected(status.error());
  }
  print(options.as_json ? status->dump() + "\n" : render_status(View(*status)));
  return exit_for(*status);
}

Result<int> run_status(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  if (!options.watch) return show_status(*client, options);
  for (;;) {
    print("\033[H\033[2J");
    if (auto shown = show_status(*client, options); !shown) return shown;
    std::this_thread::sleep_for(watch_period);
  }
}

Result<int> run_doctor(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto status = status_of(*client);
  if (!status) return std::unexpected(status.error());
  const auto findings = examine(View(*status));
  print(options.as_json ? findings_json(findings).dump() + "\n" : render_findings(findings));
  return all_well(findings) ? exit_in_service : exit_not_in_service;
}

// One member of the status, by itself.
Result<int> show_member(const Options& options, const char* member,
                        std::string (*render)(const View&)) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto status = status_of(*client);
  if (!status) return std::unexpected(status.error());
  const auto shown = status->value(member, json::object());
  print(options.as_json ? shown.dump() + "\n" : render(View(shown)));
  return exit_in_service;
}

Result<int> run_usage(const Options& options) {
  return show_member(options, "usage", render_usage);
}
Result<int> run_time(const Options& options) { return show_member(options, "time", render_time); }

// True when ALMS has answered since the attempt was ordered.
bool answered_since(const View& status, std::int64_t ordered_at_ms) {
  const auto now = status.integer("at_ms");
  const auto age = status.at("link").integer("last_contact_age_ms");
  return now && age && *now - *age >= ordered_at_ms;
}

// Looks until ALMS has answered or the time is over; the last status seen.
Result<json> wait_for_answer(Client& client, std::int64_t ordered_at_ms, seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto status = status_of(client);
    const bool over = std::chrono::steady_clock::now() >= end;
    if (!status || over || answered_since(View(*status), ordered_at_ms)) return status;
    std::this_thread::sleep_for(sync_poll);
  }
}

Result<int> run_sync(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto ordered = ask(*client, {{"cmd", "sync"}});
  if (!ordered) return std::unexpected(ordered.error());
  if (options.wait_s == 0) {
    print("An attempt to reach ALMS is under way; see `oobmctl status`.\n");
    return exit_in_service;
  }
  const auto at = View(*ordered).integer("at_ms").value_or(0);
  const auto status = wait_for_answer(*client, at, seconds(options.wait_s));
  if (!status) return std::unexpected(status.error());
  const bool answered = answered_since(View(*status), at);
  const Verdict judged = verdict(View(*status));
  print((answered ? "ALMS has answered.\n"
                  : "ALMS has not answered within " + std::to_string(options.wait_s) + " s.\n") +
        judged.headline + "\nNext: " + judged.next + "\n");
  return answered && judged.in_service ? exit_in_service : exit_not_in_service;
}

void print_event(const json& line, bool as_json) {
  const auto event = line.find("event");
  if (event == line.end()) return;
  print(as_json ? event->dump() + "\n" : render_event(View(*event)));
}

Result<int> run_events(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto begun =
      ask(*client, {{"cmd", "events"}, {"last", options.last}, {"follow", options.follow}});
  if (!begun) return std::unexpected(begun.error());
  for (;;) {
    const auto text = options.follow ? client->receive(std::nullopt) : client->receive();
    if (!text) return no_daemon(text.error());
    const auto line = parse_line(*text);
    if (!line) return std::unexpected(line.error());
    if (View(*line).flag("end")) return exit_in_service;
    print_event(*line, options.as_json);
  }
}

// The module's answer as it came; an error of the module's is no error of the command's way there.
Result<int> run_at(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const json request{{"cmd", "at"}, {"command", options.at_command}, {"force", options.force}};
  const auto reply = ask(*client, request, at_limit);
  if (!reply) return std::unexpected(reply.error());
  const View answer = View(*reply).at("answer");
  if (answer.text("result").empty()) return std::unexpected(parse_line("").error());
  std::string shown;
  for (const auto& line : answer.texts("lines")) shown += line + "\n";
  print(options.as_json ? reply->at("answer").dump() + "\n" : shown + answer.text("result") + "\n");
  return answer.flag("ok") ? exit_in_service : exit_not_in_service;
}

Result<json> identity_request(const Options& options) {
  if (options.action == "show") return json{{"cmd", "identity"}};
  if (options.action == "csr") return json{{"cmd", "identity_csr"}};
  std::string text;
  if (std::FILE* file = std::fopen(options.file.c_str(), "re"); file != nullptr) {
    text.resize(max_certificate_bytes + 1);
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
  }
  if (!text.empty() && text.size() <= max_certificate_bytes)
    return json{{"cmd", "identity_install"}, {"certificate", text}};
  return std::unexpected(
      Failure{exit_usage,
              "\"" + options.file + "\" cannot be read, is empty, or too large for a certificate"});
}

Result<int> run_identity(const Options& options) {
  const auto request = identity_request(options);
  if (!request) return std::unexpected(request.error());
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto reply = ask(*client, *request);
  if (!reply) return std::unexpected(reply.error());
  const View identity = View(*reply).at("identity");
  // Not through View: a request is many lines.
  const auto csr = reply->value("identity", json::object()).value("csr", std::string());
  if (options.as_json)
    print(reply->value("identity", json::object()).dump() + "\n");
  else
    print(csr.empty() ? render_identity(identity) : csr);
  return exit_in_service;
}

// "image.bin: moving, 1000 of 2000 bytes" and, where there is more to say, why.
std::string render_transfer(const View& transfer) {
  std::string text = transfer.text("name") + ": " + transfer.text("state") + ", " +
                     std::to_string(transfer.integer("bytes").value_or(0));
  if (const auto total = transfer.integer("total").value_or(0); total > 0)
    text += " of " + std::to_string(total);
  text += " bytes";
  const auto why = transfer.text("sentence");
  return text + (why.empty() ? "\n" : ". " + why + "\n");
}

// The transfer with this number; null when the daemon has forgotten it.
Result<json> transfer_of(Client& client, std::int64_t id) {
  const auto reply = ask(client, {{"cmd", "transfers"}});
  if (!reply) return reply;
  for (const auto& transfer : reply->value("transfers", json::array()))
    if (View(transfer).integer("id") == id) return transfer;
  return json();
}

// Shows how it goes until it has ended. Interrupting this leaves the transfer alone.
Result<int> follow_transfer(Client& client, std::int64_t id) {
  for (std::string shown;;) {
    const auto transfer = transfer_of(client, id);
    if (!transfer) return std::unexpected(transfer.error());
    const View view(*transfer);
    const auto state = view.text("state");
    const auto now = state + view.text("sentence");
    if (now != std::exchange(shown, now)) print(render_transfer(view));
    if (state == "done") return exit_in_service;
    if (state == "failed" || transfer->is_null()) return exit_not_in_service;
    std::this_thread::sleep_for(sync_poll);
  }
}

Result<int> run_fetch(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  json request{
      {"cmd", "fetch"}, {"url", options.url}, {"sha256", options.sha256}, {"name", options.name}};
  if (options.size > 0) request["size"] = options.size;
  const auto begun = ask(*client, request);
  if (!begun) return std::unexpected(begun.error());
  if (!options.no_wait) return follow_transfer(*client, View(*begun).integer("id").value_or(0));
  print("The transfer is under way; see `oobmctl transfers`.\n");
  return exit_in_service;
}

Result<int> run_transfers(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto reply = ask(*client, {{"cmd", "transfers"}, {"cancel", options.cancel}});
  if (!reply) return std::unexpected(reply.error());
  const auto all = reply->value("transfers", json::array());
  if (options.as_json) print(all.dump() + "\n");
  for (const auto& transfer : all)
    if (!options.as_json) print(render_transfer(View(transfer)));
  return exit_in_service;
}

Result<int> run_install(const Options& options) {
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto reply = ask(*client, {{"cmd", "install"}});
  if (!reply) return std::unexpected(reply.error());
  const auto install = reply->value("install", json::object());
  print(options.as_json ? install.dump() + "\n" : render_install(View(install)));
  return exit_in_service;
}

// What this program is made of is told even where no daemon is.
Result<int> show_versions(const Options& options) {
  json versions{{"oobmctl", OOBM_VERSION}, {"oobmd", nullptr}, {"libraries", json::object()}};
  for (const auto& [name, version] : components()) versions["libraries"][name] = version;
  auto client = connect(options);
  const auto reply = client ? ask(*client, {{"cmd", "version"}}) : std::unexpected(client.error());
  if (reply) versions["oobmd"] = View(*reply).text("version");
  print(versions.dump() + "\n");
  if (!reply) return std::unexpected(reply.error());
  return exit_in_service;
}

Result<int> run_version(const Options& options) {
  if (options.as_json) return show_versions(options);
  print("oobmctl " OOBM_VERSION "\n");
  auto client = connect(options);
  if (!client) return std::unexpected(client.error());
  const auto reply = ask(*client, {{"cmd", "version"}});
  if (!reply) return std::unexpected(reply.error());
  print("oobmd " + View(*reply).text("version") + "\n");
  return exit_in_service;
}

void status_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json, "Print the daemon's status as one line of JSON");
  line.add("--watch", &options.watch, "Show it again every two seconds, until interrupted");
}
void doctor_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json, "Print the findings as one line of JSON");
}
void time_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json, "Print it as one line of JSON");
}
void usage_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json, "Print it as one line of JSON");
}
void sync_options(cli::CommandLine& line, Options& options) {
  line.add("--wait", &options.wait_s,
           "Wait this many seconds for ALMS to answer; the exit status is then status's")
      .check(cli::Range{1, 3600});
}
void events_options(cli::CommandLine& line, Options& options) {
  line.add("--follow,-f", &options.follow, "Go on with new events, until interrupted");
  line.add("--json", &options.as_json, "One line of JSON for each event");
  line.add("--last,-n", &options.last, "How many past events to begin with")
      .check(cli::Range{0, 256})
      .show_default();
}
void at_options(cli::CommandLine& line, Options& options) {
  line.add("command", &options.at_command, "One AT command, in quotes: 'AT+CSQ'").required();
  line.add("--force", &options.force, "Send it although it may cut the OOBM link, or spend a PIN");
  line.add("--json", &options.as_json, "Print the answer as one line of JSON");
}
void identity_options(cli::CommandLine& line, Options& options) {
  line.add("action", &options.action,
           "show: what it is; csr: a request for a certificate, for a key that is made here "
           "and stays here; install: try the certificate in FILE")
      .check(cli::OneOf{{"show", "csr", "install"}})
      .show_default();
  line.add("file", &options.file, "PEM file, for install");
  line.add("--json", &options.as_json, "Print the answer as one line of JSON");
}
void fetch_options(cli::CommandLine& line, Options& options) {
  line.add("url", &options.url, "https address on one of the instance's file servers").required();
  line.add("--sha256", &options.sha256, "What the file must be, in hexadecimal").required();
  line.add("--output", &options.name, "Name of the file in the daemon's folder").required();
  line.add("--size", &options.size, "Its size in bytes, where it is known");
  line.add("--no-wait", &options.no_wait, "Do not stay to see how it goes");
}
void transfers_options(cli::CommandLine& line, Options& options) {
  line.add("--cancel", &options.cancel, "End what is under way, and what waits");
  line.add("--json", &options.as_json, "Print them as one line of JSON");
}
void install_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json, "Print it as one line of JSON");
}
void version_options(cli::CommandLine& line, Options& options) {
  line.add("--json", &options.as_json,
           "Print them, and those of the libraries inside, as one line of JSON");
}

constexpr Command commands[] = {
    {"at", "Send one AT command to the OOBM module and show what it answers, unmasked", run_at,
     at_options},
    {"doctor", "Which layer fails, from the board to the subscription; why, and what to do",
     run_doctor, doctor_options},
    {"entitlement",
     "Where every link is down: what to carry to ALMS, and the signed text that comes back",
     run_entitlement, entitlement_options},
    {"events", "What happened lately", run_events, events_options},
    {"fetch", "Fetch a file over the uplink in use: a test of it, or a file that is needed here",
     run_fetch, fetch_options},
    {"identity", "The certificate by which ALMS knows this router, and its renewal", run_identity,
     identity_options},
    {"install", "The version that ALMS ordered last, and what became of it", run_install,
     install_options},
    {"state", "What is stored, without its secrets", run_state, state_options},
    {"status", "Is this router in service; if not, why, and what to do", run_status,
     status_options},
    {"support-bundle", "All that explains this router, without its secrets, for support",
     run_support_bundle, support_bundle_options},
    {"sync", "Try to reach ALMS now and ask for the newest entitlement", run_sync, sync_options},
    {"time", "What time the router believes it is, why, and what would make it surer", run_time,
     time_options},
    {"transfers", "Files under way, waiting, and lately moved", run_transfers, transfers_options},
    {"trust", "Take a signed set of ALMS's keys from a file", run_trust, trust_options},
    {"usage", "Where this month's data has gone, and what is left of the allowance", run_usage,
     usage_options},
    {"version", "Versions of this command and of the daemon", run_version, version_options},
};

int run(const Command& command, const Options& options) {
  const auto result = command.run(options);
  return result ? *result : report(result.error());
}

}  // namespace

int ctl_main(int argc, char** argv) {
  Options options;
  cli::CommandLine line("oobmctl", "Out-of-band management of this router");
  line.set_footer(
      "Exit status: 0 in service (or done), 1 not in service (or refused), 2 wrong usage, 3 no "
      "daemon.");
  line.add("--socket", &options.socket, "The daemon's control socket").show_default();
  for (const auto& command : commands)
    command.add_options(line.add_command(command.name, command.help), options);
  if (const auto ending = line.parse(argc, argv)) {
    std::fputs(ending->text.c_str(), ending->wrong ? stderr : stdout);
    return ending->wrong ? exit_usage : exit_in_service;
  }
  return run(commands[line.chosen().value_or(0)], options);
}

}  // namespace oobm::ctl
