// From the text of a signed statement to claims that the core may weigh. Keys in use sign
// entitlements and deregistrations, roots sign sets of keys, and neither can do the other's work.
// The claims are not parsed before the signature holds. Whether a true statement is for this
// router, new enough and fitting is not decided here (agent/core/statement.hpp).
#pragma once

#include <string_view>

#include "agent/alms/keys.hpp"
#include "agent/core/task.hpp"

namespace oobm::alms {

// Pure and total. On success `text` of the result is the statement as given. Errors:
//   statement_too_large, statement_malformed, statement_algorithm, statement_type   the envelope
//   statement_key        no such key in this role
//   statement_signature  the key did not sign this
//   statement_issuer     another instance's
//   account_class        an account class that is neither AVC nor Standard
// Any thread, as long as nobody changes the ring meanwhile.
core::StatementResult verify_statement(std::string_view text, const KeyRing& ring);

}  // namespace oobm::alms
