#include "tests/alms-sim/cli.hpp"

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <asio.hpp>

#include "tests/alms-sim/cli_commands.hpp"
#include "tests/alms-sim/files.hpp"
#include "tests/alms-sim/keyring.hpp"
#include "tests/alms-sim/package_signing.hpp"
#include "tests/alms-sim/printing.hpp"
#include "tests/alms-sim/server.hpp"

namespace oobm::alms_sim {
namespace {

enum ExitStatus : int { exit_done, exit_refused, exit_usage, exit_timeout, exit_task_error };

constexpr const char* control_variable = "ALMS_SIM_CONTROL";

struct GlobalOptions {
  std::string control;
  bool json = false;
};

// What the user gave for one argument.
struct Given {
  const ArgumentRow* row = nullptr;
  std::string text;                // one value
  std::vector<std::string> texts;  // list, pairs
  bool set = false;                // flag
};

struct ParsedCommand {
  const CommandRow* row = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string_view, Given> given;
  double wait_s = 0;
};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void complain(const Error& error) {
  std::fprintf(stderr, "alms-sim: %s: %s\n", error.code.c_str(), error.text.c_str());
}

void declare_argument(CLI::App& app, Given& given) {
  const std::string flag(given.row->flag);
  const std::string help(given.row->help);
  if (given.row->kind == ArgumentKind::flag) {
    app.add_flag(flag, given.set, help);
    return;
  }
  if (given.row->kind != ArgumentKind::list && given.row->kind != ArgumentKind::pairs) {
    app.add_option(flag, given.text, help)->required(given.row->required);
    return;
  }
  CLI::Option* option = app.add_option(flag, given.texts, help)->required(given.row->required);
  // A repeated --flag takes one value each time, so that what follows is not swallowed.
  if (flag.starts_with("--")) option->allow_extra_args(false);
}

void declare(CLI::App& root, ParsedCommand& command) {
  command.app = root.add_subcommand(std::string(command.row->verb), std::string(command.row->help));
  command.app->fallthrough();
  for (const ArgumentRow& row : command.row->arguments) {
    Given& given = command.given[row.key];
    given.row = &row;
    declare_argument(*command.app, given);
  }
  if (command.row->gives_task) {
    command.app->add_option("--wait", command.wait_s, "seconds to wait for the acknowledgement");
  }
}

Json value_of(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

Result<Json> pairs_of(const std::vector<std::string>& texts) {
  Json pairs = Json::object();
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
      return fail("USAGE", "\"" + text + "\" is not of the form NAME=VALUE.");
    }
    pairs[text.substr(0, equals)] = value_of(text.substr(equals + 1));
  }
  return pairs;
}

Result<Json> value_for(const Given& given) {
  const std::string& text = given.text;
  switch (given.row->kind) {
    case ArgumentKind::number: {
      Json number = value_of(text);
      if (!number.is_number()) return fail("USAGE", "\"" + text + "\" is no number.");
      return number;
    }
    case ArgumentKind::list:
      return Json(given.texts);
    case ArgumentKind::pairs:
      return pairs_of(given.texts);
    case ArgumentKind::file: {
      const auto contents = read_file(text);
      if (!contents) return fail("USAGE", "Cannot read the file " + text + ".");
      return Json(base64url_encode(*contents));
    }
    default:
      return Json(text);
  }
}

Result<Json> arguments_of(const ParsedCommand& command) {
  Json arguments = Json::object();
  for (const auto& [key, given] : command.given) {
    if (given.set) arguments[std::string(key)] = true;
    if (given.text.empty() && given.texts.empty()) continue;
    auto value = value_for(given);
    if (!value) return value;
    arguments[std::string(key)] = std::move(*value);
  }
  return arguments;
}

// One request, one reply, over a connection of its own.
Result<Json> ask(const std::string& control, const std::string& verb, const Json& arguments) {
  try {
    asio::io_context io;
    asio::local::stream_protocol::socket socket(io);
    socket.connect(asio::local::stream_protocol::endpoint(control));
    asio::write(socket, asio::buffer(Json{{"verb", verb}, {"args", arguments}}.dump() + "\n"));
    std::string reply;
    asio::read_until(socket, asio::dynamic_buffer(reply), '\n');
    Json parsed = Json::parse(reply);
    if (parsed.value("ok", false)) return parsed["result"];
    return fail(parsed["error"].value("code", ""), parsed["error"].value("text", ""));
  } catch (const std::system_error& error) {
    return fail("NO_SERVER", "Cannot reach alms-sim at \"" + control + "\" (" +
                                 error.code().message() +
                                 "): is `alms-sim serve` running, and is " + "--control or " +
                                 control_variable + " right?");
  } catch (const Json::exception&) {
    return fail("NO_SERVER", "\"" + control + "\" does not speak alms-sim's language.");
  }
}

int status_of(const Error& error) {
  if (error.code == "TIMEOUT") return exit_timeout;
  return error.code == "USAGE" || error.code == "NO_SERVER" ? exit_usage : exit_refused;
}

int finish(const GlobalOptions& options, std::string_view verb, const Result<Json>& outcome) {
  if (!outcome && options.json) {
    print(
        Json{{"error", {{"code", outcome.error().code}, {"text", outcome.error().text}}}}.dump(2) +
        "\n");
  } else if (!outcome) {
    complain(outcome.error());
  }
  if (!outcome) return status_of(outcome.error());
  print(options.json ? outcome->dump(2) + "\n" : printed(verb, *outcome));
  return exit_done;
}

int wait_for_ack(const GlobalOptions& options, const ParsedCommand& command, const Json& sent) {
  const std::string uid = sent.value("uid", "");
  const auto task = ask(options.control, "wait",
                        {{"serial", sent.value("serial", "")},
                         {"condition", "ack:" + uid},
                         {"timeout_s", command.wait_s}});
  if (!task) return finish(options, "wait", task);
  const Json ack = (*task)["acks"].back();
  const int printed_status = finish(options, "ack",
                                    Json{{"uid", uid},
                                         {"status", ack.value("status", "")},
                                         {"message", ack.value("message", "")}});
  return ack.value("status", "") == "OK" ? printed_status : exit_task_error;
}

int run_command(const GlobalOptions& options, const ParsedCommand& command) {
  const auto arguments = arguments_of(command);
  if (!arguments) return finish(options, command.row->verb, arguments);
  const auto outcome = ask(options.control, std::string(command.row->verb), *arguments);
  if (outcome && command.wait_s > 0) return wait_for_ack(options, command, *outcome);
  return finish(options, command.row->verb, outcome);
}

int run_server(const ServerOptions& options) {
  if (options.control_socket.empty()) {
    complain({"USAGE", "Say with --control where operators are to reach this server."});
    return exit_usage;
  }
  if (const auto served = serve(options); !served) {
    complain(served.error());
    return exit_refused;
  }
  return exit_done;
}

int init_keys(const std::string& folder, const std::string& instance, const std::string& out) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto keys = Keyring::open(folder, instance, now);
  if (!keys) {
    complain(keys.error());
    return exit_refused;
  }
  const auto package = package_key(folder, instance);
  if (!package) {
    complain(package.error());
    return exit_refused;
  }
  Json pinned = keys->public_part();
  pinned["packages"] = Json::array({package->public_jwk()});
  const std::string text = pinned.dump(2) + "\n";
  if (out.empty()) {
    print(text);
    return exit_done;
  }
  if (const auto written = write_file(out, text); !written) {
    complain(written.error());
    return exit_refused;
  }
  return exit_done;
}

