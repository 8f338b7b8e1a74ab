// A command of oobmctl, as data: what it is called, what it says of itself, what it takes and what
// it does. Private to agent/ctl; the table is in ctl.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "agent/ctl/asking.hpp"

namespace oobm::cli {
class CommandLine;
}

namespace oobm::ctl {

// All that commands take; each reads its own.
struct Options {
  std::string socket = "/var/run/oobm/control.sock";
  bool as_json = false;
  bool watch = false;
  bool follow = false;
  int wait_s = 0;
  int last = 256;
  std::string at_command;
  bool force = false;
  std::string action = "show";
  std::string file;
  std::string url;
  std::string sha256;
  std::string name;
  std::uint64_t size = 0;
  bool no_wait = false;
  bool cancel = false;
};

struct Command {
  const char* name;
  const char* help;
  Result<int> (*run)(const Options&);
  void (*add_options)(cli::CommandLine&, Options&);
};

Result<Client> connect(const Options& options);
// The daemon's status.
Result<nlohmann::json> status_of(Client& client);

// ---- records.cpp: what a technician takes away, and what he brings
Result<int> run_entitlement(const Options& options);
Result<int> run_trust(const Options& options);
Result<int> run_state(const Options& options);
Result<int> run_support_bundle(const Options& options);
void entitlement_options(cli::CommandLine& line, Options& options);
void trust_options(cli::CommandLine& line, Options& options);
void state_options(cli::CommandLine& line, Options& options);
void support_bundle_options(cli::CommandLine& line, Options& options);

}  // namespace oobm::ctl
