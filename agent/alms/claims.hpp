// The claims of each kind of statement: names, types and bounds, in one place. Registered names are
// those of RFC 7519 section 4.1; unknown claims are ignored, as section 4 asks; a known claim of
// the wrong type, out of range or given twice refuses the whole statement.
#pragma once

#include <expected>
#include <string_view>

#include "agent/core/reason.hpp"
#include "agent/core/statement.hpp"

namespace oobm::alms {

// `json` is the payload of a statement whose signature holds. Pure and total.
// Errors: statement_malformed; parse_entitlement also account_class.
std::expected<core::Entitlement, core::Refusal> parse_entitlement(std::string_view json);
std::expected<core::Deregistration, core::Refusal> parse_deregistration(std::string_view json);
std::expected<core::TrustSet, core::Refusal> parse_trust_set(std::string_view json);

}  // namespace oobm::alms
