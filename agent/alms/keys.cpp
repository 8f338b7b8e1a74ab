#include "agent/alms/keys.hpp"

#include <algorithm>

#include "agent/alms/limits.hpp"

namespace oobm::alms {
namespace {

const core::SigningKey* find(const std::vector<core::SigningKey>& keys, std::string_view id) {
  const auto found = std::ranges::find(keys, id, &core::SigningKey::id);
  return found == keys.end() ? nullptr : &*found;
}

// Two roots that are one key would be lost together.
bool distinct(const std::vector<core::SigningKey>& keys) {
  for (auto first = keys.begin(); first != keys.end(); ++first)
    if (std::any_of(first + 1, keys.end(), [&](const auto& other) {
          return other.id == first->id || (other.x == first->x && other.y == first->y);
        }))
      return false;
  return true;
}

}  // namespace

std::expected<KeyRing, std::string> KeyRing::make(std::string instance,
                                                  std::vector<core::SigningKey> roots) {
  if (instance.empty() || instance.size() > max_issuer_bytes)
    return std::unexpected("The instance id must have 1 to 32 bytes.");
  if (roots.size() < min_root_keys || roots.size() > max_root_keys)
    return std::unexpected("Instance " + instance + " must have 2 to 8 root keys, not " +
                           std::to_string(roots.size()) + ".");
  if (!distinct(roots)) return std::unexpected("Instance " + instance + " names a root key twice.");
  return KeyRing(std::move(instance), std::move(roots));
}

const core::SigningKey* KeyRing::root(std::string_view key_id) const {
  return find(roots_, key_id);
}

const core::SigningKey* KeyRing::signer(std::string_view key_id) const {
  return find(trust_.keys, key_id);
}

}  // namespace oobm::alms
