// The keys of one instance. Two root keys are pinned in firmware and sign nothing but the set of
// keys in use; the signing key signs entitlements and deregistrations and can be replaced by a new
// set of a higher version. On a bench all three lie in one folder, mode 0600; a real root is kept
// offline.
#pragma once

#include <array>
#include <string>

#include "tests/alms-sim/clock.hpp"
#include "tests/alms-sim/jose.hpp"

namespace oobm::alms_sim {

class Keyring {
 public:
  // Reads the folder's keys; makes those that are missing, and then a new trust set, issued `now`.
  // Errors: KEY_FILE.
  static Result<Keyring> open(const std::string& folder, const std::string& instance, Millis now);
  // Fresh keys that no file holds.
  static Keyring generate(const std::string& instance, Millis now);

  // A new signing key, in a set of the next version; the former key signs nothing any more, and is
  // in the set no more.
  void rotate(Millis now);
  // Of the set in use.
  std::uint64_t version() const { return version_; }

  const KeyPair& signing() const { return signing_; }
  const KeyPair& root(std::size_t index) const { return roots_.at(index); }
  // "signing", "root-1" or "root-2". Errors: KEY_NAME.
  Result<const KeyPair*> find(const std::string& name) const;

  // The root-signed set of keys in use, a compact JWS of type "oobm-trust".
  const std::string& trust() const { return trust_; }
  // {"roots":[jwk,jwk],"trust":"<compact JWS>"}: what firmware pins.
  Json public_part() const;

 private:
  Keyring(std::string instance, std::array<KeyPair, 2> roots, KeyPair signing, std::string trust)
      : instance_(std::move(instance)),
        roots_(std::move(roots)),
        signing_(std::move(signing)),
        trust_(std::move(trust)) {}

  std::string instance_;
  std::uint64_t version_ = 1;
  std::array<KeyPair, 2> roots_;
  KeyPair signing_;
  std::string trust_;
};

// The claims of a trust set.
Json trust_claims(const std::string& instance, std::uint64_t version, const Json& jwks, Millis now);

}  // namespace oobm::alms_sim
