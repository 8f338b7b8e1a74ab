// The desk that operators come to: every verb of the command line, as JSON in and JSON out. An act
// that changes a system is told to its router at once (Reception::inform). Verbs that let a test
// misbehave (send-raw, sign) are here too; they change nothing that ALMS holds.
#pragma once

#include <string>

#include "tests/alms-sim/error.hpp"
#include "tests/alms-sim/platform.hpp"
#include "tests/alms-sim/reception.hpp"

namespace oobm::alms_sim {

class OperatorDesk {
 public:
  OperatorDesk(Platform& platform, Reception& reception)
      : platform_(platform), reception_(reception) {}

  // Errors: UNKNOWN_VERB, BAD_ARGUMENT, and those of the verb.
  Result<Json> perform(const std::string& verb, const Json& arguments, Millis now);

  // Once a second or so: terms that have ended, months that are billed. Returns whether something
  // changed.
  bool tick(Millis now);

 private:
  Platform& platform_;
  Reception& reception_;
};

}  // namespace oobm::alms_sim
