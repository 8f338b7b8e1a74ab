// Which package may take this agent's place. A task of ALMS names a package by type, revision and
// address only; what it is made of is said by its manifest, which a key signs that signs nothing
// else (agent/alms/package_manifest.hpp). Here is decided whether that package may be installed on
// this router: it must be this agent, in the ordered version, for this processor, from a version
// that the manifest allows, and not behind what has already proved itself here.
//
// Going back is dangerous, since old faults come back with an old version. It needs the manifest's
// own permission, and a manifest that was made after that of the version which runs: one that was
// once good for going back is not good for ever.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "agent/core/reason.hpp"
#include "agent/core/task.hpp"
#include "agent/core/time.hpp"
#include "agent/core/version.hpp"

namespace oobm::core {

inline constexpr std::string_view agent_package = "oobm-agent";
// Largest package that is accepted; the agent's own has a little over a megabyte.
inline constexpr std::uint64_t max_package_bytes = 64ULL * 1024 * 1024;

// What a manifest says, its signature verified.
struct PackageManifest {
  std::string issuer;  // id of the ALMS instance
  std::string name;
  Version version;
  std::string architecture;  // as uname -m says it: "aarch64"
  std::uint64_t size = 0;    // bytes
  std::string sha256;        // 64 hexadecimal digits, lower case
  Version least_agent;       // the oldest version from which it may be installed
  UnixTime issued_at;
  bool downgrade = false;  // it may replace a later version
};

// Where it is to be installed.
struct PackageGround {
  std::string architecture;  // of the running agent
  Version running;
  Version floor;        // the last version that proved itself on this router
  UnixTime floor_time;  // when the manifest of that version was made; 1970: not known
};

// Whether the order asks for what runs already.
bool runs_already(const SoftwareInstall& order, const Version& running);

// Pure. Errors, the first that applies: package_name, package_architecture, package_version,
// package_size, package_agent_version, package_downgrade, package_replayed.
std::expected<void, Refusal> judge_package(const PackageManifest& manifest,
                                           const SoftwareInstall& order,
                                           const PackageGround& ground);

}  // namespace oobm::core
