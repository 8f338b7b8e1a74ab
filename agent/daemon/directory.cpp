#include "agent/daemon/directory.hpp"

#include <algorithm>

#include "agent/alms/package_manifest.hpp"
#include "agent/alms/statement.hpp"

namespace oobm::daemon {

Directory::Directory(std::vector<InstanceConfig> instances) : instances_(std::move(instances)) {
  for (auto& instance : instances_)
    if (!daemon::why_unusable(instance)) make_ring(instance);
}

void Directory::make_ring(InstanceConfig& instance) {
  const auto& id = instance.instance.id;
  const auto remark = [&](const std::string& why) {
    remarks_.push_back("instance " + id + ": " + why);
  };
  auto roots = alms::parse_jwks(instance.roots_json);
  if (!roots) return remark(roots.error());
  auto ring = alms::KeyRing::make(id, *std::move(roots));
  if (!ring) return remark(ring.error());
  const auto shipped = alms::verify_statement(instance.trust, *ring);
  if (!shipped)
    return remark("the shipped key set is not signed by a root: " +
                  std::string(core::code(shipped.error().reason)));
  const auto* trust = std::get_if<core::TrustSet>(&shipped->claims);
  if (trust == nullptr) return remark("the shipped key set is another kind of statement");
  ring->adopt(*trust);
  instance.instance.trust_version = trust->version;
  take_package_keys(instance, *ring);
  rings_.emplace(id, *std::move(ring));
}

// A key that signs statements too would let whoever may suspend a router put a program on it.
void Directory::take_package_keys(const InstanceConfig& instance, const alms::KeyRing& ring) {
  const auto& id = instance.instance.id;
  if (instance.packages_json == "[]") return;
  const auto keys = alms::parse_jwks(instance.packages_json);
  if (!keys) {
    remarks_.push_back("instance " + id + ": keys of packages: " + keys.error());
    return;
  }
  for (const auto& key : *keys) {
    const auto same = [&](const core::SigningKey& other) {
      return other.x == key.x && other.y == key.y;
    };
    if (std::ranges::any_of(ring.roots(), same) || std::ranges::any_of(ring.trust().keys, same))
      remarks_.push_back("instance " + id + ": " + key.id + " signs statements, so no packages");
    else
      package_keys_[id].push_back(key);
  }
}

std::vector<core::Instance> Directory::instances() const {
  std::vector<core::Instance> list;
  for (const auto& instance : instances_) list.push_back(instance.instance);
  return list;
}

const InstanceConfig* Directory::find(const std::string& id) const {
  const auto found = std::ranges::find_if(
      instances_, [&](const InstanceConfig& i) { return i.instance.id == id; });
  return found == instances_.end() ? nullptr : &*found;
}

std::optional<std::string> Directory::why_unusable(const std::string& id) const {
  const auto* instance = find(id);
  if (instance == nullptr) return "There is no instance \"" + id + "\" in the data.";
  if (auto why = daemon::why_unusable(*instance)) return why;
  if (!rings_.contains(id))
    return "The keys of instance \"" + id +
           "\" do not verify; install a firmware with correct instance data.";
  return std::nullopt;
}

core::StatementResult Directory::verify(const std::string& id, std::string_view jws) const {
  const auto ring = rings_.find(id);
  if (ring == rings_.end())
    return std::unexpected(
        core::Refusal{core::Reason::statement_key, "No keys for this instance."});
  return alms::verify_statement(jws, ring->second);
}

std::expected<core::PackageManifest, core::Refusal> Directory::verify_package(
    const std::string& id, std::string_view jws) const {
  return alms::verify_package_manifest(jws, id, package_keys(id));
}

bool Directory::signed_package(const std::string& id, std::string_view jws) const {
  return alms::is_signed_by_one_of(jws, package_keys(id));
}

std::span<const core::SigningKey> Directory::package_keys(const std::string& id) const {
  const auto keys = package_keys_.find(id);
  return keys == package_keys_.end() ? std::span<const core::SigningKey>{} : keys->second;
}

void Directory::adopt(const std::string& id, const core::TrustSet& trust) {
  const auto ring = rings_.find(id);
  if (ring != rings_.end()) ring->second.adopt(trust);
}

}  // namespace oobm::daemon
