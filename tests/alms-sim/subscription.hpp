// The life of a registered system, as ALMS keeps it (AirVantage API, System: INVENTORY, TEST_READY,
// ACTIVE, SUSPENDED, RETIRED). A registered system waits in INVENTORY for a purchase order or an
// operator. Pre-paid service runs for a term: one year unless the order says three or five; a
// purchase order extends it from its end, or from today when it has lapsed, and brings a suspended
// system back. When term and grace are over and nobody has renewed, ALMS suspends. Direct billing
// renews itself month by month after the first year and knows no purchase orders. The OOBM SIM
// follows its router: active in service, suspended with it, dormant before activation.
// Sources: https://source.sierrawireless.com/airvantage/almsc/reference/accountMigration,
// https://source.sierrawireless.com/airvantage/av/reference/cloud/API/API-System-v1
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tests/alms-sim/platform.hpp"

namespace oobm::alms_sim {

inline constexpr int default_term_months = 12;
inline constexpr std::chrono::seconds default_grace{7 * 86'400};
inline constexpr std::chrono::seconds max_grace{30 * 86'400};

// What was bought. Seconds win over months: a bench need not wait a year.
struct Term {
  std::optional<int> months;  // 1 to 120
  std::optional<std::chrono::seconds> seconds;
  std::optional<std::chrono::seconds> grace;  // 0 to max_grace; else the system's, or the default
  std::optional<std::int64_t> data_limit_bytes;  // per month
  bool upfront = false;  // replaces the first year's default instead of extending it
};

struct RegistrationForm {
  std::string serial, imei, iccid, account, offer;
  std::string sku;  // as shipped; empty when only the router itself can say
};

// Each act checks that the state allows it. Errors: UNKNOWN_SYSTEM, WRONG_STATE and those named.
// Nobody is told yet: Reception::inform does that.

// Errors: UNKNOWN_ACCOUNT, OFFER_NOT_IN_ACCOUNT, REGISTERED_ELSEWHERE, BAD_SERIAL, BAD_IMEI; or a
// refusal of the registration rules, which is kept for the router to learn.
Result<void> register_system(Platform& platform, const RegistrationForm& form, Millis now);
Result<void> activate(Platform& platform, const std::string& serial, const Term& term, bool test,
                      Millis now);
// Errors: DIRECT_BILLING, BAD_TERM.
Result<void> purchase_order(Platform& platform, const std::string& serial, const Term& term,
                            Millis now);
Result<void> suspend(Platform& platform, const std::string& serial);
Result<void> resume(Platform& platform, const std::string& serial, Millis now);
Result<void> retire(Platform& platform, const std::string& serial);
// Returns the signed deregistration.
Result<std::string> deregister(Platform& platform, const std::string& serial, Millis now);
Result<void> change_offer(Platform& platform, const std::string& serial, const std::string& offer);

// Suspends a pre-paid system whose term and grace are over, and prolongs a direct one. True when
// something changed.
bool suspend_if_ended(Platform& platform, System& system, Millis now);
bool renew_if_direct(Platform& platform, System& system, Millis now);

}  // namespace oobm::alms_sim
