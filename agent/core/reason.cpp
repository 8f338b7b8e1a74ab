#include "agent/core/reason.hpp"

#include <algorithm>
#include <array>

namespace oobm::core {
namespace {

using enum Reason;

constexpr std::array table{
    ReasonRow{none, "NONE", "Nothing is wrong.", ""},

    ReasonRow{board_silent, "BOARD_SILENT",
              "The board has not told who this router is, so nothing may leave.",
              "Check that the board helper is installed and works; the log has its words."},
    ReasonRow{serial_missing, "SERIAL_MISSING",
              "The board gave no serial number, so this router cannot say who it is.",
              "Restore the factory data, or return the router for repair."},
    ReasonRow{serial_invalid, "SERIAL_INVALID",
              "The serial number in the factory data is not valid.",
              "Compare it with the label; restore the factory data."},
    ReasonRow{sku_missing, "SKU_MISSING",
              "The board gave no SKU, so the ALMS instance of this router cannot be told.",
              "Restore the factory data, or return the router for repair."},
    ReasonRow{sku_invalid, "SKU_INVALID", "The SKU in the factory data is not valid.",
              "Compare it with the label; restore the factory data."},
    ReasonRow{
        sku_unknown, "SKU_UNKNOWN",
        "This SKU is not in the catalogue, so the router's ALMS instance is not known and is not "
        "guessed.",
        "Install a firmware or a catalogue file that lists this SKU."},
    ReasonRow{imei_invalid, "IMEI_INVALID", "The IMEI in the factory data is not valid.",
              "Compare it with the label; restore the factory data."},
    ReasonRow{
        imei_mismatch, "IMEI_MISMATCH",
        "The OOBM module's IMEI is not the one this router is known by (factory data, else the "
        "first one ever read): the module was exchanged.",
        "Have the factory data rewritten for the new module, then register the router again."},
    ReasonRow{region_conflict, "REGION_CONFLICT",
              "The board's factory region and the catalogue's region for this SKU disagree.",
              "Compare SKU and factory region with the label; restore the factory data."},
    ReasonRow{instance_unknown, "INSTANCE_UNKNOWN",
              "The configured ALMS instance does not exist in the instance data.",
              "Correct `instance` in the configuration, or remove it: the SKU decides."},
    ReasonRow{no_instance, "NO_INSTANCE", "No ALMS instance serves this router's region.",
              "Install a firmware whose instance data serves this region."},
    ReasonRow{
        region_mismatch, "REGION_MISMATCH",
        "This router's SKU does not belong to that ALMS instance: it can neither register nor "
        "activate there, and nothing was sent.",
        "Create or move the account on the instance that serves this SKU, and set or remove "
        "`instance` in the configuration."},

    ReasonRow{never_registered, "NEVER_REGISTERED", "No ALMS account knows this router yet.",
              "Register it in ALMS with its serial number and IMEI."},
    ReasonRow{pending, "PENDING", "ALMS has heard this router; no operator has registered it yet.",
              "Register it in ALMS with its serial number and IMEI, on an AirLink Complete or "
              "Premium offer."},
    ReasonRow{awaiting_order, "AWAITING_ORDER",
              "The router is registered and in Inventory: it waits for a purchase order.",
              "Submit a purchase order for this router, or have an operator activate it."},
    ReasonRow{activation_ordered, "ACTIVATION_ORDERED",
              "Activation is ordered; the path over the OOBM radio is not proven yet.",
              "Look at the OOBM radio below; the router tries by itself."},
    ReasonRow{in_service, "IN_SERVICE", "The subscription is valid and the router is in service.",
              ""},
    ReasonRow{test_service, "TEST_SERVICE", "The router is in service for a test (TEST_READY).",
              ""},
    ReasonRow{term_ended, "TERM_ENDED",
              "The paid term has ended; service goes on through the grace period.",
              "Renew now: send a purchase order to the partner."},
    ReasonRow{extension_late, "EXTENSION_LATE",
              "Direct billing has not extended the term, as it does month by month; service goes "
              "on through the grace period.",
              "Ask the partner why the account was not billed for this month."},
    ReasonRow{suspended_by_alms, "SUSPENDED_BY_ALMS", "ALMS has suspended this router.",
              "Renew the service or have the operator resume the router in ALMS; then "
              "`oobmctl sync`, or wait for the daily probe."},
    ReasonRow{lapsed, "LAPSED", "Term and grace have ended without a renewal.",
              "Renew: send a purchase order to the partner; then `oobmctl sync`, or wait for the "
              "daily probe."},
    ReasonRow{retired, "RETIRED", "ALMS has retired this router for good.",
              "If it is to serve again, register it anew in ALMS."},
    ReasonRow{deregistered, "DEREGISTERED", "ALMS has removed this router from its account.",
              "If it is to serve again, register it anew in ALMS."},
    ReasonRow{state_lost, "STATE_LOST",
              "The stored entitlement could not be verified, so the router asks ALMS again.",
              "Nothing, if it can reach ALMS; else see the link below."},

    ReasonRow{account_class, "ACCOUNT_CLASS",
              "The account is of class Standard, which cannot hold XR routers.",
              "Create an account of type \"AVC (Connectivity + Device Management)\" on the right "
              "instance and register the router there."},
    ReasonRow{not_registered, "NOT_REGISTERED", "ALMS does not hold this router.",
              "Register it in ALMS with its serial number and IMEI."},
    ReasonRow{offer_device_mismatch, "OFFER_DEVICE_MISMATCH",
              "The offer is tied to another device type than this router.",
              "Change the router's offer in ALMS to one for its model."},
    ReasonRow{offer_no_oobm, "OFFER_NO_OOBM",
              "The offer includes no connectivity for the OOBM radio.",
              "Change the router's offer in ALMS to AirLink Complete or AirLink Premium."},
    ReasonRow{registered_elsewhere, "REGISTERED_ELSEWHERE",
              "This serial number or IMEI is registered in another account.",
              "Have the other account release the router, or ask customer support."},
    ReasonRow{identity_mismatch, "IDENTITY_MISMATCH",
              "Serial number and IMEI in ALMS are not both those of this router.",
              "Compare both with the label and correct the registration in ALMS."},
    ReasonRow{sim_mismatch, "SIM_MISMATCH", "The SIM in ALMS is not the one in this router.",
              "Compare the ICCID and correct the registration in ALMS."},

    ReasonRow{statement_too_large, "STATEMENT_TOO_LARGE", "A signed statement is too long.",
              "Report it to ALMS support; the router keeps its state."},
    ReasonRow{statement_malformed, "STATEMENT_MALFORMED", "A signed statement is malformed.",
              "Report it to ALMS support; the router keeps its state."},
    ReasonRow{statement_algorithm, "STATEMENT_ALGORITHM",
              "A statement is not signed with ES256, the only algorithm accepted.",
              "Report it to ALMS support; the router keeps its state."},
    ReasonRow{statement_type, "STATEMENT_TYPE", "A signed statement is of the wrong type.",
              "Report it to ALMS support; the router keeps its state."},
    ReasonRow{statement_key, "STATEMENT_KEY",
              "A statement is signed with a key that this instance does not use.",
              "Check that the router's firmware is current; report it to ALMS support."},
    ReasonRow{statement_signature, "STATEMENT_SIGNATURE", "The signature of a statement is wrong.",
              "Report it to ALMS support: somebody may be forging statements."},
    ReasonRow{statement_issuer, "STATEMENT_ISSUER",
              "A statement was issued by another ALMS instance.",
              "Report it to ALMS support; the router keeps its state."},
    ReasonRow{statement_audience, "STATEMENT_AUDIENCE", "A statement is meant for another program.",
              "Report it to ALMS support; the router keeps its state."},
    ReasonRow{statement_replayed, "STATEMENT_REPLAYED",
              "A statement is older than the one the router holds.",
              "Nothing: the router keeps the newer one."},
    ReasonRow{
        statement_nonce, "STATEMENT_NONCE",
        "A statement opens a new registration without answering this router's own announcement.",
        "Run `oobmctl sync`, so that the router announces itself again; where every link is down, "
        "`oobmctl entitlement request`."},
    ReasonRow{statement_superseded, "STATEMENT_SUPERSEDED",
              "A statement belongs to a registration that was replaced.",
              "Nothing: the router keeps the newer registration."},
    ReasonRow{trust_version, "TRUST_VERSION", "A set of keys is older than the one in use.",
              "Nothing: the router keeps the newer set."},

    ReasonRow{malformed, "MALFORMED", "The task could not be read.", ""},
    ReasonRow{unknown_task, "UNKNOWN_TASK", "This agent does not know that task.", ""},
    ReasonRow{bad_parameter, "BAD_PARAMETER",
              "A parameter is missing, of the wrong type or out of range.", ""},
    ReasonRow{unregistered, "UNREGISTERED", "The router is not registered.", ""},
    ReasonRow{inventory, "INVENTORY", "The router is in Inventory and not in service.", ""},
    ReasonRow{activating, "ACTIVATING", "The router is being activated and not in service yet.",
              ""},
    ReasonRow{suspended, "SUSPENDED", "The router is suspended.", ""},
    ReasonRow{blocked, "BLOCKED", "The router is blocked.", ""},
    ReasonRow{interrupted, "INTERRUPTED",
              "The router stopped while it carried the task out; its outcome is not known.", ""},
    ReasonRow{not_installed, "NOT_INSTALLED",
              "The part of the agent that does this is not installed.", ""},
    ReasonRow{busy, "BUSY", "Too many tasks are waiting.", ""},
    ReasonRow{stale, "STALE",
              "The task is older than this router's record of tasks reaches, so it may have been "
              "carried out already; it was not.",
              "If it is still wanted, send it anew."},
    ReasonRow{reboot_budget, "REBOOT_BUDGET",
              "The router has been restarted by command as often as a day allows.",
              "Wait; or restart it on the spot, if it must be."},
    ReasonRow{failed, "FAILED", "The task was tried and failed.", ""},
    ReasonRow{
        data_allowance, "DATA_ALLOWANCE",
        "The data allowance of this month is used up: telemetry and files wait, the router can "
        "still be managed.",
        "Wait for the next month, or have the offer changed to one with more data in ALMS."},
    ReasonRow{
        upload_failed, "UPLOAD_FAILED", "The support bundle could not be sent.",
        "See what the transfer says, with `oobmctl transfers`; `oobmctl support-bundle` writes "
        "one on the router."},

    ReasonRow{package_manifest, "PACKAGE_MANIFEST",
              "The package's signed manifest is missing, too large or not what it should be.",
              "Have the package signed anew, and its manifest put beside it as <address>.jws."},
    ReasonRow{package_key, "PACKAGE_KEY",
              "The manifest names a key that signs no packages for this router.",
              "Have the package signed with the key in this router's instance data."},
    ReasonRow{package_signature, "PACKAGE_SIGNATURE", "The signature of the manifest is wrong.",
              "Report it to ALMS support: somebody may be forging packages."},
    ReasonRow{package_issuer, "PACKAGE_ISSUER",
              "The manifest was made for the routers of another ALMS instance.",
              "Order the package that was signed for this router's instance."},
    ReasonRow{package_name, "PACKAGE_NAME", "The package is not this agent.",
              "Order a package of type oobm-agent."},
    ReasonRow{package_architecture, "PACKAGE_ARCHITECTURE", "The package is for another processor.",
              "Order the package that was built for this router."},
    ReasonRow{package_version, "PACKAGE_VERSION",
              "The manifest is for another version than the one that was ordered.",
              "Correct the revision of the order, or its address."},
    ReasonRow{package_agent_version, "PACKAGE_AGENT_VERSION",
              "The package cannot be installed from a version as old as the one that runs.",
              "Install a version between the two first."},
    ReasonRow{package_downgrade, "PACKAGE_DOWNGRADE",
              "The package is older than what has run on this router.",
              "Have a manifest made that permits to go back, if that is meant."},
    ReasonRow{package_replayed, "PACKAGE_REPLAYED",
              "The permission to go back is older than the version that runs.",
              "Have the manifest made anew, if going back is meant."},
    ReasonRow{package_size, "PACKAGE_SIZE",
              "The package has another size than its manifest says, or is too large.",
              "Compare what lies on the file server with its manifest."},
    ReasonRow{package_hash, "PACKAGE_HASH",
              "The package is not the one that was signed: its SHA-256 differs.",
              "Compare what lies on the file server with its manifest."},
    ReasonRow{package_fetch, "PACKAGE_FETCH", "The package could not be fetched.",
              "See what the transfer says, with `oobmctl transfers`."},
    ReasonRow{install_unsupported, "INSTALL_UNSUPPORTED",
              "This router's board helper cannot install packages.",
              "Install the package by hand, or a board helper with the verb install."},
    ReasonRow{install_failed, "INSTALL_FAILED",
              "The package was not installed; the version from before runs.",
              "Look at the words that follow and at the board's log."},
    ReasonRow{install_rolled_back, "INSTALL_ROLLED_BACK",
              "The new version did not prove itself; the version from before was put back.",
              "Look at the log of the time after the installation."},

    ReasonRow{storage_fault, "STORAGE_FAULT",
              "The state cannot be stored: service goes on from memory, and a restart would return "
              "to what was stored last.",
              "Make room on the flash, or have it replaced; the router stores by itself as soon as "
              "it can."},

    ReasonRow{imei_unknown, "IMEI_UNKNOWN",
              "The factory data has no IMEI and the OOBM module has not told one yet.",
              "Check that the OOBM module is powered and its port exists."},
    ReasonRow{radio_absent, "RADIO_ABSENT",
              "The OOBM module's port does not exist or cannot be opened.",
              "Check the module's power and the configured port; another process may hold it."},
    ReasonRow{radio_silent, "RADIO_SILENT", "The OOBM module does not answer.",
              "Power-cycle the router; if it stays silent, have the module replaced."},
    ReasonRow{sim_absent, "SIM_ABSENT", "The OOBM module finds no SIM.",
              "Insert or replace the OOBM SIM."},
    ReasonRow{sim_locked, "SIM_LOCKED", "The OOBM SIM asks for a PIN or PUK.",
              "Unlock the SIM in another device; the agent never guesses a PIN."},
    ReasonRow{no_coverage, "NO_COVERAGE", "The OOBM radio finds no network.",
              "Check the OOBM antenna and its place."},
    ReasonRow{registration_denied, "REGISTRATION_DENIED",
              "The cellular network refuses the OOBM SIM; it may be dormant or suspended.",
              "Check the subscription in ALMS; the main WAN carries the registration meanwhile."},
    ReasonRow{bearer_down, "BEARER_DOWN", "The OOBM data connection cannot be brought up.",
              "Look at APN and board log; the router tries again by itself."},
    ReasonRow{wan_down, "WAN_DOWN", "The main WAN is down.", "Check the main WAN."},
    ReasonRow{uplink_failed, "UPLINK_FAILED", "ALMS could not be reached.",
              "See the failing layer below; the router tries again by itself."},
    ReasonRow{
        oversized_packet, "OVERSIZED_PACKET",
        "ALMS's broker announced a larger packet than this router takes; it was refused unread.",
        "Nothing: the next session is a fresh one, which drops what the broker kept for this "
        "router."},
    ReasonRow{no_reply, "NO_REPLY", "ALMS was reached but did not answer the announcement in time.",
              "Wait for the next attempt, or run `oobmctl sync`."},
    ReasonRow{
        clock_untrusted, "CLOCK_UNTRUSTED",
        "Only the certificate's dates are wrong, which is a matter of the clock: the connection "
        "serves lifecycle tasks alone.",
        "Check the time sources with `oobmctl status`."},
};

}  // namespace

std::span<const ReasonRow> reasons() { return table; }

const ReasonRow& row(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < table.size() ? table[index] : table.front();
}

std::optional<Reason> reason_from_code(std::string_view code) {
  const auto* found = std::ranges::find(table, code, &ReasonRow::code);
  if (found == table.end()) return std::nullopt;
  return found->reason;
}

bool refuses_registration(Reason reason) {
  switch (reason) {
    case account_class:
    case region_mismatch:
    case not_registered:
    case offer_device_mismatch:
    case offer_no_oobm:
    case registered_elsewhere:
    case identity_mismatch:
    case sim_mismatch:
    case retired:
      return true;
    default:
      return false;
  }
}

}  // namespace oobm::core
