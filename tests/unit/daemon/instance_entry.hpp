// One instance as instances.json describes it, with keys for packages.
#pragma once

#include "tests/unit/alms/signer.hpp"

namespace oobm::daemon {

inline alms::testing::Json instance_entry(const alms::testing::Authority& authority,
                                          const alms::testing::Json& packages) {
  return {{"id", "na"},
          {"serves", {"NA"}},
          {"mqtt", {{"host", "na.example"}}},
          {"tls_anchors", "ca.pem"},
          {"roots", {authority.root_1.jwk(), authority.root_2.jwk()}},
          {"trust", authority.root_1.sign("oobm-trust", authority.trust_claims())},
          {"packages", packages}};
}

}  // namespace oobm::daemon
