// reconnects: sessions one after the other until so many have been ready, with figures of this
// process between them, one JSON object a line. Exit status 0: every session has ended, and nothing
// was left; 2: one has not ended, or hardly one gets ready; 3: descriptors or threads were left;
// the descriptors are listed.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <sys/signal.h>

#include "tests/net/reconnects/rounds.hpp"

namespace oobm::netbench {
namespace {

constexpr int status_stuck = 2;
constexpr int status_left = 3;
// The MQTT library and the C library keep what they have made for the first sessions.
constexpr std::uint64_t warm_up = 20;
constexpr std::uint64_t most_sessions = 1'000'000;

struct Options {
  uplink::LinkRequest request;
  std::string anchors;
  std::string client;
  std::uint64_t count = 100;
  std::uint64_t report = 100;
  std::uint64_t seed = 1;
};

void declare(CLI::App& app, Options& options) {
  auto& target = options.request.target;
  app.add_option("--host", target.host, "the broker's name")->required();
  app.add_option("--address", target.static_addresses, "its address")->required();
  app.add_option("--port", target.port, "its port");
  app.add_option("--interface", target.interface, "the uplink")->required();
  app.add_option("--anchors", options.anchors, "PEM file of the broker's authority")->required();
  app.add_option("--certificate", options.request.tls.certificate_file, "PEM file")->required();
  app.add_option("--key", options.request.tls.key_file, "PEM file")->required();
  app.add_option("--client", options.client, "client id and user name")->required();
  app.add_option("--count", options.count, "sessions that get ready")
      ->check(CLI::Range(warm_up, most_sessions));
  app.add_option("--report", options.report, "sessions that get ready between two reports")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of how sessions end");
}

void report(const Rounds& rounds) {
  std::printf("{%s,%s}\n", to_json(rounds.tally()).c_str(), to_json(figures_now()).c_str());
  std::fflush(stdout);
}

int left_behind(const Rounds& rounds) {
  report(rounds);
  for (const auto& descriptor : uplink::test::open_descriptors())
    std::printf("left: %s\n", descriptor.c_str());
  return status_left;
}

// While the broker is away sessions fail fast, one after the other.
std::uint64_t most_rounds(const Options& options) {
  constexpr std::uint64_t tries = 100;
  return tries * options.count;
}

int run(Options options) {
  std::ifstream anchors(options.anchors);
  options.request.target.instance = "na";
  options.request.tls.anchors_pem.assign(std::istreambuf_iterator<char>(anchors), {});
  Rounds rounds(options.request, options.client, options.seed);
  Figures allowed;
  for (std::uint64_t reported = 0; reported < options.count;) {
    if (!rounds.play() || rounds.tally().rounds > most_rounds(options)) {
      report(rounds);
      return status_stuck;
    }
    const auto ready = rounds.tally().ready;
    if (ready < warm_up ||
        (reported > 0 && ready < std::min(reported + options.report, options.count)))
      continue;
    if (reported == 0) {
      rounds.rest();
      allowed = figures_now();
    }
    reported = ready;
    if (!rounds.settle(allowed)) return left_behind(rounds);
    report(rounds);
  }
  return 0;
}

}  // namespace
}  // namespace oobm::netbench

int main(int argc, char** argv) {
  CLI::App app("sessions, one after the other");
  oobm::netbench::Options options;
  oobm::netbench::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    return oobm::netbench::run(std::move(options));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "reconnects: %s\n", error.what());
    return 1;
  }
}
