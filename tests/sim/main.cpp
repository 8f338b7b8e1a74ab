// oobm-sim: lives of routers, by seed. See --help.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <format>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
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

double processor_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

// All seeds, by several threads beside each other; a life knows nothing of another.
class Lives {
 public:
  explicit Lives(const Options& options) : options_(options), next_(options.first_seed) {}

  void run() {
    std::vector<std::jthread> threads;
    for (unsigned job = 0; job < options_.jobs; ++job) threads.emplace_back([this] { work(); });
  }
  const sim::Figures& figures() const { return figures_; }
  std::uint64_t violations() const { return violations_; }

 private:
  void work() {
    const auto end = options_.first_seed + options_.seeds;
    for (auto seed = next_++; seed < end; seed = next_++) {
      sim::Figures figures;
      const auto breach = live(seed, options_, figures);
      const std::scoped_lock lock(mutex_);
      finished(seed, breach, figures);
    }
  }

  void finished(std::uint64_t seed, const std::string& breach, const sim::Figures& figures) {
    figures_.add(figures);
    ++done_;
    if (!breach.empty()) {
      ++violations_;
      std::puts(std::format("seed {}: {}\n  replay: ./dev sim --seed {} --years {} --story", seed,
                            breach, seed, options_.years)
                    .c_str());
    }
    if (!options_.quiet && done_ % 10 == 0)
      std::fputs(std::format("{} seeds, {:.0f} router-years, {} violations\n", done_,
                             years(figures_.lived), violations_)
                     .c_str(),
                 stderr);
  }

  const Options& options_;
  std::atomic<std::uint64_t> next_;
  std::mutex mutex_;  // guards what follows
  sim::Figures figures_;
  std::uint64_t done_ = 0;
  std::uint64_t violations_ = 0;
};

int run(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  Lives lives(options);
  lives.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto& figures = lives.figures();
  figures.print();
  const double lived = years(figures.lived);
  std::puts(std::format("{:.1f} router-years in {:.0f} s, {:.2f} per second of processor time, "
                        "{} violations",
                        lived, took.count(), lived / processor_seconds(), lives.violations())
                .c_str());
  bool covered = true;
  if (options.coverage)
    for (const auto& gap : sim::gaps(figures)) {
      covered = false;
      std::puts(("never: " + gap).c_str());
    }
  return lives.violations() == 0 && covered ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Lives of simulated routers, each from one seed, watched by an oracle.");
  app.add_option("--seeds", options.seeds, "so many seeds")->check(CLI::PositiveNumber);
  app.add_option("--seed", options.first_seed, "the first one");
  app.add_option("--years", options.years, "so many years of each")->check(CLI::PositiveNumber);
  app.add_option("--jobs", options.jobs,
                 "so many lives beside each other; default: one a processor")
      ->check(CLI::Range(1, 256));
  app.add_flag("--story", options.story, "tell what happens");
  app.add_flag("--every-poll", options.every_poll, "play every poll of the radio, changed or not");
  app.add_flag("--coverage", options.coverage,
               "fail where a fault, an act, a state or a transition never came");
  app.add_flag("--quiet", options.quiet, "no progress");
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (options.story) options.jobs = 1;
  return run(options);
}
