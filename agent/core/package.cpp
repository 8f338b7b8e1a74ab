#include "agent/core/package.hpp"

#include <algorithm>

#include "agent/core/text.hpp"

namespace oobm::core {
namespace {

std::unexpected<Refusal> refuse(Reason reason, std::string_view detail) {
  return std::unexpected(Refusal{reason, clean_ascii(detail, max_detail)});
}

// What the manifest says against what was ordered.
std::expected<void, Refusal> judge_identity(const PackageManifest& manifest,
                                            const SoftwareInstall& order,
                                            const PackageGround& ground) {
  if (order.type != agent_package || manifest.name != agent_package)
    return refuse(Reason::package_name,
                  "Ordered is " + order.type + ", the manifest is for " + manifest.name + ".");
  if (manifest.architecture != ground.architecture)
    return refuse(
        Reason::package_architecture,
        "It is for " + manifest.architecture + ", this router is " + ground.architecture + ".");
  const auto ordered = Version::parse(order.revision);
  if (!ordered || *ordered != manifest.version)
    return refuse(
        Reason::package_version,
        "Ordered is " + order.revision + ", the manifest is for " + manifest.version.str() + ".");
  return {};
}

}  // namespace

bool runs_already(const SoftwareInstall& order, const Version& running) {
  const auto ordered = Version::parse(order.revision);
  return order.type == agent_package && ordered && *ordered == running;
}

std::expected<void, Refusal> judge_package(const PackageManifest& manifest,
                                           const SoftwareInstall& order,
                                           const PackageGround& ground) {
  if (auto fits = judge_identity(manifest, order, ground); !fits) return fits;
  if (manifest.size == 0 || manifest.size > max_package_bytes)
    return refuse(Reason::package_size, "The manifest says " + std::to_string(manifest.size) +
                                            " bytes, at most " + std::to_string(max_package_bytes) +
                                            ".");
  if (ground.running < manifest.least_agent)
    return refuse(
        Reason::package_agent_version,
        "It needs " + manifest.least_agent.str() + " or later, " + ground.running.str() + " runs.");
  const auto& floor = std::max(ground.floor, ground.running);
  if (manifest.version >= floor) return {};
  if (!manifest.downgrade)
    return refuse(Reason::package_downgrade,
                  "It is " + manifest.version.str() + ", this router had " + floor.str() + ".");
  if (manifest.issued_at <= ground.floor_time) return refuse(Reason::package_replayed, {});
  return {};
}

}  // namespace oobm::core
