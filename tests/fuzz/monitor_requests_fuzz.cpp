// Whatever a daemon that somebody has taken over sends its monitor: what is read as a request reads
// as itself and keeps its bounds, and nothing runs but what the plan and the board contract have.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent/daemon/exit_record.hpp"
#include "agent/daemon/monitor_protocol.hpp"
#include "agent/daemon/package_guard.hpp"
#include "hal/board/verbs.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace oobm::daemon;
using oobm::fuzz::require;

const MonitorPlan plan{.board_helper = "/usr/libexec/oobm/board",
                       .transfer_helper = "/usr/libexec/oobm/oobm-transfer",
                       .port = "usb:1199:c001:3",
                       .state_folder = "/etc/oobm/state",
                       .run_folder = "/var/run/oobm",
                       .instances_file = "/usr/share/oobm/instances.json",
                       .instance = "na",
                       .version = "0.1.0",
                       .user = 977,
                       .group = 978};

void judge(const MonitorRequest& request) {
  const auto count = descriptors_of(plan, request);
  if (!count) return;
  const auto& texts = request.texts;
  require(request.ask == Ask::run && request.number != 0, "only a run runs");
  if (texts.size() == 1) return require(texts[0] == "transfer" && *count == 4, "the other helper");
  require(texts[0] == "board" && *count == 2, "a program of the plan");
  require(oobm::hal::is_board_request(texts[1], std::span(texts).subspan(2)), "of the contract");
  for (std::size_t i = 2; i < texts.size(); ++i) {
    require(!texts[i].starts_with('/') || texts[i] == given_package(plan),
            "no file but the daemon's package");
    require(!texts[i].starts_with('-'), "no option");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto request = request_from(bytes)) {
    require(request->texts.size() <= max_monitor_texts, "texts are bounded");
    require(to_bytes(*request) == bytes, "a request reads as itself");
    judge(*request);
    if (const auto other = plan_from(*request)) {
      require(other->user != 0 && other->group != 0, "never for root");
      require(plan_from(to_request(*other)) == *other, "a plan reads as itself");
    }
    for (const auto& text : request->texts)
      require(!is_planned_port(plan, text) || text == plan.port, "a port and no other");
  }
  if (const auto answer = answer_from(bytes))
    require(to_bytes(*answer) == bytes, "an answer reads as itself");
  if (const auto record = exit_record_from_json(bytes))
    require(exit_record_from_json(to_json(*record)) == *record, "a record reads as itself");
  return 0;
}