// Writes PACKAGE.jws beside PACKAGE.
Result<void> sign_package(const std::string& folder, const std::string& instance,
                          const std::string& package, const PackageFacts& facts) {
  const auto contents = read_file(package);
  if (!contents) return fail("USAGE", "Cannot read the file " + package + ".");
  const auto key = package_key(folder, instance);
  if (!key) return std::unexpected(key.error());
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto claims = manifest_claims(instance, facts, *contents, now);
  return write_file(package + ".jws", sign_manifest(claims, *key) + "\n");
}

struct LocalOptions {
  ServerOptions server;
  std::string package;
  PackageFacts facts{
      .name = "oobm-agent", .version = {}, .architecture = "aarch64", .min_agent = "0.1.0"};
  std::int64_t expiry_lag_s = 60;
  std::string sim_policy = "follow";
  std::string out;
};

CLI::App* declare_serve(CLI::App& root, LocalOptions& local) {
  CLI::App* app = root.add_subcommand("serve", "Be ALMS for one instance, until SIGTERM");
  ServerOptions& server = local.server;
  app->fallthrough();
  app->add_option("--instance", server.settings.instance, "instance id: na, eu")->required();
  app->add_option("--state", server.state_folder, "folder of the state file and keys")->required();
  app->add_option("--broker", server.broker.address, "HOST:PORT of the broker")->required();
  app->add_option("--cafile", server.broker.ca_file, "CA of the broker's certificate")->required();
  app->add_option("--cert", server.broker.certificate_file, "own certificate, PEM")->required();
  app->add_option("--key", server.broker.key_file, "its private key, PEM")->required();
  app->add_option("--sim-dir", server.sim_folder,
                  "folder of the SIMs' states: IMEI.sim, ICCID.sim");
  app->add_option("--suspend-sim", local.sim_policy,
                  "follow (default): the SIM is suspended with its router; keep")
      ->check(CLI::IsMember({"follow", "keep"}));
  app->add_option("--expiry-lag-seconds", local.expiry_lag_s,
                  "from the end of grace to SUSPENDED, unless the router announces itself (60)");
  return app;
}

