#include "tests/alms-sim/registration.hpp"

#include <algorithm>

namespace oobm::alms_sim {
namespace {

constexpr std::string_view oobm_service = "OOBM_CONNECTIVITY";
constexpr std::size_t imei_digits = 15;
constexpr std::size_t min_serial = 6;
constexpr std::size_t max_serial = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool luhn_holds(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, doubled = !doubled) {
    const int digit = (*at - '0') * (doubled ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

Result<void> check_region(const World& world, const std::string& instance,
                          const RouterFacts& facts) {
  if (facts.sku.empty()) return {};
  const Sku* sku = find_sku(world, facts.sku);
  if (sku == nullptr) {
    return fail("REGION_MISMATCH", "SKU " + facts.sku + " is not in this instance's catalogue.");
  }
  if (sku->region == region_served(instance)) return {};
  return fail("REGION_MISMATCH", "SKU " + facts.sku + " is a " + sku->region +
                                     " router and instance \"" + instance +
                                     "\" does not serve it: use an account in the " +
                                     (sku->region == "NA" ? "NA" : "EU") + " data centre.");
}

Result<void> check_account(const World& world, const System& system) {
  const auto account = world.accounts.find(system.account);
  if (account == world.accounts.end()) {
    return fail("ACCOUNT_CLASS", "The account " + system.account + " does not exist any more.");
  }
  if (account->second.account_class == "AVC") return {};
  return fail("ACCOUNT_CLASS", "Account \"" + account->second.name + "\" is of class " +
                                   account->second.account_class +
                                   "; XR routers need AVC (Connectivity + Device Management).");
}

Result<void> check_offer(const World& world, const System& system, const RouterFacts& facts) {
  const Offer* offer = find_offer(world, system.offer);
  if (offer == nullptr) return fail("OFFER_NO_OOBM", "Offer \"" + system.offer + "\" is gone.");
  const Sku* sku = find_sku(world, facts.sku);
  if (sku != nullptr && !offer->devices.empty() &&
      !std::ranges::contains(offer->devices, sku->model)) {
    return fail("OFFER_DEVICE_MISMATCH",
                "Offer \"" + offer->name + "\" is not for the model " + sku->model + ".");
  }
  if (std::ranges::contains(offer->services, oobm_service)) return {};
  return fail("OFFER_NO_OOBM",
              "Offer \"" + offer->name + "\" does not include out-of-band connectivity.");
}

Result<void> check_imei_is_free(const World& world, const System& system) {
  for (const auto& [serial, other] : world.systems) {
    const bool holds = other.imei == system.imei && other.state != SystemState::retired;
    if (serial == system.serial || !holds) continue;
    return fail("REGISTERED_ELSEWHERE",
                "IMEI " + system.imei + " is already registered with serial " + serial + ".");
  }
  return {};
}

Result<void> check_same_router(const System& system, const RouterFacts& facts) {
  if (!facts.serial.empty() && facts.serial != system.serial) {
    return fail("IDENTITY_MISMATCH", "The router calls itself " + facts.serial +
                                         " and is logged in as " + system.serial + ".");
  }
  if (!facts.imei.empty() && facts.imei != system.imei) {
    return fail("IDENTITY_MISMATCH", "Serial " + system.serial + " is registered with IMEI " +
                                         system.imei + ", the router reports IMEI " + facts.imei +
                                         ".");
  }
  if (!facts.iccid.empty() && !system.iccid.empty() && facts.iccid != system.iccid) {
    return fail("SIM_MISMATCH", "Serial " + system.serial + " is registered with SIM " +
                                    system.iccid + ", the router reports SIM " + facts.iccid + ".");
  }
  return {};
}

}  // namespace

std::string region_served(const std::string& instance) {
  if (instance == "na") return "NA";
  if (instance == "eu") return "GLOBAL";
  return "";
}

Result<void> check_registration(const World& world, const std::string& instance,
                                const System& system, const RouterFacts& facts) {
  return check_region(world, instance, facts)
      .and_then([&] { return check_account(world, system); })
      .and_then([&] { return check_offer(world, system, facts); })
      .and_then([&] { return check_imei_is_free(world, system); })
      .and_then([&] { return check_same_router(system, facts); });
}

Result<void> check_identifiers(const std::string& serial, const std::string& imei) {
  const bool serial_holds = serial.size() >= min_serial && serial.size() <= max_serial &&
                            std::ranges::all_of(serial, [](char c) {
                              return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
                            });
  if (!serial_holds) {
    return fail("BAD_SERIAL", "\"" + serial + "\" is no serial number.");
  }
  if (imei.size() != imei_digits || !std::ranges::all_of(imei, is_digit) || !luhn_holds(imei)) {
    return fail("BAD_IMEI", "\"" + imei + "\" is no IMEI: 15 digits, the last a check digit.");
  }
  return {};
}

}  // namespace oobm::alms_sim
