#include "agent/daemon/memory.hpp"

#include "agent/store/migration.hpp"
#include "agent/store/state_codec.hpp"

namespace oobm::daemon {
namespace {

// The claims of a stored statement, or why its text no longer counts.
template <class Claims>
std::expected<Claims, std::string> believe(const Directory& directory, const std::string& issuer,
                                           const std::string& text) {
  const auto statement = directory.verify(issuer, text);
  if (!statement) return std::unexpected(std::string(core::code(statement.error().reason)));
  const auto* claims = std::get_if<Claims>(&statement->claims);
  if (claims == nullptr) return std::unexpected("it is another kind of statement");
  return *claims;
}

// What is left when there was a memory and it cannot be read: not the same as a first start.
core::State forgotten() {
  core::State state;
  state.reason = core::Reason::state_lost;
  return state;
}

// A new file of this content, on the medium when this returns.
store::FileResult<void> keep(store::FileSystem& files, const std::string& folder,
                             std::string_view content) {
  const std::string path = folder + "/" + undecodable_file;
  const auto handle = files.create(path);
  if (!handle) return std::unexpected(handle.error());
  auto done = files.write(*handle, content).and_then([&] { return files.sync(*handle); });
  files.close(*handle);
  // A failed call on a handle does not know its file's name.
  if (!done) done.error().path = path;
  return done.and_then([&] { return files.sync_folder(folder); });
}

}  // namespace

Memory::Memory(const std::string& folder, store::FileSystem& files)
    : folder_(folder), files_(files), slots_(folder, store::state_schema, files) {}

core::State Memory::load(Directory& directory) {
  auto stored = slots_.load();
  remarks_ = std::move(stored.remarks);
  if (stored.outcome == store::LoadOutcome::empty) return {};
  if (stored.outcome == store::LoadOutcome::nothing_readable) return forgotten();
  if (stored.outcome == store::LoadOutcome::newer_schema) {
    // The newer agent's document stays beside ours for the firmware that can read it.
    slots_.begin_anew();
    return forgotten();
  }
  auto decoded = store::migrated(stored.payload, stored.schema).and_then(store::state_from_json);
  if (!decoded) {
    const auto& [where, sentence] = decoded.error();
    remarks_.push_back("the stored state is not usable: " + (where.empty() ? "" : where + ": ") +
                       sentence);
    set_aside(stored.payload);
    return forgotten();
  }
  core::State state = std::move(decoded->state);
  // Keys first: the entitlement may be signed by one of them.
  if (!decoded->trust_text.empty()) restore_trust(directory, decoded->trust_text, state);
  if (!decoded->entitlement_text.empty())
    restore_entitlement(directory, decoded->entitlement_text, state);
  return state;
}

// The slot that holds it is overwritten by the second commit from now.
void Memory::set_aside(const std::string& payload) {
  const auto kept = keep(files_, folder_, payload);
  remarks_.push_back(kept ? "it is kept as " + folder_ + "/" + undecodable_file
                          : "it could not be set aside: " + store::sentence(kept.error()));
}

void Memory::restore_trust(Directory& directory, const std::string& text, core::State& state) {
  std::string why;
  for (const auto& instance : directory.instances()) {
    auto trust = believe<core::TrustSet>(directory, instance.id, text);
    if (!trust) {
      why += " " + instance.id + ": " + trust.error() + ".";
      continue;
    }
    if (trust->version < instance.trust_version) {
      remarks_.push_back("the stored key set of instance " + instance.id +
                         " is older than the one in the firmware and used no more");
      return;
    }
    directory.adopt(instance.id, *trust);
    state.trust = core::HeldTrust{text, *std::move(trust)};
    return;
  }
  remarks_.push_back("the stored key set does not verify:" +
                     (why.empty() ? " there is no instance." : why));
}

void Memory::restore_entitlement(const Directory& directory, const std::string& text,
                                 core::State& state) {
  auto claims = state.registration
                    ? believe<core::Entitlement>(directory, state.registration->issuer, text)
                    : std::unexpected(std::string("it belongs to no registration"));
  if (claims)
    state.entitlement = core::HeldEntitlement{text, *std::move(claims)};
  else
    remarks_.push_back("the stored entitlement does not verify: " + claims.error());
}

std::expected<void, std::string> Memory::commit(const core::State& state) {
  const auto payload = store::state_to_json(state);
  if (!payload) return std::unexpected(payload.error().where + ": " + payload.error().sentence);
  const auto stored = slots_.commit(*payload);
  if (!stored) return std::unexpected(stored.error().sentence);
  ++commits_;
  return {};
}

}  // namespace oobm::daemon