CLI::App* declare_keys_init(CLI::App& root, LocalOptions& local) {
  CLI::App* app = root.add_subcommand(
      "keys-init", "Make the instance's keys, where missing, and print the public part");
  app->add_option("--instance", local.server.settings.instance, "instance id: na, eu")->required();
  app->add_option("--state", local.server.state_folder, "folder of the keys")->required();
  app->add_option("--out", local.out, "file for the public part, instead of standard output");
  return app;
}

CLI::App* declare_sign_package(CLI::App& root, LocalOptions& local) {
  CLI::App* app = root.add_subcommand(
      "sign-package", "Sign the manifest of a package; it is written beside it, as FILE.jws");
  app->add_option("file", local.package, "the package")->required();
  app->add_option("--instance", local.server.settings.instance, "instance id: na, eu")->required();
  app->add_option("--state", local.server.state_folder, "folder of the keys")->required();
  app->add_option("--version", local.facts.version, "version of the package")->required();
  app->add_option("--arch", local.facts.architecture, "uname -m of its routers (aarch64)");
  app->add_option("--min-agent", local.facts.min_agent,
                  "oldest version from which it may be installed (0.1.0)");
  app->add_option("--name", local.facts.name, "type of the package (oobm-agent)");
  app->add_flag("--downgrade", local.facts.downgrade, "it may replace a later version");
  return app;
}

int run_sign_package(const LocalOptions& local) {
  const auto& server = local.server;
  const auto done =
      sign_package(server.state_folder, server.settings.instance, local.package, local.facts);
  if (!done) complain(done.error());
  return done ? exit_done : exit_refused;
}

int run_serve(const GlobalOptions& options, LocalOptions& local) {
  ServerOptions& server = local.server;
  server.control_socket = options.control;
  server.broker.client_id = "alms-" + server.settings.instance;
  server.settings.expiry_lag = std::chrono::seconds{local.expiry_lag_s};
  server.settings.sim_follows = local.sim_policy == "follow";
  return run_server(server);
}

}  // namespace

int run_cli(int argc, char** argv) {
  CLI::App app{"ALMS for one instance, for test benches: accounts, offers, systems, tasks."};
  app.require_subcommand(1);
  GlobalOptions options;
  LocalOptions local;
  app.add_option("--control", options.control, "control socket of the server")
      ->envname(control_variable);
  app.add_flag("--json", options.json, "print replies as JSON");
  const CLI::App* serve_app = declare_serve(app, local);
  const CLI::App* keys_app = declare_keys_init(app, local);
  const CLI::App* package_app = declare_sign_package(app, local);
  std::vector<ParsedCommand> parsed(commands().size());
  for (std::size_t at = 0; at < parsed.size(); ++at) {
    parsed[at].row = &commands()[at];
    declare(app, parsed[at]);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_usage;
  }
  if (serve_app->parsed()) return run_serve(options, local);
  if (package_app->parsed()) return run_sign_package(local);
  if (keys_app->parsed()) {
    return init_keys(local.server.state_folder, local.server.settings.instance, local.out);
  }
  for (const ParsedCommand& command : parsed) {
    if (command.app->parsed()) return run_command(options, command);
  }
  return exit_usage;
}

}  // namespace oobm::alms_sim
