#include "agent/daemon/guarded_runs.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <unistd.h>

#include "agent/core/reason.hpp"
#include "agent/daemon/package_guard.hpp"

namespace oobm::daemon {
namespace {

// Of a run: the role, the verb, its arguments.
constexpr std::size_t verb_text = 1;
constexpr std::size_t install_version_text = 3;
constexpr std::size_t commit_version_text = 2;
// Of a launch: the program, the verb, its arguments.
constexpr std::size_t file_argument = 2;

std::string words(const core::Refusal& refusal) {
  const auto sentence =
      refusal.detail.empty() ? std::string(core::row(refusal.reason).sentence) : refusal.detail;
  return std::string(core::code(refusal.reason)) + ": " + sentence;
}

// As a helper says why it fails (docs/board.md), and to the log, which a daemon that is somebody
// else's has no part in.
void complain(const Launch& launch, const core::Refusal& refusal) {
  const auto text = words(refusal);
  std::fprintf(stderr, "oobmd: a package is not given to the board: %s\n", text.c_str());
  const auto line = "error=" + text + "\n";
  for (const auto& [to, from] : launch.descriptors) {
    if (to != STDOUT_FILENO) continue;
    // Nobody is left to tell where the daemon does not take it.
    [[maybe_unused]] const auto put = ::write(from.get(), line.data(), line.size());
  }
}

}  // namespace

int GuardedRuns::begin(const MonitorRequest& run, Launch& launch) {
  if (run.texts[verb_text] == "install-commit") {
    if (commit_ != 0) return EBUSY;  // the end of the first one must not be missed
    commit_ = run.number;
    committed_version_ = run.texts[commit_version_text];
  }
  if (run.texts[verb_text] != "install") return 0;
  if (install_ != 0) return EBUSY;
  install_ = run.number;
  launch.prepare = [this, version = run.texts[install_version_text]](Launch& launched) {
    auto taken = take_package(plan_, version);
    if (taken)
      launched.arguments[file_argument] = *std::move(taken);
    else
      complain(launched, taken.error());
    return taken.has_value();
  };
  return 0;
}

void GuardedRuns::ended(const MonitorAnswer& end) {
  const bool good = end.kind == MonitorAnswer::Kind::exited && end.value == 0;
  if (end.number == install_) {
    install_ = 0;
    release_package(plan_, good);
  }
  if (end.number == commit_) {
    commit_ = 0;
    if (good) confirm_package(plan_, committed_version_);
  }
}

void GuardedRuns::abandon() {
  commit_ = 0;
  if (std::exchange(install_, 0) != 0) release_package(plan_, false);
}

}  // namespace oobm::daemon
