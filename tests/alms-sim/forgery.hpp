// Statements as tests want them: true ones of this instance with claims, header or key replaced.
#pragma once

#include <string>

#include "tests/alms-sim/arguments.hpp"
#include "tests/alms-sim/platform.hpp"

namespace oobm::alms_sim {

// Arguments, all but serial optional: typ, alg, key (signing, root-1, root-2, other), kid, nonce,
// set {claim: value}, unset [claim], pad (octets of an extra claim), break_signature.
// The basis is the next entitlement of the system, or for a serial that is not registered the
// claims named by `set` alone. Sequence and jti are not used up.
Result<std::string> forge_statement(const Platform& platform, const Arguments& arguments,
                                    Millis now);

}  // namespace oobm::alms_sim
