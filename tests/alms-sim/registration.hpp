// Whether a router may be registered, and whether a router that announces itself is the one that
// was registered. The rules, in the order in which they are asked:
// - The SKU decides the instance: a North American SKU is served by NA, a Global one by EU, no XR
//   by any other (REGION_MISMATCH).
// - An XR router needs an account of class AVC; a Standard account is refused (ACCOUNT_CLASS).
// - An offer tied to other device types is refused (OFFER_DEVICE_MISMATCH).
// - An offer without OOBM connectivity cannot activate the radio (OFFER_NO_OOBM).
// - An IMEI is registered once (REGISTERED_ELSEWHERE).
// - The IMEI is the registration's second identifier (IDENTITY_MISMATCH); a SIM named at
//   registration must be the one in the router (SIM_MISMATCH).
// Sources: Semtech, "Evolution of ALMS Accounts" quick reference guide, and
// https://source.sierrawireless.com/airvantage/almsc/reference/accountMigration
#pragma once

#include <string>

#include "tests/alms-sim/error.hpp"
#include "tests/alms-sim/model.hpp"

namespace oobm::alms_sim {

// What is known of the router itself; empty where it has not said so yet.
struct RouterFacts {
  std::string serial;
  std::string sku;
  std::string imei;
  std::string iccid;
};

// Regions that an instance serves: na -> NA, eu -> GLOBAL, any other none. Empty for none.
std::string region_served(const std::string& instance);

// Asked of the operator's act and again of every announcement. A fact that is empty is not judged.
Result<void> check_registration(const World& world, const std::string& instance,
                                const System& system, const RouterFacts& facts);

// Serial: 6 to 32 upper-case letters, digits and dashes. IMEI: 15 digits with the right check digit
// (Luhn, 3GPP TS 23.003 annex B). Errors: BAD_SERIAL, BAD_IMEI.
Result<void> check_identifiers(const std::string& serial, const std::string& imei);

}  // namespace oobm::alms_sim
