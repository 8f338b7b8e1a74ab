// Whose word counts: every instance has at least two root keys, pinned in the firmware and kept
// offline, and a set of signing keys in use which only a root can replace. A key of another
// instance is unknown here.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/statement.hpp"

namespace oobm::alms {

// One public key as JWK (RFC 7517; EC P-256: RFC 7518 section 6.2.1), or a JWK Set
// ({"keys":[...]}) or plain list of them. `kid` is required and unique; a private member (`d`) is
// refused. Pure and total. Errors: a sentence.
std::expected<core::SigningKey, std::string> parse_jwk(std::string_view json);
std::expected<std::vector<core::SigningKey>, std::string> parse_jwks(std::string_view json);

class KeyRing {
 public:
  // `instance`: the id that every issuer claim must equal. Errors: fewer than two or more than
  // eight roots, a repeated key id or key, an empty instance id.
  static std::expected<KeyRing, std::string> make(std::string instance,
                                                  std::vector<core::SigningKey> roots);

  // Uses this set from now on. It must come from a verified statement; which of two sets is newer
  // is the core's business.
  void adopt(core::TrustSet trust) { trust_ = std::move(trust); }

  [[nodiscard]] const std::string& instance() const { return instance_; }
  [[nodiscard]] const core::TrustSet& trust() const { return trust_; }
  [[nodiscard]] const std::vector<core::SigningKey>& roots() const { return roots_; }
  // Null when there is no such key. Valid until the ring changes.
  [[nodiscard]] const core::SigningKey* root(std::string_view key_id) const;
  [[nodiscard]] const core::SigningKey* signer(std::string_view key_id) const;

 private:
  KeyRing(std::string instance, std::vector<core::SigningKey> roots)
      : instance_(std::move(instance)), roots_(std::move(roots)) {}

  std::string instance_;
  std::vector<core::SigningKey> roots_;
  core::TrustSet trust_;  // no keys until one is adopted
};

}  // namespace oobm::alms
