#include "tests/alms-sim/statement.hpp"

#include <algorithm>

#include "tests/alms-sim/jws.hpp"

namespace oobm::alms_sim {
namespace {

// Warranty lasts as long as the service, five years at most.
constexpr int max_warranty_months = 60;

// As My Account shows it.
std::string class_name(const std::string& account_class) {
  return account_class == "AVC" ? "AVC (Connectivity + Device Management)" : account_class;
}

Json shared_claims(const System& system, const Envelope& envelope) {
  Json claims = {{"iss", envelope.instance},   {"aud", "oobm-agent"},
                 {"sub", system.serial},       {"imei", system.imei},
                 {"reg", system.registration}, {"seq", system.seq},
                 {"jti", system.last_jti},     {"iat", seconds_count(to_seconds(envelope.now))}};
  if (!envelope.nonce.empty()) claims["nonce"] = envelope.nonce;
  return claims;
}

void add_term(Json& claims, const System& system) {
  if (system.valid_until_s == 0) return;
  const Seconds activated{std::chrono::seconds{system.activated_at_s}};
  const auto warranty_end = seconds_count(add_months(activated, max_warranty_months));
  claims["valid_until"] = system.valid_until_s;
  claims["support_until"] = system.valid_until_s;
  claims["warranty_until"] = std::min(system.valid_until_s, warranty_end);
  claims["grace_s"] = system.grace_s;
}

}  // namespace

Json entitlement_claims(const World& world, const System& system, const std::string& region,
                        const Envelope& envelope) {
  const Account& account = world.accounts.at(system.account);
  const Offer* offer = find_offer(world, system.offer);
  Json claims = shared_claims(system, envelope);
  claims["state"] = to_text(system.state);
  claims["region"] = region;
  claims["account"] = {
      {"id", account.id}, {"name", account.name}, {"class", class_name(account.account_class)}};
  claims["offer"] = {{"name", system.offer},
                     {"devices", offer != nullptr ? offer->devices : std::vector<std::string>{}},
                     {"services", offer != nullptr ? offer->services : std::vector<std::string>{}}};
  claims["billing"] = account.billing;
  add_term(claims, system);
  if (system.data_limit_bytes > 0) {
    claims["data"] = {{"limit_bytes", system.data_limit_bytes}, {"period", "month"}};
  }
  return claims;
}

Json deregistration_claims(const System& system, const Envelope& envelope) {
  return shared_claims(system, envelope);
}

std::string sign_statement(const char* type, const Json& claims, const KeyPair& key) {
  return compact_jws({{"alg", "ES256"}, {"typ", type}, {"kid", key.kid()}}, claims, key);
}

}  // namespace oobm::alms_sim
