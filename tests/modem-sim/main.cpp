// modem-sim: a cellular module on a pseudo-terminal, for tests and demonstrations.
#include <csignal>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent/core/identity.hpp"
#include "tests/modem-sim/control_socket.hpp"
#include "tests/modem-sim/ppp_peer.hpp"
#include "tests/modem-sim/sim_host.hpp"

namespace oobm::modem_sim {
namespace {

constexpr int default_max_seconds = 86'400;
constexpr std::int64_t latest_time = 4'102'444'800;  // the year 2100, Unix seconds

struct Options {
  SimConfig config;
  HostOptions host;
  std::string personality = "hl78xx";
  std::string socket;
  std::string script;                 // file
  std::string ppp;                    // command line of the far end
  std::string network_time = "real";  // "real", "none" or Unix seconds
  int max_seconds = default_max_seconds;
  bool detached = false;
  std::vector<std::string> command;  // of ctl
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--personality", options.personality, "kind of module")
      ->check([](const std::string& name) {
        return find_personality(name) ? std::string() : "no such kind of module";
      });
  app.add_option("--imei", options.config.imei, "15 digits")->check([](const std::string& text) {
    const auto imei = core::Imei::parse(text);
    return imei ? std::string() : imei.error();
  });
  app.add_option("--iccid", options.config.iccid, "18 to 20 digits");
  app.add_option("--imsi", options.config.imsi, "14 or 15 digits");
  app.add_option("--model", options.config.model, "answer to +CGMM");
  app.add_option("--apn", options.config.apn, "access point name of context 1");
  app.add_option("--operator", options.config.operator_name, "name of the network");
  app.add_option("--address", options.config.address, "IPv4 address of the context");
  app.add_option("--dns", options.config.dns, "name server of the context");
  app.add_option("--mtu", options.config.mtu, "bytes")->check(CLI::Range(576, 9000));
  app.add_option("--network-time", options.network_time, "real, none, or Unix seconds")
      ->check(CLI::IsMember({"real", "none"}) | CLI::Range(std::int64_t{0}, latest_time));
  app.add_option("--speed", options.config.speed, "divides every delay")
      ->check(CLI::Range(0.1, 1000.0));
  app.add_option("--seed", options.config.seed, "of every random choice");
  app.add_option("--link", options.host.link, "symbolic link to the serial port");
  app.add_option("--data-link", options.host.data_link,
                 "symbolic link to a second port, which alone takes data calls");
  app.add_option("--ppp-peer", options.ppp, "command that speaks PPP on its standard input");
  app.add_option("--script", options.script, "file of control commands");
  app.add_option("--socket", options.socket, "control socket");
  app.add_option("--sim-file", options.host.sim_file,
                 "state of the subscription; unless it says active, registration is denied");
  app.add_option("--max-seconds", options.max_seconds, "ends by itself after this")
      ->check(CLI::PositiveNumber);
  app.add_flag("--detached", options.detached, "outlive the parent process");
}

void set_network_time(Options& options) {
  if (options.network_time == "real")
    options.config.network_time = {static_cast<std::int64_t>(time(nullptr))};
  else if (options.network_time != "none")
    options.config.network_time = {std::stoll(options.network_time)};
}

void print_faults() {
  for (const auto& row : fault_table())
    std::printf("%-15s %-8s %5lld..%-8lld %s\n", std::string(row.name).c_str(),
                std::string(row.parameter).c_str(), static_cast<long long>(row.lowest),
                static_cast<long long>(row.highest), std::string(row.effect).c_str());
}

// The far end of data calls, and its place in the module.
std::unique_ptr<PppPeer> make_peer(asio::io_context& context, SimHost& host,
                                   const std::string& command) {
  if (command.empty()) return nullptr;
  auto peer = std::make_unique<PppPeer>(
      context.get_executor(), command,
      PppPeer::Handlers{.sent = [&host](std::string_view bytes) { host.send_to_host(bytes); },
                        .ended = [&host] { host.far_end_left(); }});
  host.modem().set_data_peer(
      {.connected = [far_end = peer.get()] { far_end->start(); },
       .received = [far_end = peer.get()](std::string_view bytes) { far_end->receive(bytes); },
       .ended = [far_end = peer.get()] { far_end->hang_up(); }});
  return peer;
}

void play_file(SimHost& host, const std::string& path) {
  if (path.empty()) return;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (const auto wrong = host.play(text)) throw std::runtime_error("not understood: " + *wrong);
}

int control(const Options& options) {
  std::string line;
  for (const auto& word : options.command) line += (line.empty() ? "" : " ") + word;
  const auto reply = ask_control_socket(options.socket, line);
  std::puts(reply.c_str());
  return reply.starts_with("ok") ? 0 : 1;
}

int serve(Options& options) {
  const auto parent = getppid();
  if (!options.detached) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 1;  // it died before the kernel knew
  }
  options.config.personality = find_personality(options.personality);
  options.config.data_port = !options.host.data_link.empty();
  set_network_time(options);
  asio::io_context context(1);
  // Before anything shows that this program runs: whoever sees it may stop it.
  asio::signal_set signals(context, SIGTERM, SIGINT, SIGHUP);
  signals.async_wait([&](std::error_code, int) { context.stop(); });
  SimHost host(context.get_executor(), options.config, options.host);
  const auto peer = make_peer(context, host, options.ppp);
  play_file(host, options.script);
  std::optional<ControlSocket> socket;
  if (!options.socket.empty())
    socket.emplace(context.get_executor(), options.socket,
                   [&host](std::string_view line) { return host.control(line); });
  asio::steady_timer limit(context, std::chrono::seconds(options.max_seconds));
  limit.async_wait([&](std::error_code) { context.stop(); });
  std::printf("port=%s\n", host.slave_path().c_str());
  if (!host.data_path().empty()) std::printf("data-port=%s\n", host.data_path().c_str());
  std::fflush(stdout);
  context.run();
  return 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("A cellular module on a pseudo-terminal. Prints port=PATH.", "modem-sim");
  declare(app, options);
  auto* ctl = app.add_subcommand("ctl", "sends a command to a running modem-sim");
  ctl->add_option("--socket", options.socket, "its control socket")->required();
  ctl->add_option("command", options.command, "for example: deny 7")->required();
  const auto* faults = app.add_subcommand("faults", "prints the table of faults");
  CLI11_PARSE(app, argc, argv);
  try {
    if (faults->parsed()) {
      print_faults();
      return 0;
    }
    return ctl->parsed() ? control(options) : serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "modem-sim: %s\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace oobm::modem_sim

int main(int argc, char** argv) { return oobm::modem_sim::run(argc, argv); }
