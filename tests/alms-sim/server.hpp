// `alms-sim serve`: one loop that joins broker, operators and state file. Whatever the platform has
// decided is saved before it is published, so that a sequence number that a router has seen is
// never issued again.
//
// Control socket: one JSON object per line, {"verb": ..., "args": {...}} -> {"ok": true, "result":
// ...} or {"ok": false, "error": {"code", "text"}}. The verb "wait" is answered when its condition
// holds, or with the error TIMEOUT.
#pragma once

#include <string>

#include "tests/alms-sim/broker_link.hpp"
#include "tests/alms-sim/error.hpp"
#include "tests/alms-sim/platform.hpp"

namespace oobm::alms_sim {

struct ServerOptions {
  Settings settings;
  BrokerOptions broker;
  std::string state_folder;
  std::string control_socket;
  std::string sim_folder;  // empty: SIM orders are not written anywhere
};

// Runs until SIGTERM or SIGINT. Errors: KEY_FILE, STATE_FILE, FILE, CONTROL_SOCKET.
Result<void> serve(const ServerOptions& options);

}  // namespace oobm::alms_sim
