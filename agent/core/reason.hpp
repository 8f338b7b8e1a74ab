// Every reason this agent can give, in one table: a stable code for programs and ALMS, a sentence
// for the technician, and what to do next. A refusal, a state and an error are never said in other
// words than these. docs/reasons.md is generated from the table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace oobm::core {

enum class Reason : std::uint8_t {
  none,
  // Identity and region: they block the router before a byte leaves.
  board_silent,
  serial_missing,
  serial_invalid,
  sku_missing,
  sku_invalid,
  sku_unknown,
  imei_invalid,
  imei_mismatch,
  region_conflict,
  instance_unknown,
  no_instance,
  region_mismatch,
  // Why a state holds.
  never_registered,
  pending,
  awaiting_order,
  activation_ordered,
  in_service,
  test_service,
  term_ended,
  extension_late,
  suspended_by_alms,
  lapsed,
  retired,
  deregistered,
  state_lost,
  // Refusals of a registration, by ALMS or by the agent's own check of a statement.
  account_class,
  not_registered,
  offer_device_mismatch,
  offer_no_oobm,
  registered_elsewhere,
  identity_mismatch,
  sim_mismatch,
  // Refusals of a signed statement.
  statement_too_large,
  statement_malformed,
  statement_algorithm,
  statement_type,
  statement_key,
  statement_signature,
  statement_issuer,
  statement_audience,
  statement_replayed,
  statement_nonce,
  statement_superseded,
  trust_version,
  // Answers to a task.
  malformed,
  unknown_task,
  bad_parameter,
  unregistered,
  inventory,
  activating,
  suspended,
  blocked,
  interrupted,
  not_installed,
  busy,
  stale,
  reboot_budget,
  failed,
  data_allowance,
  upload_failed,
  // An installation: why the package was refused, or what became of it.
  package_manifest,
  package_key,
  package_signature,
  package_issuer,
  package_name,
  package_architecture,
  package_version,
  package_agent_version,
  package_downgrade,
  package_replayed,
  package_size,
  package_hash,
  package_fetch,
  install_unsupported,
  install_failed,
  install_rolled_back,
  // The router's own flash.
  storage_fault,
  // Links: conditions, never states.
  imei_unknown,
  radio_absent,
  radio_silent,
  sim_absent,
  sim_locked,
  no_coverage,
  registration_denied,
  bearer_down,
  wan_down,
  uplink_failed,
  oversized_packet,
  no_reply,
  clock_untrusted,
};

struct ReasonRow {
  Reason reason;
  std::string_view code;       // stable, upper case, never reused
  std::string_view sentence;   // what is so, and why it matters
  std::string_view next_step;  // what the technician does; empty when nothing is to be done
};

// The whole table, in the order of the enumeration.
std::span<const ReasonRow> reasons();

// Never fails: every enumerator has its row (a test walks them).
const ReasonRow& row(Reason reason);

inline std::string_view code(Reason reason) { return row(reason).code; }

// The reason for a code; nothing for a code that is not in the table.
std::optional<Reason> reason_from_code(std::string_view code);

// Whether ALMS, or the agent's own check of an entitlement, refuses a registration for this reason.
bool refuses_registration(Reason reason);

// A refusal: the reason and, where there is more to say, the particular case in words.
struct Refusal {
  Reason reason = Reason::none;
  std::string detail;  // at most 200 characters; empty when the row says it all
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace oobm::core
