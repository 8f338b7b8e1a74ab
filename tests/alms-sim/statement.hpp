// The signed statements that ALMS issues: entitlements, and deregistrations. An entitlement says
// the whole truth about one registration (state, region, account, offer, term, grace), so that a
// router needs no earlier one; `seq` rises with every statement of a registration, and a nonce is
// there only when the statement answers an announcement that bore it.
#pragma once

#include <string>

#include "tests/alms-sim/clock.hpp"
#include "tests/alms-sim/model.hpp"

namespace oobm::alms_sim {

inline constexpr const char* entitlement_type = "oobm-entitlement";
inline constexpr const char* deregistration_type = "oobm-deregistration";
inline constexpr const char* trust_type = "oobm-trust";

struct Envelope {
  std::string instance;  // iss
  std::string nonce;     // empty: none
  Millis now;            // iat
};

// The system's seq and last_jti are taken as they are. `region` is "NA" or "GLOBAL".
Json entitlement_claims(const World& world, const System& system, const std::string& region,
                        const Envelope& envelope);
Json deregistration_claims(const System& system, const Envelope& envelope);

std::string sign_statement(const char* type, const Json& claims, const KeyPair& key);

}  // namespace oobm::alms_sim
