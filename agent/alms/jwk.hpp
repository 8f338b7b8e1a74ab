// One P-256 public key as JWK, out of JSON that is already parsed. Internal to agent/alms; the
// public readers are in agent/alms/keys.hpp.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "agent/alms/json_text.hpp"
#include "agent/core/statement.hpp"

namespace oobm::alms {

// Errors: a sentence. The coordinates must name a point of the curve.
std::expected<core::SigningKey, std::string> read_jwk(const Json& json);

// A list of 1 to `most` keys with ids of their own.
std::expected<std::vector<core::SigningKey>, std::string> read_jwk_list(const Json& json,
                                                                        std::size_t most);

}  // namespace oobm::alms
