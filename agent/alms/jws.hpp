// The envelope of a signed statement: a compact JWS (RFC 7515 section 7.1) with ES256 and nothing
// else. The header must name algorithm, type and key; a header that asks for more than this agent
// understands (`crit`) is refused (RFC 7515 section 4.1.11), as is any other algorithm, `none`
// above all (RFC 8725 section 3.1). What the header says is not believed until the signature holds.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "agent/core/reason.hpp"

namespace oobm::alms {

// `typ` of the header (RFC 8725 section 3.11: explicit typing). A package's manifest has the same
// envelope and is no statement: agent/alms/package_manifest.hpp reads it.
enum class StatementType : std::uint8_t { entitlement, deregistration, trust, package };
std::string_view to_text(StatementType type);  // "oobm-entitlement" ...

// R || S, each 32 bytes, big-endian (RFC 7518 section 3.4).
using Es256Signature = std::array<std::uint8_t, 64>;

struct Jws {
  StatementType type = StatementType::entitlement;
  std::string key_id;         // kid, 1 to 64 characters
  std::string signing_input;  // ASCII(header) "." ASCII(payload), as received
  std::string payload;        // decoded; still unbelieved
  Es256Signature signature{};
};

// Pure and total. Errors: statement_too_large (more than 1,536 bytes), statement_malformed,
// statement_algorithm, statement_type, statement_key (no `kid`), statement_signature (not 64
// bytes).
std::expected<Jws, core::Refusal> parse_jws(std::string_view text);

}  // namespace oobm::alms
