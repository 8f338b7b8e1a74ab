// Renewal notices of a pre-paid term: at 90, 60, 30, 14, 7, 3 and 1 days before its end, each once.
// Direct billing renews itself monthly and knows no countdown; there the notice is that an expected
// extension is late.
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

// ---- direct billing

// Direct billing extends the term month by month, at its end; an extension that has not come when
// this much of the grace is over, and at most a day after the end, is late.
inline constexpr std::chrono::seconds latest_extension{86'400};
inline constexpr int late_share_of_grace = 2;
// Stands in the place of a notice's days once it was told that the extension is late.
inline constexpr int late_notice = -1;

// From when on the extension is late; nothing where the term does not renew itself.
std::optional<UnixTime> late_from(const Entitlement& entitlement);
bool extension_is_late(const Entitlement& entitlement, UnixTime now);

// The next instant at which a notice falls due; nothing when none is left.
std::optional<UnixTime> next_notice(const Entitlement& entitlement, UnixTime now);

}  // namespace oobm::core
