// The ALMS instances as this daemon can use them: where each is reached, what proves its brokers,
// and whose signature counts as its word. Data read at start; what cannot be verified there is left
// out and said so.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "agent/alms/keys.hpp"
#include "agent/core/package.hpp"
#include "agent/core/region.hpp"
#include "agent/core/task.hpp"
#include "agent/daemon/config.hpp"

namespace oobm::daemon {

class Directory {
 public:
  // Verifies each instance's shipped key set with its roots.
  explicit Directory(std::vector<InstanceConfig> instances);

  // As the region rule wants them.
  [[nodiscard]] std::vector<core::Instance> instances() const;
  // Null when there is no such instance.
  [[nodiscard]] const InstanceConfig* find(const std::string& id) const;
  // Why no connection may be made to it; nothing when it can be used.
  [[nodiscard]] std::optional<std::string> why_unusable(const std::string& id) const;

  // What the statement says, by the keys of this instance. Errors: statement_key where the instance
  // has no keys, and those of alms::verify_statement().
  [[nodiscard]] core::StatementResult verify(const std::string& id, std::string_view jws) const;

  // What the manifest of a package says, by the keys that this instance signs packages with.
  // Errors: those of alms::verify_package_manifest().
  [[nodiscard]] std::expected<core::PackageManifest, core::Refusal> verify_package(
      const std::string& id, std::string_view jws) const;

  // Whether a key that this instance signs packages with signed it; nothing is parsed for that.
  [[nodiscard]] bool signed_package(const std::string& id, std::string_view jws) const;

  // Uses a newer key set, already verified.
  void adopt(const std::string& id, const core::TrustSet& trust);

  // Sentences for the log: what could not be verified.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  void make_ring(InstanceConfig& instance);
  void take_package_keys(const InstanceConfig& instance, const alms::KeyRing& ring);
  [[nodiscard]] std::span<const core::SigningKey> package_keys(const std::string& id) const;

  std::vector<InstanceConfig> instances_;
  std::map<std::string, alms::KeyRing> rings_;
  std::map<std::string, std::vector<core::SigningKey>> package_keys_;
  std::vector<std::string> remarks_;
};

}  // namespace oobm::daemon
