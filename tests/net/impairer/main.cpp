// impairer: a bad link between two network namespaces, for tests. Ends by itself after
// --max-seconds, with its parent, or on SIGTERM.
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <sys/prctl.h>

#include "tests/modem-sim/control_socket.hpp"
#include "tests/net/impairer/link.hpp"
#include "tests/net/impairer/script.hpp"

namespace oobm::netbench {
namespace {

constexpr int default_max_seconds = 7'200;

struct Options {
  std::string near;
  std::string far;
  std::string control;
  std::string script;
  std::string settings;
  std::uint64_t seed = 1;
  int max_seconds = default_max_seconds;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--near", options.near, "the router's interface, NETNS-FILE:DEVICE")->required();
  app.add_option("--far", options.far, "the network's interface")->required();
  app.add_option("--control", options.control, "control socket")->required();
  app.add_option("--script", options.script, "file of lines SECONDS: SETTING...");
  app.add_option("--set", options.settings, "settings to begin with");
  app.add_option("--seed", options.seed, "of every random choice");
  app.add_option("--max-seconds", options.max_seconds, "ends by itself after this")
      ->check(CLI::PositiveNumber);
}

std::vector<ScriptLine> read_script(const Options& options) {
  std::string text;
  if (!options.script.empty()) {
    std::ifstream file(options.script);
    if (!file) throw std::runtime_error(options.script + ": cannot be read");
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  auto script = parse_script(text);
  if (!script) throw std::runtime_error(options.script + ": " + script.error());
  return *std::move(script);
}

using Timers = std::vector<std::unique_ptr<asio::steady_timer>>;

Timers play(asio::io_context& loop, ImpairedLink& link, const std::vector<ScriptLine>& script) {
  Timers timers;
  for (const auto& line : script) {
    auto& timer = timers.emplace_back(std::make_unique<asio::steady_timer>(loop, line.at));
    timer->async_wait([&link, words = line.words](const asio::error_code& error) {
      if (!error) link.command("set" + (words.starts_with(' ') ? words : " " + words));
    });
  }
  return timers;
}

void run(const Options& options) {
  const auto script = read_script(options);
  asio::io_context loop{1};
  ImpairedLink link(loop, parse_place(options.near), parse_place(options.far), options.seed);
  if (!options.settings.empty()) {
    const auto reply = link.command("set " + options.settings);
    if (reply != "ok") throw std::runtime_error(reply);
  }
  const modem_sim::ControlSocket control(
      loop.get_executor(), options.control,
      [&link](std::string_view line) { return link.command(line); });
  const auto timers = play(loop, link, script);
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&loop](const asio::error_code&, int) { loop.stop(); });
  std::printf("ready seed=%llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  loop.run_for(std::chrono::seconds(options.max_seconds));
  std::printf("%s\n", link.command("counts").c_str());
}

}  // namespace
}  // namespace oobm::netbench

int main(int argc, char** argv) {
  CLI::App app("a bad link between two network namespaces");
  oobm::netbench::Options options;
  oobm::netbench::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    oobm::netbench::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "impairer: %s\n", error.what());
    return 1;
  }
  return 0;
}
