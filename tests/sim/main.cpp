// oobm-sim: lives of routers, by seed. See --help.
#include <chrono>
#include <cstdio>
#include <format>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/sim/coverage.hpp"
#include "tests/sim/life.hpp"
#include "tests/sim/transition_watch.hpp"

namespace {

using namespace oobm;

struct Options {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;
  double years = 1;
  bool story = false;
  bool every_poll = false;
  bool quiet = false;
  bool coverage = false;
};

core::Duration length(double years) {
  return core::Duration(static_cast<core::Duration::rep>(years * 365 * 86'400'000));
}

double years(core::Duration time) {
  return static_cast<double>(time.count()) / (365.0 * 86'400'000);
}

// The first breach of this seed's life; empty when it has none.
std::string live(std::uint64_t seed, const Options& options, sim::Figures& figures) {
  sim::Life life({.seed = seed, .told = options.story, .every_poll = options.every_poll});
  sim::watch_transitions(life.world().figures.transitions);
  life.live(length(options.years));
  figures.add(life.world().figures);
  return life.world().oracle.breach();
}

int run(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  sim::Figures figures;
  std::uint64_t violations = 0;
  for (auto seed = options.first_seed; seed < options.first_seed + options.seeds; ++seed) {
    const auto breach = live(seed, options, figures);
    if (!breach.empty()) {
      ++violations;
      std::puts(std::format("seed {}: {}\n  replay: ./dev sim --seed {} --years {} --story", seed,
                            breach, seed, options.years)
                    .c_str());
    }
    if (!options.quiet && (seed - options.first_seed + 1) % 10 == 0)
      std::fputs(std::format("{} seeds, {:.0f} router-years, {} violations\n",
                             seed - options.first_seed + 1, years(figures.lived), violations)
                     .c_str(),
                 stderr);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  figures.print();
  std::puts(std::format("{:.1f} router-years, {:.2f} per second, {} violations",
                        years(figures.lived), years(figures.lived) / took.count(), violations)
                .c_str());
  bool covered = true;
  if (options.coverage)
    for (const auto& gap : sim::gaps(figures)) {
      covered = false;
      std::puts(("never: " + gap).c_str());
    }
  return violations == 0 && covered ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Lives of simulated routers, each from one seed, watched by an oracle.");
  app.add_option("--seeds", options.seeds, "so many seeds")->check(CLI::PositiveNumber);
  app.add_option("--seed", options.first_seed, "the first one");
  app.add_option("--years", options.years, "so many years of each")->check(CLI::PositiveNumber);
  app.add_flag("--story", options.story, "tell what happens");
  app.add_flag("--every-poll", options.every_poll, "play every poll of the radio, changed or not");
  app.add_flag("--coverage", options.coverage,
               "fail where a fault, an act, a state or a transition never came");
  app.add_flag("--quiet", options.quiet, "no progress");
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return run(options);
}
