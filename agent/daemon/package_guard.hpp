// Root installs nothing that it has not verified itself. The daemon, which fetched a package and
// verified it first, reads what strangers have written and may obey somebody else by now: its word
// counts for nothing here. The manifest's signature is held against the keys in the firmware's own
// instance data before anything in it is parsed; the rules for a package are the daemon's
// (agent/core/package.hpp), with a memory of root's own of what proved itself on this router; and
// what the board gets is a copy in a folder of root's, hashed while it was made, so that nobody can
// exchange it between check and use.
//
// Keys of packages come with the firmware alone: no signed key set brings them, and what the daemon
// has in its state folder cannot add one (docs/adr/0018-root-verifies-packages-itself.md).
#pragma once

#include <expected>
#include <string>

#include "agent/core/reason.hpp"
#include "agent/daemon/monitor_protocol.hpp"

namespace oobm::daemon {

// In the folder of transferred files; the copy has the package's name too.
inline constexpr const char* manifest_file = "oobm-package.jws";
inline constexpr const char* package_file = "oobm-package.ipk";

// Where the daemon has the package that it asks for.
std::string given_package(const MonitorPlan& plan);

// The path of the verified copy of what the daemon holds as the package of `version`; the copy
// before it is gone. It is judged as if what runs, where root let it pass, had been confirmed: a
// board begins nothing while that is on trial. Called as root. Blocks while a package is copied
// within memory. Errors: those of core::judge_package() and alms::verify_package_manifest();
// package_size and package_hash; install_failed where a file is not a plain one of the daemon's
// user, or where what root relies on could be changed by somebody else.
std::expected<std::string, core::Refusal> take_package(const MonitorPlan& plan,
                                                       const std::string& version);

// The copy is wanted no more. With `accepted`, the board has begun with it: root remembers which
// version that is, and when its manifest was made.
void release_package(const MonitorPlan& plan, bool accepted);

// The board takes this version as installed for good: root's floor, if it is the one that root
// remembers to have let pass.
void confirm_package(const MonitorPlan& plan, const std::string& version);

}  // namespace oobm::daemon
