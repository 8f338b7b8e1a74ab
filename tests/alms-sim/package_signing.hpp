// Manifests of packages, as whoever releases the agent signs them: with a key of its own, one for
// each instance, that signs nothing else. On a bench it lies beside the instance's other keys; a
// real one stays where releases are made.
#pragma once

#include <string>

#include "tests/alms-sim/clock.hpp"
#include "tests/alms-sim/jose.hpp"

namespace oobm::alms_sim {

// Reads <folder>/package.pem; makes it where it is missing. Errors: KEY_FILE.
Result<KeyPair> package_key(const std::string& folder, const std::string& instance);

struct PackageFacts {
  std::string name;
  std::string version;
  std::string architecture;  // as uname -m says it
  std::string min_agent;
  bool downgrade = false;
};

// The claims for a package with these contents. `now`: when the manifest is made.
Json manifest_claims(const std::string& instance, const PackageFacts& facts,
                     std::string_view contents, Millis now);

// A compact JWS of type "oobm-package".
std::string sign_manifest(const Json& claims, const KeyPair& key);

}  // namespace oobm::alms_sim
