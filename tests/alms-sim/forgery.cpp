#include "tests/alms-sim/forgery.hpp"

#include "tests/alms-sim/jws.hpp"
#include "tests/alms-sim/statement.hpp"

namespace oobm::alms_sim {
namespace {

constexpr std::size_t jti_octets = 8;

Json basis(const Platform& platform, const std::string& typ, const Arguments& arguments,
           Millis now) {
  const std::string& instance = platform.settings().instance;
  if (typ == trust_type) {
    constexpr std::uint64_t next_version = 2;
    const Json jwks = Json::array({platform.keys().signing().public_jwk()});
    return trust_claims(instance, next_version, jwks, now);
  }
  const auto found = platform.world().systems.find(arguments.text("serial"));
  if (found == platform.world().systems.end()) return Json::object();
  System system = found->second;
  ++system.seq;
  system.last_jti = random_hex(jti_octets);
  const Envelope envelope{instance, arguments.text_or("nonce", ""), now};
  if (typ == deregistration_type) return deregistration_claims(system, envelope);
  return entitlement_claims(platform.world(), system, region_served(instance), envelope);
}

void apply_overrides(Json& claims, const Arguments& arguments) {
  const Json set = arguments.json_or("set", Json::object());
  for (const auto& [name, value] : set.items()) claims[name] = value;
  const Json unset = arguments.json_or("unset", Json::array());
  for (const Json& name : unset) claims.erase(name.get<std::string>());
  if (const auto octets = arguments.maybe<std::size_t>("pad")) {
    claims["pad"] = std::string(*octets, 'x');
  }
}

// Flips bits in the middle of the signature, where no unused bits of the encoding lie.
void break_signature(std::string& statement) {
  char& letter = statement[statement.size() - 40];
  letter = letter == 'A' ? 'B' : 'A';
}

}  // namespace

Result<std::string> forge_statement(const Platform& platform, const Arguments& arguments,
                                    Millis now) {
  const std::string typ = arguments.text_or("typ", entitlement_type);
  const std::string name = arguments.text_or("key", typ == trust_type ? "root-1" : "signing");
  const KeyPair other = KeyPair::generate(platform.keys().signing().kid());
  const auto key = name == "other" ? Result<const KeyPair*>(&other) : platform.keys().find(name);
  if (!key) return std::unexpected(key.error());
  Json claims = basis(platform, typ, arguments, now);
  apply_overrides(claims, arguments);
  const Json header = {{"alg", arguments.text_or("alg", "ES256")},
                       {"typ", typ},
                       {"kid", arguments.text_or("kid", (*key)->kid())}};
  std::string statement = compact_jws(header, claims, **key);
  if (arguments.flag("break_signature")) break_signature(statement);
  return statement;
}

}  // namespace oobm::alms_sim
