// An order, its manifest and a plan for it: what tests of installations share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/daemon/install_plan.hpp"

namespace oobm::daemon::test {

using core::Reason;
using Phase = InstallRecord::Phase;
using State = hal::InstallStatus::State;

inline core::Version version(std::string_view text) { return core::Version::parse(text).value(); }

inline const core::SoftwareInstall order{"oobm-agent", "0.2.0", "https://files.example/x.ipk"};

inline core::PackageManifest manifest() {
  return {.issuer = "na",
          .name = "oobm-agent",
          .version = version("0.2.0"),
          .architecture = "aarch64",
          .size = 1'000'000,
          .sha256 = std::string(64, 'a'),
          .least_agent = version("0.1.0"),
          .issued_at = {1'790'000'000}};
}

inline InstallPlan plan(InstallRecord record = {}, std::string_view running = "0.1.0") {
  return {std::move(record), version(running), "aarch64"};
}

template <class Step>
std::vector<Step> all(const InstallSteps& steps) {
  std::vector<Step> found;
  for (const auto& step : steps)
    if (const auto* one = std::get_if<Step>(&step)) found.push_back(*one);
  return found;
}

inline Reason answered(const InstallSteps& steps) {
  const auto answers = all<AnswerTask>(steps);
  return answers.size() == 1 ? answers.front().outcome : Reason::state_lost;
}

inline std::unexpected<hal::Error> board_error(hal::ErrorCode code) {
  return std::unexpected(hal::Error{code, "The board's own words."});
}

}  // namespace oobm::daemon::test
