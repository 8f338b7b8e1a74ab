// Compact JWS with ES256 (RFC 7515 section 3.1), as ALMS writes its statements and manifests.
#pragma once

#include <string>
#include <string_view>

#include "tests/alms-sim/jose.hpp"

namespace oobm::alms_sim {

// header.payload.signature, the header taken as it is. An "alg" of "none" gives an empty signature.
std::string compact_jws(const Json& header, const Json& claims, const KeyPair& key);

// The claims of a compact JWS, its signature unchecked; null when it is none.
Json jws_claims(std::string_view text);

}  // namespace oobm::alms_sim
