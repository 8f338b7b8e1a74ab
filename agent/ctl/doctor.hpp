// Layer by layer from the board to the subscription: what works, which is the first thing that does
// not, and what to do about it. Everything beyond a failure is "not reached", and never called
// well: nobody knows. The daemon's own status is judged; nothing is tried, so that a look costs no
// radio byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/ctl/view.hpp"

namespace oobm::ctl {

enum class Health : std::uint8_t { ok, failed, not_reached };
// "ok", "failed", "not_reached".
std::string_view to_text(Health health);

struct Finding {
  std::string_view layer;  // "board", "radio", "sim", ..., "subscription"
  Health health = Health::not_reached;
  std::string code;      // of a failure, as are the two below
  std::string sentence;  // why
  std::string next;      // what to do now
};

// One finding for each layer, in their order. `status` is the object of docs/cli.md.
std::vector<Finding> examine(const View& status);

bool all_well(const std::vector<Finding>& findings);

// A line for each layer, and below a failure why and what to do.
std::string render_findings(const std::vector<Finding>& findings);
// {"ok":false,"layers":[{"layer":"tls","health":"failed","code":...,"sentence":...,"next_step":...}]}
nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

}  // namespace oobm::ctl
