#include "agent/alms/statement.hpp"

#include <utility>

#include "agent/alms/claims.hpp"
#include "agent/alms/es256.hpp"
#include "agent/alms/jws.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using Claims = decltype(core::SignedStatement::claims);

std::unexpected<core::Refusal> refuse(Reason reason, std::string detail) {
  return std::unexpected(core::Refusal{reason, std::move(detail)});
}

template <class T>
std::expected<Claims, core::Refusal> widen(std::expected<T, core::Refusal> parsed) {
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return Claims(std::move(*parsed));
}

std::expected<Claims, core::Refusal> parse_claims(const Jws& jws) {
  switch (jws.type) {
    case StatementType::entitlement:
      return widen(parse_entitlement(jws.payload));
    case StatementType::deregistration:
      return widen(parse_deregistration(jws.payload));
    case StatementType::trust:
      return widen(parse_trust_set(jws.payload));
    case StatementType::package:
      break;
  }
  return refuse(Reason::statement_type, {});
}

const std::string& issuer(const core::Entitlement& claims) { return claims.base.issuer; }
const std::string& issuer(const core::Deregistration& claims) { return claims.base.issuer; }
const std::string& issuer(const core::TrustSet& claims) { return claims.issuer; }

}  // namespace

core::StatementResult verify_statement(std::string_view text, const KeyRing& ring) {
  const auto jws = parse_jws(text);
  if (!jws) return std::unexpected(jws.error());
  if (jws->type == StatementType::package)
    return refuse(Reason::statement_type, "It says " + in_quotes(to_text(jws->type)) + ".");
  const auto* key =
      jws->type == StatementType::trust ? ring.root(jws->key_id) : ring.signer(jws->key_id);
  if (key == nullptr)
    return refuse(Reason::statement_key,
                  "Key " + in_quotes(jws->key_id) + " is not one that signs " +
                      std::string(to_text(jws->type)) + " for " + ring.instance() + ".");
  if (!verify_es256(*key, jws->signing_input, jws->signature))
    return refuse(Reason::statement_signature,
                  "Key " + in_quotes(jws->key_id) + " did not sign it.");
  auto claims = parse_claims(*jws);
  if (!claims) return std::unexpected(std::move(claims.error()));
  const auto& said =
      std::visit([](const auto& c) -> const std::string& { return issuer(c); }, *claims);
  if (said != ring.instance())
    return refuse(Reason::statement_issuer, "It was issued by " + in_quotes(said) +
                                                ", this router belongs to " + ring.instance() +
                                                ".");
  return core::SignedStatement{std::string(text), std::move(*claims)};
}

}  // namespace oobm::alms
