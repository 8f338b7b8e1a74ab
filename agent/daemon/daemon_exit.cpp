// How the last run ended, where it did not end in good order: told once, to ALMS and the
// technician.
#include <algorithm>
#include <limits>

#include "agent/daemon/daemon.hpp"

namespace oobm::daemon {
namespace {

std::int32_t bounded(std::int64_t value) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::min(value, most));
}

core::ExitReport report_of(const ExitRecord& record) {
  const auto ran = std::chrono::duration_cast<std::chrono::seconds>(record.ran);
  return {.cause = cause_text(record),
          .in_a_row = bounded(record.in_a_row),
          .seconds_ran = bounded(ran.count())};
}

}  // namespace

void Daemon::tell_last_exit() {
  if (!setup_.last_exit || setup_.last_exit->told) return;
  auto& record = *setup_.last_exit;
  feed(core::RunEndedBadly{.report = report_of(record), .text = sentence(record)});
  // A state that cannot be stored tells it again at the next start.
  if (!storage_fault_.empty()) return;
  record.told = true;
  if (const auto saved = save_exit_record(setup_.config.state_folder, record); !saved)
    log_.warning("exit_record", {{"error", saved.error()}});
}

}  // namespace oobm::daemon
