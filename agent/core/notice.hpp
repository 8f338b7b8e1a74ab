// Renewal notices of a pre-paid term: at 90, 60, 30, 14, 7, 3 and 1 days before its end, each once.
// Direct billing renews itself monthly and knows no countdown.
// Source: https://source.sierrawireless.com/airvantage/almsc/reference/accountMigration (90 days);
// the later ones are this agent's.
#pragma once

#include <chrono>
#include <optional>

#include "agent/core/statement.hpp"
#include "agent/core/time.hpp"

namespace oobm::core {

// Days of the term that are left, begun days counted; 0 when it has ended.
int days_left(UnixTime end, UnixTime now);

// The notice that is due, in days before the end; nothing when none is, or when `last_given` (0:
// none) was this one or a later one.
std::optional<int> due_notice(const Entitlement& entitlement, UnixTime now, int last_given);

// The next instant at which a notice falls due; nothing when none is left.
std::optional<UnixTime> next_notice(const Entitlement& entitlement, UnixTime now);

}  // namespace oobm::core
