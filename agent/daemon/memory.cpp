#include "agent/daemon/memory.hpp"

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

}  // namespace

Memory::Memory(const std::string& folder) : slots_(folder, store::state_schema) {}

core::State Memory::load(Directory& directory) {
  auto stored = slots_.load();
  remarks_ = std::move(stored.remarks);
  // The newer agent's document stays beside ours for the firmware that can read it.
  if (stored.outcome == store::LoadOutcome::newer_schema) slots_.begin_anew();
  if (stored.outcome == store::LoadOutcome::empty) return {};
  if (stored.payload.empty()) return forgotten();
  auto decoded = store::state_from_json(stored.payload);
  if (!decoded) {
    remarks_.push_back("the stored state is not usable: " + decoded.error().where + ": " +
                       decoded.error().sentence);
    return forgotten();
  }
  core::State state = std::move(decoded->state);
  if (!state.registration) return state;
  const auto& issuer = state.registration->issuer;
  if (!decoded->trust_text.empty()) {
    auto trust = believe<core::TrustSet>(directory, issuer, decoded->trust_text);
    if (trust) {
      directory.adopt(issuer, *trust);
      state.trust = core::HeldTrust{decoded->trust_text, *std::move(trust)};
    } else {
      remarks_.push_back("the stored key set does not verify: " + trust.error());
    }
  }
  if (!decoded->entitlement_text.empty()) {
    auto claims = believe<core::Entitlement>(directory, issuer, decoded->entitlement_text);
    if (claims)
      state.entitlement = core::HeldEntitlement{decoded->entitlement_text, *std::move(claims)};
    else
      remarks_.push_back("the stored entitlement does not verify: " + claims.error());
  }
  return state;
}

std::expected<void, std::string> Memory::commit(const core::State& state) {
  const auto payload = store::state_to_json(state);
  if (!payload) return std::unexpected(payload.error().where + ": " + payload.error().sentence);
  const auto stored = slots_.commit(*payload);
  if (!stored) return std::unexpected(stored.error().sentence);
  return {};
}

}  // namespace oobm::daemon
